package io.autorefresh.internal.items;

import org.jspecify.annotations.Nullable;

/**
 * One generation of an id: what the map keeps of it from its creation to its removal. Its identity is the fence:
 * whoever was handed this object can never touch a later generation of the id.
 *
 * <p>The value and the link of the chain are read without a lock. All else is guarded by the lock of the item's stripe;
 * planning and statistics peek at it without, and what they decide is checked again under the lock. The frequency is
 * written by readers, and may lose a count.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Item<K, V> extends ItemFront<K, V> {

  @Nullable Item<K, V> before;
  @Nullable Item<K, V> after;

  /** The job that has this item, or null. */
  @Nullable Object ticket;

  @Nullable Failure failure;
  long confirmedAt;

  Item(K id, int hash, V value, long now, boolean terminal, boolean fresh) {
    super(id, hash, value);
    this.confirmedAt = now;
    this.terminal = terminal;
    this.fresh = fresh && !terminal;
  }

  public K id() {
    return id;
  }

  public V value() {
    return value;
  }

  /** Whether this generation is still in the map. */
  public boolean isMapped() {
    return queue != ItemQueue.NONE;
  }

  public boolean isTerminal() {
    return terminal;
  }

  public boolean isMarked() {
    return queue == ItemQueue.MARKED;
  }

  /** Whether its first refresh, owed to it since it is new, has not begun. */
  public boolean isFresh() {
    return fresh;
  }

  public boolean isInFlight() {
    return ticket != null;
  }

  public @Nullable Failure failure() {
    return failure;
  }

  public long confirmedAt() {
    return confirmedAt;
  }

  /** Whether it does not back off at that time. */
  public boolean isDue(long now) {
    Failure failure = this.failure;
    return failure == null || failure.dueAt() - now <= 0;
  }

  /** Whether a cycle should refresh it, but for its back-off. */
  public boolean isRefreshable() {
    return isMapped() && !isMarked() && !terminal && ticket == null;
  }
}
