package io.autorefresh.internal.items;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks everything that holds of a map when no call is in progress, under the locks of all stripes. For the tests of
 * every kind, and for whoever doubts.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
final class Invariants<K, V> {

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

  String check() {
    Map<K, Item<K, V>> items = table.walk(HashMap::new, this::checkItem);
    Map<Item<K, V>, ItemQueue<K, V>> queued = new IdentityHashMap<>();
    for (Stripe<K, V> stripe : stripes) {
      checkQueue(stripe.small, ItemQueue.SMALL, queued);
      checkQueue(stripe.main, ItemQueue.MAIN, queued);
      checkQueue(stripe.terminal, ItemQueue.TERMINAL, queued);
      checkQueue(stripe.marked, ItemQueue.MARKED, queued);
      expect(stripe.freshWaiting() == fresh(stripe, items), "what waits as fresh is not fresh, or gone");
      expect(stripe.creations().isEmpty(), "creations in progress: " + stripe.creations().size());
    }
    expect(table.isOrdered(), "a chain is out of order");
    for (Item<K, V> item : items.values()) {
      expect(queued.containsKey(item), item.id + " is in no queue of its stripe");
      expect(table.find(item.id, item.hash) == item, item.id + " is not found");
    }
    expect(queued.size() == items.size(), queued.size() + " items in queues, " + items.size() + " in the table");
    expect(size == items.size(), "the size is " + size + ", but there are " + items.size() + " items");
    expect(size <= maximumSize, "the size is " + size + ", above the maximum of " + maximumSize);
    return String.join("; ", wrong);
  }

  private void checkItem(Map<K, Item<K, V>> items, Item<K, V> item) {
    expect(items.put(item.id, item) == null, item.id + " is mapped twice");
    expect(item.hash == Table.hash(item.id), item.id + " has the hash of another");
    expect(item.frequency >= 0 && item.frequency <= ItemFront.MAX_FREQUENCY, item.id + " counts " + item.frequency);
    expect(!(item.fresh && (item.terminal || item.isMarked() || item.ticket != null)), item.id + " is fresh and more");
    Failure failure = item.failure;
    expect(failure == null || failure.count() > 0, item.id + " has failed zero times");
  }

  private long fresh(Stripe<K, V> stripe, Map<K, Item<K, V>> items) {
    return items.values().stream()
        .filter(item -> item.fresh && stripe.isFreshWaiting(item))
        .count();
  }

  private void checkQueue(ItemQueue<K, V> queue, byte name, Map<Item<K, V>, ItemQueue<K, V>> queued) {
    int count = 0;
    Item<K, V> before = null;
    for (Item<K, V> item = queue.first(); item != null; item = item.after) {
      expect(queued.put(item, queue) == null, item.id + " is queued twice");
      expect(item.queue == name && item.before == before, item.id + " is linked wrongly");
      boolean right = name == ItemQueue.MARKED || item.terminal == (name == ItemQueue.TERMINAL);
      expect(right, item.id + " is in the wrong queue");
      before = item;
      count++;
    }
    expect(count == queue.size(), "a queue counts " + queue.size() + " items, but has " + count);
  }

  private void expect(boolean holds, String otherwise) {
    if (!holds && wrong.size() < 20) {
      wrong.add(otherwise);
    }
  }
}
