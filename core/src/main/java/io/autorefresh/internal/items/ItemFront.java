package io.autorefresh.internal.items;

import org.jspecify.annotations.Nullable;

/**
 * The front of an {@link Item}: the fields that a read needs. The JVM lays out the fields of a superclass first. So
 * these follow the object's header, mostly in one cache line.
 */
abstract sealed class ItemFront<K, V> permits Item {

  /** The limit of the count of hits: two bits, as in S3-FIFO. */
  static final byte MAX_FREQUENCY = 3;

  final int hash;
  final K id;
  volatile V value;
  volatile @Nullable Item<K, V> next;

  /** The number of hits, up to the limit. Readers write it without a lock, so a count may be lost. */
  byte frequency;

  /** The queue of its stripe that has this item: none before it is mapped and after it is removed. */
  byte queue = ItemQueue.NONE;

  boolean terminal;

  /** Whether the last walk did not hand it out. Belongs to the schedule. */
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
