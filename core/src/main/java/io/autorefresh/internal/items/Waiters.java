package io.autorefresh.internal.items;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The callers that wait for items of one stripe; nothing where nobody waits. Guarded by the stripe's lock, under which
 * items change, too: so a caller that looks at an item after it was added here misses no change.
 */
final class Waiters<K, V> {

  private final Map<Item<K, V>, Waiter> byItem = new IdentityHashMap<>(2);

  void add(Item<K, V> item, Waiter waiter) {
    waiter.next = byItem.put(item, waiter);
  }

  void remove(Item<K, V> item, Waiter waiter) {
    Waiter first = byItem.get(item);
    if (first == waiter && waiter.next == null) {
      byItem.remove(item);
    } else if (first == waiter) {
      byItem.put(item, waiter.next);
    } else {
      for (Waiter before = first; before != null; before = before.next) {
        if (before.next == waiter) {
          before.next = waiter.next;
        }
      }
    }
  }

  /** Whether anybody waits for the item. */
  boolean has(Item<K, V> item) { return !byItem.isEmpty() && byItem.containsKey(item); }

  /** A refresh of the item begins. */
  void begin(Item<K, V> item) {
    forEach(item, Waiter::begin);
  }

  /** A refresh of the item has ended. */
  void end(Item<K, V> item, Waiter.Answer answer, @Nullable Throwable failure) {
    forEach(item, waiter -> {
      waiter.end(answer, failure);
      waiter.wake();
    });
  }

  /** The refresh for which callers wait will not begin. */
  void refuse(Item<K, V> item, Throwable failure) {
    forEach(item, waiter -> {
      waiter.refuse(failure);
      waiter.wake();
    });
  }

  /** The item has changed otherwise. */
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
