package io.autorefresh.internal.items;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.function.Function;

/**
 * Walks through a table without a lock, and shows one part of each item. An item that is mapped from the beginning to
 * the end is shown once. An item that comes or goes meanwhile may be shown.
 *
 * <p>The position is a hash with its bits reversed, as in the order of the chains. A table that grows splits each
 * bucket into two that are neighbours in this order. So the position means the same in the grown table, and the walk
 * goes on there. A bucket that was read while its table was replaced is read again.
 */
final class Cursor<K, V, T> implements Iterator<T> {

  private static final long END = 1L << 32;

  private final Table<K, V> table;
  private final Function<Item<K, V>, T> part;
  private final Queue<Item<K, V>> found = new ArrayDeque<>(8);
  private long position;

  Cursor(Table<K, V> table, Function<Item<K, V>, T> part) {
    this.table = table;
    this.part = part;
  }

  @Override
  public boolean hasNext() {
    while (found.isEmpty() && position < END) {
      int length = table.length();
      if (table.readBucket(length, Integer.reverse((int) position), found)) {
        position += END / length;
      } else {
        found.clear();
      }
    }
    return !found.isEmpty();
  }

  @Override
  public T next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return part.apply(found.remove());
  }
}
