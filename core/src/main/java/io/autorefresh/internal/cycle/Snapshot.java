package io.autorefresh.internal.cycle;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The values of a batch as its callback gets them: an unmodifiable map with the ids in the order of the batch,
 * which also tells an id's place in it. Two arrays and an index of open addressing at most half full; nothing per
 * entry.
 */
final class Snapshot<K, V> extends AbstractMap<K, V> {

  private final K[] ids;
  private final V[] values;
  private final int[] index;

  /** Takes the arrays as they are; the ids must differ. */
  Snapshot(K[] ids, V[] values) {
    this.ids = ids;
    this.values = values;
    this.index = new int[Integer.highestOneBit(Math.max(1, ids.length) * 4 - 1)];
    for (int place = 0; place < ids.length; place++) {
      int slot = slot(ids[place]);
      while (index[slot] != 0) {
        slot = slot + 1 & index.length - 1;
      }
      index[slot] = place + 1;
    }
  }

  /** Returns the place of an id in the batch, or -1. */
  int place(@Nullable Object id) {
    if (id == null) {
      return -1;
    }
    for (int slot = slot(id); index[slot] != 0; slot = slot + 1 & index.length - 1) {
      K other = ids[index[slot] - 1];
      if (other == id || id.equals(other)) {
        return index[slot] - 1;
      }
    }
    return -1;
  }

  private int slot(Object id) {
    int h = id.hashCode() * 0x9e3779b9;
    return (h ^ h >>> 15) & index.length - 1;
  }

  @Override
  public @Nullable V get(@Nullable Object id) {
    int place = place(id);
    return place < 0 ? null : values[place];
  }

  @Override
  public boolean containsKey(@Nullable Object id) { return place(id) >= 0; }

  @Override
  public int size() { return ids.length; }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public int size() { return ids.length; }

      @Override
      public Iterator<Map.Entry<K, V>> iterator() {
        return new Iterator<>() {
          private int next;

          @Override
          public boolean hasNext() { return next < ids.length; }

          @Override
          public Map.Entry<K, V> next() {
            if (next >= ids.length) {
              throw new NoSuchElementException();
            }
            int place = next++;
            return new SimpleImmutableEntry<>(ids[place], values[place]);
          }
        };
      }
    };
  }
}
