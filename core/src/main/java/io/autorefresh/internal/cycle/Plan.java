package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Item;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The items that a cycle is to refresh, in the order of their turns, cut into batches as they are handed out: those
 * that are not wanted any more when their turn comes are left out, and others fill their place. Costs a reference
 * an item. Used by the cycle's owner alone.
 */
final class Plan<K, V> {

  private static final int FETCH = 64;

  private Item<K, V>[] items;
  private int size;
  private int next;
  private int fetched;
  /** Of the items fetched last; kept so that looking at them is not optimized away. */
  private int refreshable;
  /** The end of each group, in order, or null if there is one group. */
  private int @Nullable [] groupEnds;

  Plan() {
    this(16);
  }

  private Plan(int capacity) {
    items = newArray(capacity);
  }

  void add(Item<K, V> item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, size + (size >> 1) + 1);
    }
    items[size++] = item;
  }

  int size() {
    return size;
  }

  /** How many of the items have not had their turn. */
  int remaining() {
    return size - next;
  }

  void addAll(Plan<K, V> others) {
    items = Arrays.copyOf(items, Math.max(1, size + others.size));
    System.arraycopy(others.items, 0, items, size, others.size);
    size += others.size;
  }

  /** Puts items with equal keys together; those whose key is null, or throws, are dropped, and all after a stop. */
  void group(BooleanSupplier stop, Function<Item<K, V>, ?> key, BiConsumer<Item<K, V>, Throwable> dropped) {
    Map<Object, Plan<K, V>> groups = new LinkedHashMap<>();
    for (int i = 0; i < size && !stop.getAsBoolean(); i++) {
      Item<K, V> item = items[i];
      try {
        Object group = Objects.requireNonNull(key.apply(item), "the group key is null");
        groups.computeIfAbsent(group, k -> new Plan<>(1)).add(item);
      } catch (Throwable t) {
        dropped.accept(item, t);
      }
    }
    int[] ends = new int[groups.size()];
    int count = 0;
    size = 0;
    for (Plan<K, V> group : groups.values()) {
      System.arraycopy(group.items, 0, items, size, group.size);
      size += group.size;
      ends[count++] = size;
    }
    groupEnds = ends;
  }

  void forEachRemaining(Consumer<Item<K, V>> visitor) {
    for (int i = next; i < size; i++) {
      visitor.accept(items[i]);
    }
  }

  /** How many batches there are, if all items are still wanted. */
  int batches(int batchSize) {
    int[] ends = groupEnds;
    if (ends == null) {
      return Math.ceilDiv(size, batchSize);
    }
    int batches = 0;
    int begin = 0;
    for (int end : ends) {
      batches += Math.ceilDiv(end - begin, batchSize);
      begin = end;
    }
    return batches;
  }

  /** Returns the next batch of items that are wanted, or null when there is none left. */
  Item<K, V> @Nullable [] next(int batchSize, Predicate<Item<K, V>> wanted) {
    while (next < size) {
      if (next >= fetched) {
        fetch(Math.max(FETCH, batchSize));
      }
      int end = groupEnd();
      Item<K, V>[] batch = newArray(Math.min(batchSize, end - next));
      int count = 0;
      while (next < end && count < batchSize) {
        Item<K, V> item = items[next++];
        if (wanted.test(item)) {
          batch[count++] = item;
        }
      }
      if (count > 0) {
        return count == batch.length ? batch : Arrays.copyOf(batch, count);
      }
    }
    return null;
  }

  /**
   * Looks at the next items in one tight loop, so that their cache misses overlap: looked at one by one, between
   * the starts of jobs, they were a third of the owner's time.
   */
  private void fetch(int ahead) {
    int end = Math.min(size, next + ahead);
    int count = 0;
    for (int i = next; i < end; i++) {
      if (items[i].isRefreshable()) {
        count++;
      }
    }
    refreshable = count;
    fetched = end;
  }

  private int groupEnd() {
    int[] ends = groupEnds;
    if (ends == null) {
      return size;
    }
    int found = Arrays.binarySearch(ends, next + 1);
    return ends[found >= 0 ? found : -found - 1];
  }

  @SuppressWarnings("unchecked")
  private static <K, V> Item<K, V>[] newArray(int length) {
    return (Item<K, V>[]) new Item<?, ?>[length];
  }
}
