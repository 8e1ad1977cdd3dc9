package io.autorefresh.internal.cycle;

import io.autorefresh.Outcome;
import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.Outbox;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One call of the refresher, for one batch. Its items are taken when it begins to run, not when it was planned, so
 * that the callback gets the values of that moment; those that are no longer to be refreshed then are left out.
 */
final class RefreshJob<K, V> extends Job<K, V> {

  private static final Item<?, ?>[] NONE = new Item<?, ?>[0];
  private static final VarHandle TAKEN = Handles.of(MethodHandles.lookup(), "taken", Batch.class);

  private Item<K, V>[] items;
  private final boolean freshOnly;
  /** What was taken, as far as it was; written with release, for who fails it. */
  private @Nullable Batch<K, V> taken;
  /** That of its call, for who spreads calls, or null if nobody does. */
  private @Nullable Lateness lateness;

  RefreshJob(Cycle<K, V> cycle, int number, Item<K, V>[] items, boolean freshOnly) {
    super(cycle, number, true);
    this.items = items;
    this.freshOnly = freshOnly;
  }

  /** Returns how late its call will come, for the owner, who lets it begin now. */
  LongSupplier lateness(long now) {
    Lateness late = new Lateness(cycle.context.ticker(), now);
    lateness = late;
    return late;
  }

  @Override
  String prefix() {
    return cycle.batches();
  }

  @Override
  boolean isWanted() {
    for (Item<K, V> item : items) {
      if (cycle.isWanted(item)) {
        return true;
      }
    }
    return false;
  }

  @Override
  void skip() {
    cycle.tally.add(Count.SKIPPED, items.length);
  }

  @Override
  boolean take() {
    if (cycle.isEnding()) {
      skip();
      return false;
    }
    Batch<K, V> batch = new Batch<>(items);
    TAKEN.setRelease(this, batch);
    for (Item<K, V> item : items) {
      try {
        if (cycle.context.fence().take(item, this, freshOnly, began())) {
          batch.add(item);
        }
      } catch (Throwable t) {
        contain("equals or hashCode", t);
        forgoFirst(item);
      }
    }
    cycle.tally.add(Count.SKIPPED, items.length - batch.size());
    boolean asks = batch.size() > 0 && isRunning() && !cycle.isEnding();
    if (asks && lateness != null) {
      lateness.callBegins();
    }
    return asks;
  }

  @Override
  void ask() {
    Batch<K, V> batch = taken();
    cycle.tally.add(Count.REFRESH_CALLS, 1);
    try {
      cycle.context.refresh().call(batch);
    } catch (Throwable t) {
      batch.failAll(t, cycle.context.backoff().jitter());
      cycle.failures.log("the refresher", batch.item(0).id(), t);
    }
    findTerminal(batch);
    cycle.tally.add(Count.FOREIGN, batch.foreign);
  }

  @Override
  void apply() {
    if (beginApplying()) {
      apply(taken());
    } else if (isCancelled()) {
      cycle.tally.add(Count.DISCARDED, taken().size());
    }
  }

  /** What it took when it began. */
  Batch<K, V> taken() {
    Batch<K, V> batch = taken;
    if (batch == null) {
      throw new AssertionError(name() + " has not begun");
    }
    return batch;
  }

  /** Asks the predicate while the call's time still runs. If it throws, that is the item's failure. */
  private void findTerminal(Batch<K, V> batch) {
    for (int i = 0; i < batch.size() && mayAsk(); i++) {
      try {
        if (isTerminal(batch.outcome(i), batch.value(i))) {
          batch.setTerminal(i);
        }
      } catch (Throwable t) {
        batch.set(i, Outcome.failed(t));
        cycle.failures.contain("the terminal predicate", batch.item(i).id(), t);
      }
    }
  }

  private boolean mayAsk() {
    dropInterrupt();
    return isRunning();
  }

  private boolean isTerminal(@Nullable Outcome<V> outcome, V value) {
    if (outcome instanceof Outcome.Updated<V> updated) {
      return cycle.context.isTerminal().test(updated.value());
    }
    return outcome instanceof Outcome.Unchanged<V> && cycle.context.isTerminal().test(value);
  }

