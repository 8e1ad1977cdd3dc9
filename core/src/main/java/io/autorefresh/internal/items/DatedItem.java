package io.autorefresh.internal.items;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import org.jspecify.annotations.Nullable;

/**
 * An item of a cache whose items mostly have due times of their own. Items of other caches do without these fields. 16
 * bytes more than an {@link Item}, with the reference to a group.
 *
 * <p>The due time is written under the stripe's lock, the place by the schedule alone. The schedule takes the item out
 * of its place and then reads the due time. The writer sets the due time and then reads the place. Both fields are
 * volatile: so either the schedule sees the new due time, or the writer sees that the item has no place.
 */
sealed class DatedItem<K, V> extends GroupedItem<K, V> permits SharedItem {

  private volatile long dueAt;
  private volatile @Nullable Object place;

  /**
   * Creates an item that is not in the map.
   *
   * @param dueAt the due time after the first refresh or without one, or {@code NEVER} if it is due in every cycle
   */
  DatedItem(
      K id, int hash, V value, long now, boolean terminal, Condition condition, @Nullable Object group, long dueAt) {
    super(id, hash, value, now, terminal, condition, group);
    this.dueAt = dueAt;
  }

  @Override
  final long intervalEnd() { return dueAt; }

  @Override
  final boolean setIntervalEnd(long time) {
    long before = dueAt;
    if (time != before) {
      dueAt = time;
    }
    return time != NEVER && (place == null || before == NEVER || time - before < 0);
  }

  @Override
  public final @Nullable Object place() { return place; }

  @Override
  public final void setPlace(@Nullable Object place) {
    this.place = place;
  }
}
