package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the events of each id in order, though listeners run outside the locks. Who brings an event about posts it under
 * the stripe's lock, at its effect. If no event of that id is being delivered, the delivery is his to make, after he let
 * go of the lock; otherwise it waits for whoever is at it. An id that is being delivered is in flight: no refresh adds to
 * its queue, which is what bounds it. Guarded by the stripe's lock.
 */
final class Deliveries<K, V> {

  private final Map<K, Queue<ItemEvent<K, V>>> waiting = new HashMap<>();

  /** Posts an event; returns whether the caller has to deliver it. */
  boolean post(ItemEvent<K, V> event) {
    Queue<ItemEvent<K, V>> queue = waiting.get(event.id());
    if (queue == null) {
      waiting.put(event.id(), new ArrayDeque<>(2));
      return true;
    }
    queue.add(event);
    return false;
  }

  /** Returns the next event of an id that the caller delivers; with null its delivery is over. */
  @Nullable ItemEvent<K, V> next(K id) {
    Queue<ItemEvent<K, V>> queue = waiting.get(id);
    ItemEvent<K, V> event = queue == null ? null : queue.poll();
    if (event == null) {
      waiting.remove(id);
    }
    return event;
  }

  boolean contains(K id) {
    return !waiting.isEmpty() && waiting.containsKey(id);
  }
}
