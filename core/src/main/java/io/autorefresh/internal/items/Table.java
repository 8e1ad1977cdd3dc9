package io.autorefresh.internal.items;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one hash table that all stripes share: a power of two of chains of items, read without a lock.
 *
 * <p><b>Reading.</b> A hit costs what it costs in {@link java.util.concurrent.ConcurrentHashMap}: table, item, value.
 * The bucket is the low bits of the hash, and a stripe is some of these bits, so each bucket belongs to one stripe,
 * whose lock its writers hold. New items go to the tail of the chain: the hot ones tend to be the old ones. A
 * removed item keeps its link, so that a reader who stands on it goes on.
 *
 * <p><b>Growing</b> takes all stripes and doubles the table. An item has two links, one for tables whose length is
 * an even power of two and one for odd ones. The next table is built in the links that the present one does not
 * use, while readers walk the others undisturbed; then it is published, and the old links are cleared, to be ready
 * for the table after. Only then can a reader of the old table lose its way, and what it can wrongly conclude is
 * that an id is absent. So a miss holds only if the table is still the same, and is looked up again otherwise: at
 * most once for each doubling, without ever waiting. It cannot walk in a circle, since both kinds of links are
 * built by appending to tails; and what it finds, wherever it strays, was mapped while it looked.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Table<K, V> {

  static final int MAX_LENGTH = 1 << 30;

  private static final VarHandle BUCKET = MethodHandles.arrayElementVarHandle(Item[].class);

  private volatile Item<K, V>[] buckets;

  Table(int length) {
    buckets = newBuckets(length);
  }

  static int hash(Object id) {
    int h = id.hashCode();
    return h ^ h >>> 16;
  }

  int length() {
    return buckets.length;
  }

  /**
   * Returns the value of an id and counts the access, or null.
   *
   * <p>The way of nearly all hits is written out here with plain reads of the array: what an acquiring read by a
   * handle checks in addition is a tenth of a hit. Were an item seen before what its constructor wrote, as the
   * memory model would allow, then its value would be missing, or its links; so whoever does not find a value here
   * looks again by {@link #find}, which acquires.
   */
  public @Nullable V get(Object id) {
    int hash = hash(id);
    Item<K, V>[] seen = buckets;
    Item<K, V> item = seen[hash & seen.length - 1];
    if (item != null && !item.hasId(id, hash)) {
      boolean odd = isOdd(seen);
      do {
        item = odd ? item.odd : item.even;
      } while (item != null && !item.hasId(id, hash));
    }
    if (item != null) {
      V value = item.access();
      if (value != null) {
        return value;
      }
    }
    item = find(id, hash);
    return item == null ? null : item.access();
  }

  /** Returns the item of an id, which is no access, or null. */
  @Nullable Item<K, V> find(Object id, int hash) {
    Item<K, V>[] seen = buckets;
    for (;;) {
      Item<K, V> item = head(seen, hash & seen.length - 1);
      boolean odd = isOdd(seen);
      while (item != null && !item.hasId(id, hash)) {
        item = odd ? item.odd : item.even;
      }
      Item<K, V>[] now = buckets;
      if (item != null || now == seen) {
        return item;
      }
      seen = now;
    }
  }

  /** Appends an item that is known to be absent. The caller holds the lock of its stripe. */
  void append(Item<K, V> item) {
    append(buckets, item);
  }

  private static <K, V> void append(Item<K, V>[] buckets, Item<K, V> item) {
    int bucket = item.hash & buckets.length - 1;
    boolean odd = isOdd(buckets);
    Item<K, V> tail = head(buckets, bucket);
    if (tail == null) {
      BUCKET.setRelease(buckets, bucket, item);
      return;
    }
    for (Item<K, V> next; (next = odd ? tail.odd : tail.even) != null; ) {
      tail = next;
    }
    if (odd) {
      tail.odd = item;
    } else {
      tail.even = item;
    }
  }

  /** Takes a mapped item out. The caller holds the lock of its stripe. */
  void remove(Item<K, V> item) {
    Item<K, V>[] buckets = this.buckets;
    int bucket = item.hash & buckets.length - 1;
    boolean odd = isOdd(buckets);
    Item<K, V> next = odd ? item.odd : item.even;
    Item<K, V> before = null;
    for (Item<K, V> at = head(buckets, bucket); at != item; at = odd ? at.odd : at.even) {
      if (at == null) {
        throw new AssertionError("not in the table: " + item.id);
      }
      before = at;
    }
    if (before == null) {
      BUCKET.setRelease(buckets, bucket, next);
    } else if (odd) {
      before.odd = next;
    } else {
      before.even = next;
    }
  }

  /** Doubles the table. The caller holds the locks of all stripes. */
  void grow() {
    Item<K, V>[] old = buckets;
    Item<K, V>[] next = newBuckets(old.length << 1);
    boolean odd = isOdd(old);
    for (Item<K, V> head : old) {
      for (Item<K, V> item = head; item != null; item = odd ? item.odd : item.even) {
        append(next, item);
      }
    }
    buckets = next;
    for (Item<K, V> head : old) {
      for (Item<K, V> item = head, after; item != null; item = after) {
        if (odd) {
          after = item.odd;
          item.odd = null;
        } else {
          after = item.even;
          item.even = null;
        }
      }
    }
  }

  /**
   * Shows every item to the visitor, with no lock: each that is mapped from the beginning to the end, once, and
   * some of those that come or go meanwhile. When the table grows the walk begins anew, with a new state.
   */
  <S> S walk(Supplier<S> start, BiConsumer<S, Item<K, V>> visitor) {
    for (;;) {
      S state = start.get();
      Item<K, V>[] seen = buckets;
      boolean odd = isOdd(seen);
      for (int i = 0; i < seen.length; i++) {
        for (Item<K, V> item = head(seen, i); item != null; item = odd ? item.odd : item.even) {
          visitor.accept(state, item);
        }
      }
      if (buckets == seen) {
        return state;
      }
    }
  }

  private static boolean isOdd(Item<?, ?>[] buckets) {
    return (Integer.numberOfTrailingZeros(buckets.length) & 1) != 0;
  }

  @SuppressWarnings("unchecked")
  private static <K, V> @Nullable Item<K, V> head(Item<K, V>[] buckets, int bucket) {
    return (Item<K, V>) BUCKET.getAcquire(buckets, bucket);
  }

  @SuppressWarnings("unchecked")
  private static <K, V> Item<K, V>[] newBuckets(int length) {
    return (Item<K, V>[]) new Item<?, ?>[length];
  }
}
