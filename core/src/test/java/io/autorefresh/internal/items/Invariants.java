package io.autorefresh.internal.items;

import io.autorefresh.AutoRefresh;
import io.autorefresh.internal.schedule.Failure;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks everything that holds of a map when no call is in progress, under the locks of all stripes.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Invariants<K, V> {

  private static final int MAX_WRONG = 20;

  private final Table<K, V> table;
  private final Stripe<K, V>[] stripes;
  private final int size;
  private final long maximumSize;
  private final List<String> wrong = new ArrayList<>();

  Invariants(Table<K, V> table, Stripe<K, V>[] stripes, int size, long maximumSize) {
    this.table = table;
    this.stripes = stripes;
    this.size = size;
    this.maximumSize = maximumSize;
  }

  /** Returns what is wrong with a map, or an empty text. */
  public static <K, V> String check(ItemMap<K, V> map) {
    Stripe<K, V>[] stripes = map.stripes;
    for (Stripe<K, V> stripe : stripes) {
      stripe.lock.lock();
    }
    try {
      return new Invariants<>(map.table, stripes, map.size.get(), map.maximumSize).check();
    } finally {
      for (Stripe<K, V> stripe : stripes) {
        stripe.lock.unlock();
      }
    }
  }

  /** Returns what is wrong with the map of a cache, or an empty text. */
  public static String check(AutoRefresh<?, ?> cache) {
    return check(mapOf(cache));
  }

  private static ItemMap<?, ?> mapOf(AutoRefresh<?, ?> cache) {
    for (Class<?> type = cache.getClass(); type != null; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (field.getType() == ItemMap.class) {
          try {
            field.setAccessible(true);
            return (ItemMap<?, ?>) field.get(cache);
          } catch (IllegalAccessException e) {
            throw new AssertionError(e);
          }
        }
      }
    }
    throw new AssertionError("there is no map in a " + cache.getClass());
  }

  String check() {
    Map<K, Item<K, V>> items = new HashMap<>();
    table.items().forEach(item -> checkItem(items, item));
    Map<Item<K, V>, ItemQueue<K, V>> queued = new IdentityHashMap<>();
    for (Stripe<K, V> stripe : stripes) {
      checkStripe(stripe, queued);
    }
    expect(isOrdered(table), "a chain is out of order");
    for (Item<K, V> item : items.values()) {
      expect(queued.containsKey(item), item.id + " is in no queue of its stripe");
      expect(table.find(item.id, item.hash) == item, item.id + " is not found");
    }
    expect(queued.size() == items.size(), queued.size() + " items in queues, " + items.size() + " in the table");
    expect(size == items.size(), "the size is " + size + ", but there are " + items.size() + " items");
    expect(size <= maximumSize, "the size is " + size + ", above the maximum of " + maximumSize);
    return String.join("; ", wrong);
  }

  /** Whether the chains are in order and each item is in the bucket of its hash. */
  static <K, V> boolean isOrdered(Table<K, V> table) {
    Item<K, V>[] buckets = table.buckets;
    for (int i = 0; i < buckets.length; i++) {
      for (Item<K, V> item = buckets[i]; item != null; item = item.next) {
        Item<K, V> next = item.next;
        if ((item.hash & buckets.length - 1) != i || next != null && Table.compare(item, next) > 0) {
          return false;
        }
      }
    }
    return true;
  }

  private void checkItem(Map<K, Item<K, V>> items, Item<K, V> item) {
    expect(items.put(item.id, item) == null, item.id + " is mapped twice");
    expect(item.hash == Table.hash(item.id), item.id + " has the hash of another");
    expect(item.frequency >= 0 && item.frequency <= ItemFront.MAX_FREQUENCY, item.id + " counts " + item.frequency);
    boolean more = item.terminal || item.isMarked() || item.token != null || item.isApart();
    expect(!(item.isNew() && more), item.id + " is new and more");
    Failure failure = item.failure();
    expect(failure == null || failure.count() > 0, item.id + " has failed zero times");
  }

  private void checkStripe(Stripe<K, V> stripe, Map<Item<K, V>, ItemQueue<K, V>> queued) {
    Gauges right = new Gauges();
    checkQueue(stripe.small, ItemQueue.SMALL, right, queued);
    checkQueue(stripe.main, ItemQueue.MAIN, right, queued);
    checkQueue(stripe.terminal, ItemQueue.TERMINAL, right, queued);
    checkQueue(stripe.marked, ItemQueue.MARKED, right, queued);
    Gauges counted = new Gauges();
    counted.add(stripe);
    expectGauge("terminal", counted.terminal, right.terminal);
    expectGauge("marked", counted.marked, right.marked);
    expectGauge("new", counted.isNew, right.isNew);
    expectGauge("failing", counted.failing, right.failing);
    expectGauge("suspect", counted.suspects, right.suspects);
    expect(stripe.creations.isEmpty(), "creations in progress: " + stripe.creations.size());
  }

  private void checkQueue(
      ItemQueue<K, V> queue, byte name, Gauges gauges, Map<Item<K, V>, ItemQueue<K, V>> queued) {
    int count = 0;
    Item<K, V> before = null;
    for (Item<K, V> item = queue.first(); item != null; item = item.after) {
      expect(queued.put(item, queue) == null, item.id + " is queued twice");
      expect(item.queue == name && item.before == before, item.id + " is linked wrongly");
      boolean right = name == ItemQueue.MARKED || item.terminal == (name == ItemQueue.TERMINAL);
      expect(right, item.id + " is in the wrong queue");
      gauges.count(item.condition, 1);
      gauges.terminal += item.terminal ? 1 : 0;
      gauges.marked += name == ItemQueue.MARKED ? 1 : 0;
      before = item;
      count++;
    }
    expect(count == queue.size(), "a queue counts " + queue.size() + " items, but has " + count);
  }

  private void expectGauge(String state, int counted, int right) {
    expect(counted == right, counted + " items are counted as " + state + ", but " + right + " are");
  }

  private void expect(boolean holds, String otherwise) {
    if (!holds && wrong.size() < MAX_WRONG) {
      wrong.add(otherwise);
    }
  }
}
