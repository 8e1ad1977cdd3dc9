package io.autorefresh.internal.items;

import org.jspecify.annotations.Nullable;

/**
 * The front of an {@link Item}: all that a read looks at. The JVM lays out the fields of a superclass first, so
 * these lie together behind the object's header, mostly in one cache line. What the fields mean is said there.
 */
abstract sealed class ItemFront<K, V> permits Item {

  /** What a hit counts up to: two bits, as in S3-FIFO. */
  static final byte MAX_FREQUENCY = 3;

  final int hash;
  final K id;
  volatile V value;
  volatile @Nullable Item<K, V> next;

  byte frequency;

  /** Which of its stripe's queues has this item: none before it is mapped and after it is removed. */
  byte queue = ItemQueue.NONE;

  boolean terminal;

  /** Whether the walk before did not hand it out; the schedule's. */
  boolean leftOver;

  ItemFront(K id, int hash, V value) {
    this.id = id;
    this.hash = hash;
    this.value = value;
  }

  final boolean hasId(Object id, int hash) { return this.id == id || this.hash == hash && id.equals(this.id); }

  /** Counts an access and returns the value. */
  final V access() {
    byte seen = frequency;
    if (seen < MAX_FREQUENCY) {
      frequency = (byte) (seen + 1);
    }
    return value;
  }
}
