package io.autorefresh.internal.items;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A first-in, first-out queue linked through the items themselves: an item is removed from the middle in constant time,
 * and the queue needs no memory for it. An item is in at most one queue, and knows which. Guarded by the stripe's lock;
 * only the size is read without it.
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
  private final AtomicInteger size = new AtomicInteger();

  /**
   * Creates an empty queue.
   *
   * @param name the mark of its items
   */
  ItemQueue(byte name) {
    this.name = name;
  }

  int size() { return size.get(); }

  @Nullable Item<K, V> first() { return first; }

  void add(Item<K, V> item) {
    link(item);
    size.incrementAndGet();
  }

  void remove(Item<K, V> item) {
    unlink(item);
    item.queue = NONE;
    item.before = null;
    item.after = null;
    size.decrementAndGet();
  }

  /** Moves an item to the end of another queue, or of this one. A thread without the lock always sees it in a queue. */
  void moveTo(ItemQueue<K, V> other, Item<K, V> item) {
    unlink(item);
    other.link(item);
    other.size.incrementAndGet();
    size.decrementAndGet();
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

  /** Passes the items to the visitor in order. The visitor may remove the item that it gets. */
  void forEach(Consumer<? super Item<K, V>> visitor) {
    Item<K, V> next;
    for (Item<K, V> item = first; item != null; item = next) {
      next = item.after;
      visitor.accept(item);
    }
  }
}
