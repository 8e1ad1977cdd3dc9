package io.autorefresh.internal.items;

/**
 * Remembers the hashes of the items that were evicted last, so that one that comes back soon is known to be worth
 * keeping: the ghost queue of S3-FIFO.
 *
 * <p>A queue that only answers "was it among the last n" needs no links: a slot holds the hash's fingerprint and the
 * time, counted in evictions, at which it was written, and is forgotten when it is older than n. Four slots make a
 * bucket, the oldest of which is overwritten. That is 4 bytes a slot, with wrong answers for about one hash in two
 * thousand, which costs an item that little luck and nothing else. Guarded by the stripe's lock.
 */
final class Ghosts {

  private static final int WAYS = 4;
  private static final int TIME_BITS = 18;
  private static final int TIME_MASK = (1 << TIME_BITS) - 1;

  private final int capacity;
  /** Evictions per step of time, so that the whole memory spans at most a quarter of what the bits can tell. */
  private final int step;
  private final int span;
  private final int[] slots;
  private long evictions;

  Ghosts(int capacity) {
    this.capacity = Math.max(1, capacity);
    this.step = this.capacity / (TIME_MASK / 4) + 1;
    this.span = this.capacity / step + 1;
    int wanted = Math.max(WAYS, (int) Math.min(1L << 28, this.capacity));
    this.slots = new int[Integer.highestOneBit(2 * wanted - 1)];
  }

  /** Remembers a hash as the one evicted last. */
  void add(int hash) {
    evictions++;
    int bucket = bucket(hash);
    int oldest = bucket;
    int greatestAge = -1;
    for (int i = bucket; i < bucket + WAYS; i++) {
      int age = slots[i] == 0 ? Integer.MAX_VALUE : age(slots[i]);
      if (age > greatestAge) {
        greatestAge = age;
        oldest = i;
      }
    }
    slots[oldest] = fingerprint(hash) << TIME_BITS | time();
  }

  /** Forgets a hash; returns whether it was among the last evicted. */
  boolean remove(int hash) {
    int bucket = bucket(hash);
    int fingerprint = fingerprint(hash);
    for (int i = bucket; i < bucket + WAYS; i++) {
      int slot = slots[i];
      if (slot != 0 && slot >>> TIME_BITS == fingerprint && age(slot) <= span) {
        slots[i] = 0;
        return true;
      }
    }
    return false;
  }

  private int time() { return (int) (evictions / step) & TIME_MASK; }

  private int age(int slot) { return time() - slot & TIME_MASK; }

  private int bucket(int hash) { return (mix(hash) & slots.length / WAYS - 1) * WAYS; }

  /** Never zero, so that no slot in use looks empty. */
  private static int fingerprint(int hash) { return mix(hash) >>> TIME_BITS | 1; }

  private static int mix(int hash) {
    int x = (hash ^ hash >>> 16) * 0x21f0aaad;
    x = (x ^ x >>> 15) * 0x735a2d97;
    return x ^ x >>> 15;
  }
}
