package io.autorefresh.internal.items;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import org.jspecify.annotations.Nullable;

/**
 * An item of a cache whose items mostly have due times of their own; a class of its own, since others need no field for
 * that. 16 bytes more than an {@link Item}, with the reference to a group.
 *
 * <p>The due time is written under the stripe's lock, the place by the schedule alone. Either the schedule, which takes
 * the item out of its place and then looks at it, sees the new due time; or the writer, which looks at the place
 * afterwards, sees that the item has none. So both are volatile.
 */
sealed class DatedItem<K, V> extends GroupedItem<K, V> permits SharedItem {

  private volatile long dueAt;
  private volatile @Nullable Object place;

  /**
   * Creates an item that is not in the map.
   *
   * @param dueAt when it is due after its first refresh or without one, or {@code NEVER} if in every cycle
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
