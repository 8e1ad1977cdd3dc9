package io.autorefresh.internal.items;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;

/**
 * Goes through a table without a lock: each item that is mapped from the beginning to the end is shown once, and some
 * of those that come or go meanwhile.
 *
 * <p>The position is a hash read backwards, as in the order of the chains. A table that grows splits each bucket into
 * two that are neighbours in this order. So the position means the same in a grown table, and the way goes on there. A
 * bucket that was read while its table was replaced is read again.
 */
final class Cursor<K, V> implements Iterator<Item<K, V>> {

  private static final long END = 1L << 32;

  private final Table<K, V> table;
  private final Queue<Item<K, V>> found = new ArrayDeque<>(8);
  private long position;

  Cursor(Table<K, V> table) {
    this.table = table;
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
  public Item<K, V> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return found.remove();
  }
}
