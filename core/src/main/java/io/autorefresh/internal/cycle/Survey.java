package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Failure;
import io.autorefresh.internal.items.Item;
import java.util.ArrayList;
import java.util.List;

/**
 * What a walk over the live items of a stripe finds to refresh, each in one of three lists, in the order of the walk. It
 * looks at the items in passing: to come back to them would be a cache miss each.
 */
final class Survey<K, V> {

  /** New items, whose first refresh has not begun. */
  final Plan<K, V> fresh = new Plan<>(0);
  /** Those that are due by now, and those in flight. */
  final Plan<K, V> due;
  final List<BackingOff<K, V>> backingOff = new ArrayList<>();
  boolean anyInFlight;

  private final long now;
  private final long horizon;

  /** An item that backs off, and for how many nanoseconds more; none, or less, if it is due. */
  record BackingOff<K, V>(long delay, Item<K, V> item) {}

  /**
   * Creates an empty survey.
   *
   * @param horizon how many nanoseconds from now those who back off are looked for; with zero, those who are due by
   *     now are like all others
   * @param expected about how many items are due
   */
  Survey(long now, long horizon, int expected) {
    this.now = now;
    this.horizon = horizon;
    this.due = new Plan<>(expected);
  }

  /** Puts an item, which is live, where it belongs. */
  void add(Item<K, V> item) {
    Failure failure = item.failure();
    if (item.isInFlight()) {
      anyInFlight = true;
      due.add(item);
    } else if (item.isFresh()) {
      fresh.add(item);
    } else if (failure == null || horizon == 0 && failure.dueAt() - now <= 0) {
      due.add(item);
    } else if (failure.dueAt() - now <= horizon) {
      backingOff.add(new BackingOff<>(failure.dueAt() - now, item));
    }
  }
}