  private void apply(Batch<K, V> batch) {
    long now = cycle.context.ticker().read();
    Outbox<K, V> outbox = cycle.context.map().events().newOutbox();
    Count same = null;
    int run = 0;
    boolean lost = false;
    for (int i = 0; i < batch.size(); i++) {
      Count count;
      try {
        count = apply(batch, i, now, outbox);
      } catch (Throwable t) {
        count = Count.FAILED;
        contain("equals or hashCode", t);
        end(batch.item(i));
      }
      if (batch.isTerminal(i) && (count == Count.UPDATED || count == Count.UNCHANGED)) {
        cycle.tally.add(Count.BECAME_TERMINAL, 1);
      }
      lost |= count == Count.DISCARDED;
      if (count != same) {
        add(same, run);
        same = count;
        run = 0;
      }
      run++;
    }
    add(same, run);
    if (!lost) {
      settle();
    }
    deliver(outbox);
  }

  private void add(@Nullable Count count, int n) {
    if (count != null) {
      cycle.tally.add(count, n);
    }
  }

  private Count apply(Batch<K, V> batch, int place, long now, Outbox<K, V> outbox) {
    Fence<K, V> fence = cycle.context.fence();
    Item<K, V> item = batch.item(place);
    Outcome<V> outcome = batch.outcome(place);
    Count count;
    boolean effective;
    if (outcome instanceof Outcome.Updated<V> updated) {
      count = Count.UPDATED;
      effective = fence.confirm(item, this, updated.value(), batch.isTerminal(place), now, outbox);
    } else if (outcome instanceof Outcome.Unchanged<V>) {
      count = Count.UNCHANGED;
      effective = fence.confirm(item, this, null, batch.isTerminal(place), now, outbox);
    } else if (outcome instanceof Outcome.Deleted<V>) {
      count = Count.DELETED_BY_REMOTE;
      effective = fence.remove(item, this, outbox);
    } else if (outcome instanceof Outcome.Failed<V> failed) {
      count = Count.FAILED;
      effective = batch.jitter() > 0
          ? cycle.failures.failWithOthers(item, this, failed.cause(), batch.jitter(), outbox)
          : cycle.failures.fail(item, this, failed.cause(), outbox);
      // Whoever took it from this job since then knows the job for one that goes on.
      fence.end(item, this);
    } else {
      count = Count.UNMENTIONED;
      effective = fence.release(item, this);
    }
    return effective ? count : Count.DISCARDED;
  }

  @Override
  @SuppressWarnings("unchecked")
  void expire(Outbox<K, V> outbox) {
    Batch<K, V> batch = (Batch<K, V>) TAKEN.getAcquire(this);
    if (batch == null || batch.size() == 0) {
      return;
    }
    TimeoutException timeout = cycle.failures.timeout(this);
    cycle.failures.logApart("the refresher", batch.item(0).id(), timeout);
    double jitter = cycle.context.backoff().jitter();
    int failed = 0;
    for (int i = 0; i < batch.size(); i++) {
      try {
        failed += cycle.failures.failWithOthers(batch.item(i), this, timeout, jitter, outbox) ? 1 : 0;
      } catch (Throwable t) {
        contain("equals or hashCode", t);
      }
    }
    cycle.tally.add(Count.FAILED, failed);
    cycle.tally.add(Count.TIMED_OUT_ITEMS, failed);
    cycle.tally.add(Count.DISCARDED, batch.size() - failed);
  }

  @SuppressWarnings("unchecked")
  private static <K, V> Item<K, V>[] none() {
    return (Item<K, V>[]) NONE;
  }

  @Override
  void forget() {
    if (lateness != null) {
      lateness.jobEnds();
    }
    items = none();
    TAKEN.setRelease(this, null);
  }

  @Override
  void release() {
    Batch<K, V> batch = taken;
    if (batch != null) {
      for (int i = 0; i < batch.size(); i++) {
        end(batch.item(i));
      }
    } else {
      for (Item<K, V> item : items) {
        forgoFirst(item);
      }
    }
  }

  /** A new item that was left to this job and that it could not take waits for the next cycle of all. */
  private void forgoFirst(Item<K, V> item) {
    if (freshOnly) {
      cycle.context.fence().forgoFirst(item);
    }
  }

  private void end(Item<K, V> item) {
    try {
      cycle.context.fence().end(item, this);
    } catch (Throwable t) {
      contain("equals or hashCode", t);
    }
  }
}
