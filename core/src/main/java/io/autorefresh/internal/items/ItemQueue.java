package io.autorefresh.internal.items;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A first-in, first-out queue linked through the items themselves, so that removing one from the middle costs nothing
 * and membership needs no memory of its own. An item is in one queue at most, and knows which. Guarded by the
 * stripe's lock; only the size is read without.
 */
final class ItemQueue<K, V> {

  static final byte NONE = 0;
  static final byte SMALL = 1;
  static final byte MAIN = 2;
  static final byte TERMINAL = 3;
  static final byte MARKED = 4;

  private final byte name;
  private @Nullable Item<K, V> first;
  private @Nullable Item<K, V> last;
  private volatile int size;

  /**
   * Creates an empty queue.
   *
   * @param name what its items know it by
   */
  ItemQueue(byte name) {
    this.name = name;
  }

  int size() { return size; }

  @Nullable Item<K, V> first() { return first; }

  void add(Item<K, V> item) {
    link(item);
    setSize(size + 1);
  }

  void remove(Item<K, V> item) {
    unlink(item);
    item.queue = NONE;
    item.before = null;
    item.after = null;
    setSize(size - 1);
  }

  /** Moves an item to the end of another queue, or of this one. A thread without the lock always sees it in a queue. */
  void moveTo(ItemQueue<K, V> other, Item<K, V> item) {
    unlink(item);
    other.link(item);
    other.setSize(other.size + 1);
    setSize(size - 1);
  }

  private void link(Item<K, V> item) {
    item.queue = name;
    item.before = last;
    item.after = null;
    if (last == null) {
      first = item;
    } else {
      last.after = item;
    }
    last = item;
  }

  private void unlink(Item<K, V> item) {
    Item<K, V> before = item.before;
    Item<K, V> after = item.after;
    if (before == null) {
      first = after;
    } else {
      before.after = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.before = before;
    }
  }

  /** Shows the items to the visitor, the first first. */
  void forEach(Consumer<? super Item<K, V>> visitor) {
    for (Item<K, V> item = first; item != null; item = item.after) {
      visitor.accept(item);
    }
  }

  // One writer at a time, under the lock: no read-modify-write race.
  @SuppressWarnings("NonAtomicVolatileUpdate")
  private void setSize(int size) {
    this.size = size;
  }
}
