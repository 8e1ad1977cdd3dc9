package io.autorefresh.internal.items;

import org.jspecify.annotations.Nullable;

/**
 * One generation of an id: what the map keeps of it from its creation to its removal. Its identity is the fence: whoever
 * was handed this object can never touch a later generation of the id.
 *
 * <p>The value and the two chain links are read without a lock. All else is guarded by the lock of the item's stripe;
 * planning and statistics peek at it without, and what they decide is checked again under the lock. The frequency is
 * written by readers, and may lose a count.
 *
 * <p>There are two links because growing builds the next table while readers walk the present one: see {@link Table}.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Item<K, V> {

  /** What a hit counts up to: two bits, as in S3-FIFO. */
  static final byte MAX_FREQUENCY = 3;

  final K id;
  final int hash;
  volatile V value;
  volatile @Nullable Item<K, V> even;
  volatile @Nullable Item<K, V> odd;

  /** The stripe's queue that has this item, null before it is mapped and after it is removed. */
  @Nullable ItemQueue<K, V> queue;

  @Nullable Item<K, V> before;
  @Nullable Item<K, V> after;

  /** The job that has this item, or null. */
  @Nullable Object ticket;

  @Nullable Failure failure;
  long confirmedAt;
  byte frequency;
  boolean terminal;
  boolean marked;
  boolean fresh;

  Item(K id, int hash, V value, long now, boolean terminal, boolean fresh) {
    this.id = id;
    this.hash = hash;
    this.value = value;
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
    return queue != null;
  }

  public boolean isTerminal() {
    return terminal;
  }

  public boolean isMarked() {
    return marked;
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

  /** Whether a cycle should refresh it, but for its back-off. */
  public boolean isRefreshable() {
    return queue != null && !terminal && !marked && ticket == null;
  }

  void recordAccess() {
    byte seen = frequency;
    if (seen < MAX_FREQUENCY) {
      frequency = (byte) (seen + 1);
    }
  }
}
