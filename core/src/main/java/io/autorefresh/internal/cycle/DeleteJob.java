package io.autorefresh.internal.cycle;

import io.autorefresh.Deleter;
import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.Outbox;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One call of the deleter, for one item that is marked; the item is removed when it returns. */
final class DeleteJob<K, V> extends Job<K, V> {

  private final Deleter<? super K, ? super V> deleter;
  @Nullable Item<K, V> item;
  private @Nullable Throwable thrown;

  DeleteJob(Cycle<K, V> cycle, int number, Deleter<? super K, ? super V> deleter, Item<K, V> item) {
    super(cycle, number, true);
    this.deleter = deleter;
    this.item = item;
  }

  @Override
  String prefix() {
    return cycle.name() + "/delete-";
  }

  @Override
  boolean isWanted() {
    Item<K, V> item = this.item;
    return item != null && item.isMapped() && item.isMarked() && !item.isInFlight() && cycle.isDue(item.failure());
  }

  @Override
  void skip() {}

  @Override
  boolean take() {
    Item<K, V> item = this.item;
    return item != null && !cycle.isEnding() && cycle.context.fence().takeForDeletion(item, this, began()) && !cycle.isEnding();
  }

  @Override
  void ask() {
    Item<K, V> item = this.item;
    if (item == null) {
      return;
    }
    cycle.tally.add(Count.DELETE_CALLS, 1);
    try {
      deleter.delete(item.id(), item.value());
    } catch (Throwable t) {
      thrown = t;
      cycle.failures.log("the deleter", item.id(), t);
    }
  }

  @Override
  void apply() {
    Item<K, V> item = this.item;
    if (item == null || !beginApplying()) {
      return;
    }
    Outbox<K, V> outbox = cycle.context.map().events().newOutbox();
    Throwable thrown = this.thrown;
    try {
      if (thrown == null) {
        cycle.tally.add(Count.DELETIONS, cycle.context.fence().remove(item, this, outbox) ? 1 : 0);
      } else {
        fail(item, thrown, outbox);
        release();
      }
    } finally {
      deliver(outbox);
    }
  }

  private void fail(Item<K, V> item, Throwable cause, Outbox<K, V> outbox) {
    cycle.tally.add(Count.DELETION_FAILURES, cycle.failures.fail(item, this, cause, outbox) ? 1 : 0);
  }

  @Override
  void expire(Outbox<K, V> outbox) {
    Item<K, V> item = this.item;
    if (item == null) {
      return;
    }
    TimeoutException timeout = cycle.failures.timeout(this);
    cycle.failures.logApart("the deleter", item.id(), timeout);
    fail(item, timeout, outbox);
  }

  @Override
  void release() {
    Item<K, V> item = this.item;
    if (item != null) {
      cycle.context.fence().end(item, this);
    }
  }

  @Override
  void forget() {
    item = null;
  }
}
