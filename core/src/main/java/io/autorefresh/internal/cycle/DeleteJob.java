package io.autorefresh.internal.cycle;

import io.autorefresh.Deleter;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.schedule.Cause;
import io.autorefresh.internal.schedule.Call;
import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/** One call of the deleter, for one item that is marked; the item is removed when it returns. */
final class DeleteJob<K, V> extends Job<K, V> {

  private final Deleter<? super K, ? super V> deleter;
  private @Nullable Throwable thrown;
  private @Nullable Cause cause;

  DeleteJob(
      Cycle<K, V> cycle, String prefix, int number, Deleter<? super K, ? super V> deleter, Call<Item<K, V>> call) {
    super(cycle, prefix, number, call);
    this.deleter = deleter;
  }

  @Override
  void ask() {
    count(Count.DELETE_CALLS, 1);
    Item<K, V> item = items()[0];
    try {
      deleter.delete(item.id(), item.value());
    } catch (Throwable t) {
      if (isRunning()) {
        thrown = t;
        cause = cycles.note(callback(), item.id(), t);
      }
    }
  }

  @Override
  void apply() {
    Item<K, V> item = items()[0];
    if (thrown == null || cause == null) {
      count(Count.DELETIONS, cycles.fence.remove(item, this) ? 1 : 0);
    } else {
      count(failure(), cycles.fail(item, this, thrown, cause) ? 1 : 0);
    }
  }

  @Override
  String callback() { return "the deleter"; }

  @Override
  Count failure() { return Count.DELETION_FAILURES; }
}
