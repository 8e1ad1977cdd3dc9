package io.autorefresh.internal.items;

/**
 * Remembers the hashes of the items that were evicted last, so that an item that comes back soon is known to be worth
 * keeping: the ghost queue of S3-FIFO.
 *
 * <p>A queue that only answers "was it among the last n" needs no links. A slot holds a hash and the number of
 * evictions until then, and is forgotten when it is older than n. Four slots make a bucket, and the oldest of them is
 * overwritten. Guarded by the stripe's lock.
 */
final class Ghosts {

  private static final int WAYS = 4;

  private final int capacity;
  /** The number of evictions in the upper half, the hash in the lower one; zero if empty. */
  private final long[] slots;
  private int evictions;

  Ghosts(int capacity) {
    this.capacity = Math.max(1, capacity);
    int wanted = Math.max(WAYS, Math.min(1 << 28, this.capacity));
    this.slots = new long[Integer.highestOneBit(2 * wanted - 1)];
  }

  /** Remembers a hash as the one evicted last. */
  void add(int hash) {
    int bucket = bucket(hash);
    int oldest = bucket;
    for (int i = bucket + 1; i < bucket + WAYS; i++) {
      oldest = age(i) > age(oldest) ? i : oldest;
    }
    evictions++;
    slots[oldest] = (long) evictions << 32 | hash & 0xffff_ffffL;
  }

  /** Forgets a hash; returns whether it was among the last evicted. */
  boolean remove(int hash) {
    int bucket = bucket(hash);
    for (int i = bucket; i < bucket + WAYS; i++) {
      if ((int) slots[i] == hash && age(i) < capacity) {
        slots[i] = 0;
        return true;
      }
    }
    return false;
  }

  private int age(int slot) {
    return slots[slot] == 0 ? Integer.MAX_VALUE : evictions - (int) (slots[slot] >>> 32);
  }

  private int bucket(int hash) {
    int x = (hash ^ hash >>> 16) * 0x21f0aaad;
    x = (x ^ x >>> 15) * 0x735a2d97;
    return ((x ^ x >>> 15) & slots.length / WAYS - 1) * WAYS;
  }
}
