package io.autorefresh.internal.items;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The callers that wait for items of one stripe. Guarded by the stripe's lock, under which items change, too: so a
 * caller that looks at an item after it was added here misses no change.
 */
final class Waiters<K, V> {

  /** The waiters of an item form a chain, since a list would cost each of them 48 bytes. */
  private final Map<Item<K, V>, Waiter> byItem = new IdentityHashMap<>(2);

  void add(Item<K, V> item, Waiter waiter) {
    waiter.next = byItem.put(item, waiter);
  }

  void remove(Item<K, V> item, Waiter waiter) {
    Waiter next;
    Waiter others = null;
    for (Waiter each = byItem.remove(item); each != null; each = next) {
      next = each.next;
      if (each != waiter) {
        each.next = others;
        others = each;
      }
    }
    if (others != null) {
      byItem.put(item, others);
    }
  }

  /** Whether a caller waits for the item. */
  boolean has(Item<K, V> item) { return !byItem.isEmpty() && byItem.containsKey(item); }

  /** A refresh of the item begins. */
  void begin(Item<K, V> item) {
    forEach(item, Waiter::begin);
  }

  /** A refresh of the item has ended. */
  void end(Item<K, V> item, Waiter.Answer answer, @Nullable Throwable failure) {
    forEach(item, waiter -> waiter.end(answer, failure));
    wake(item);
  }

  /** The item has changed. */
  void wake(Item<K, V> item) {
    forEach(item, Waiter::wake);
  }

  private void forEach(Item<K, V> item, Consumer<Waiter> action) {
    if (!byItem.isEmpty()) {
      for (Waiter waiter = byItem.get(item); waiter != null; waiter = waiter.next) {
        action.accept(waiter);
      }
    }
  }

  void wakeAll() {
    byItem.keySet().forEach(this::wake);
  }
}
