package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.schedule.Call;
import io.autorefresh.internal.schedule.Cause;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One call of the deleter for one marked item, which is removed when the call returns. */
final class DeleteJob<K, V> extends Job<K, V> {

  private @Nullable Throwable thrown;
  private @Nullable Cause cause;

  DeleteJob(Cycle<K, V> cycle, Call<Item<K, V>> call) {
    super(cycle, "delete", "the deleter", call);
  }

  @Override
  void ask() {
    count(Count.DELETE_CALLS, 1);
    Item<K, V> item = items()[0];
    try {
      Objects.requireNonNull(cycles.settings.deleter).delete(item.id(), item.value());
    } catch (Throwable t) {
      if (isRunning()) {
        thrown = t;
        cause = cycles.note(callback, item.id(), t);
      }
    }
  }

  @Override
  void apply() {
    Item<K, V> item = items()[0];
    if (thrown == null || cause == null) {
      count(Count.DELETIONS, cycles.fence.remove(item, this) ? 1 : 0);
    } else {
      count(Count.DELETION_FAILURES, fail(item, thrown, cause) ? 1 : 0);
    }
  }
}
