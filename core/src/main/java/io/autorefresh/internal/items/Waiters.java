package io.autorefresh.internal.items;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The callers that wait for items of one stripe. Guarded by the stripe's lock, under which items change, too: so a
 * caller that looks at an item after it was added here misses no change.
 */
final class Waiters<K, V> {

  private final Map<Item<K, V>, List<Waiter>> byItem = new IdentityHashMap<>(2);

  void add(Item<K, V> item, Waiter waiter) {
    byItem.computeIfAbsent(item, absent -> new ArrayList<>(1)).add(waiter);
  }

  void remove(Item<K, V> item, Waiter waiter) {
    byItem.computeIfPresent(item, (same, waiters) -> waiters.remove(waiter) && waiters.isEmpty() ? null : waiters);
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
    if (has(item)) {
      byItem.get(item).forEach(action);
    }
  }

  void wakeAll() {
    byItem.keySet().forEach(this::wake);
  }
}
