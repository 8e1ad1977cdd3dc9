package io.autorefresh.internal.items;

import static java.util.Objects.requireNonNull;

import java.lang.invoke.VarHandle;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The one hash table that all stripes share: a power of two of chains of items, read without a lock. The engine extends
 * it, so that a read makes one hop less; all else of the map is in {@link ItemMap}.
 *
 * <p><b>Reading.</b> A hit costs as much as in {@link java.util.concurrent.ConcurrentHashMap}: table, item, value. The
 * bucket is the low bits of the hash, and the stripe is some of these bits. So each bucket belongs to one stripe, whose
 * lock its writers hold. A removed item keeps its link, so that a reader that has reached it goes on.
 *
 * <p><b>Growing</b> takes all stripes and doubles the table. It neither moves an item nor hides it from a reader,
 * because the chains are in the order of Shalev and Shavit ("Split-ordered lists: lock-free extensible hash tables",
 * Journal of the ACM, 2006): by the reversed bits of the hash. So a bucket splits into a front part, which stays, and a
 * back part, which belongs to the new bucket. The head of the back part is entered there, and the chain is cut between
 * the parts when the new table is published. Until the cut, a reader of the front part walks the back part, too, in
 * vain. After the cut, a reader of the old table may miss the back part. Its only wrong conclusion can be that an id is
 * absent. So a miss is valid only if the table is still the same; otherwise the id is looked up again, at most once for
 * each doubling, without waiting. An item that a reader finds was mapped while the reader looked.
 *
 * <p><b>Memory order.</b> The array is read plainly, and a fence makes that an acquiring read. A read by a handle would
 * be as good, but its checks take more than a tenth of a hit's time. Writers release.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public class Table<K, V> {

  static final int MAX_LENGTH = 1 << 30;
  private static final int INITIAL_LENGTH = 64;

  volatile Item<K, V>[] buckets;

  /** Creates an empty table. */
  protected Table() {
    buckets = newBuckets(INITIAL_LENGTH);
  }

  static int hash(Object id) {
    int h = id.hashCode();
    return h ^ h >>> 16;
  }

  final int length() { return buckets.length; }

  /** Returns the value of an id and counts the access, or null. */
  public @Nullable V get(K id) {
    int hash = hash(requireNonNull(id, "id"));
    Item<K, V>[] seen = buckets;
    Item<K, V> item = head(seen, hash);
    while (item != null && !item.hasId(id, hash)) {
      item = item.next;
    }
    if (item == null && (seen == buckets || (item = find(id, hash)) == null)) {
      return null;
    }
    return item.access();
  }

  /** Returns the item of an id, or null. This counts no access. */
  final @Nullable Item<K, V> find(Object id, int hash) {
    Item<K, V>[] seen = buckets;
    for (;;) {
      Item<K, V> item = head(seen, hash);
      while (item != null && !item.hasId(id, hash)) {
        item = item.next;
      }
      Item<K, V>[] now = buckets;
      if (item != null || now == seen) {
        return item;
      }
      seen = now;
    }
  }

  /** Inserts an item that is known to be absent. The caller holds the lock of its stripe. */
  final void insert(Item<K, V> item) {
    Item<K, V>[] buckets = this.buckets;
    Item<K, V> before = null;
    Item<K, V> next = head(buckets, item.hash);
    while (next != null && compare(next, item) <= 0) {
      before = next;
      next = next.next;
    }
    item.next = next;
    link(buckets, before, item.hash, item);
  }

  /** Takes a mapped item out. The caller holds the lock of its stripe. */
  final void remove(Item<K, V> item) {
    Item<K, V>[] buckets = this.buckets;
    Item<K, V> before = null;
    for (Item<K, V> at = head(buckets, item.hash); at != item; at = at.next) {
      if (at == null) {
        throw new AssertionError("not in the table: " + item.id);
      }
      before = at;
    }
    link(buckets, before, item.hash, item.next);
  }

  /** Doubles the table. The caller holds the locks of all stripes. */
  final void grow() {
    Item<K, V>[] old = buckets;
    int length = old.length;
    Item<K, V>[] grown = newBuckets(length << 1);
    for (int i = 0; i < length; i++) {
      Item<K, V> front = old[i];
      Item<K, V> back = front;
      while (back != null && (back.hash & length) == 0) {
        back = back.next;
      }
      grown[i] = front == back ? null : front;
      grown[i + length] = back;
    }
    buckets = grown;
    for (int i = 0; i < length; i++) {
      cut(grown[i], grown[i + length]);
    }
  }

  private static <K, V> void cut(@Nullable Item<K, V> front, @Nullable Item<K, V> back) {
    for (Item<K, V> item = front; item != null && back != null; item = item.next) {
      if (item.next == back) {
        item.next = null;
      }
    }
  }

  /** Returns the items, read without a lock (see {@link Cursor}). */
  public final Iterable<Item<K, V>> items() { return () -> new Cursor<>(this, Function.identity()); }

  /** Adds the items of a bucket to the collection; returns false if the table does not have that length throughout. */
  final boolean readBucket(int length, int bucket, Collection<? super Item<K, V>> found) {
    Item<K, V>[] seen = buckets;
    for (Item<K, V> item = head(seen, bucket); item != null; item = item.next) {
      // Right after a growth, a chain may go on into the next bucket.
      if ((item.hash & length - 1) == (bucket & length - 1)) {
        found.add(item);
      }
    }
    return seen.length == length && seen == buckets;
  }

  static int compare(Item<?, ?> one, Item<?, ?> other) {
    return Integer.compareUnsigned(Integer.reverse(one.hash), Integer.reverse(other.hash));
  }

  private static <K, V> @Nullable Item<K, V> head(Item<K, V>[] buckets, int hash) {
    Item<K, V> head = buckets[hash & buckets.length - 1];
    VarHandle.acquireFence();
    return head;
  }

  /** Links the next item to the one before it, or to the head of the bucket if there is none. */
  private static <K, V> void link(
      Item<K, V>[] buckets, @Nullable Item<K, V> before, int hash, @Nullable Item<K, V> next) {
    if (before == null) {
      VarHandle.releaseFence();
      buckets[hash & buckets.length - 1] = next;
    } else {
      before.next = next;
    }
  }

  @SuppressWarnings("unchecked")
  private static <K, V> Item<K, V>[] newBuckets(int length) { return (Item<K, V>[]) new Item<?, ?>[length]; }
}
