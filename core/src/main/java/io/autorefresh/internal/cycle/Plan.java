package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Item;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The items that a cycle is to refresh, in the order of their turns, cut into batches as they are handed out. Whether
 * they are still wanted then is mostly for their job to see, which looks at them anyway: each look of the owner's
 * thread is a cache miss. Costs a reference an item. Used by the cycle's owner alone.
 */
final class Plan<K, V> {

  private Item<K, V>[] items;
  private int size;
  private int next;
  /** The end of each group, in order, or null if there is one group. */
  private int @Nullable [] groupEnds;

  Plan() {
    this(16);
  }

  /** Creates an empty plan that has room for so many items, and makes more if there is need. */
  Plan(int capacity) {
    items = newArray(capacity);
  }

  /** The items of several plans, which have turns of so many. */
  static <K, V> Plan<K, V> inTurns(int turn, List<Plan<K, V>> plans) {
    Plan<K, V> all = new Plan<>(plans.stream().mapToInt(Plan::size).sum());
    int most = plans.stream().mapToInt(Plan::size).max().orElse(0);
    for (int from = 0; from < most; from += turn) {
      for (Plan<K, V> plan : plans) {
        for (int i = from; i < Math.min(from + turn, plan.size); i++) {
          all.add(plan.items[i]);
        }
      }
    }
    return all;
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

  /** Returns the next batch, or null when there is none left. */
  Item<K, V> @Nullable [] next(int batchSize) {
    if (next == size) {
      return null;
    }
    int from = next;
    int end = groupEnd();
    next = end - from > batchSize ? from + batchSize : end;
    return Arrays.copyOfRange(items, from, next);
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
