package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the events of each id in order, though listeners run outside the locks. Who brings an event about posts it
 * under the stripe's lock, at its effect. If no event of that id is being delivered, the delivery is his to make,
 * after he let go of the lock; otherwise it waits for whoever is at it, and he for that: so no more events wait
 * than threads do. An id that is being delivered is in flight. Guarded by the stripe's lock.
 */
final class Deliveries<K, V> {

  private record Waiting<K, V>(ItemEvent<K, V> event, CountDownLatch delivered) {}

  /** The events of one id that are being delivered. */
  static final class Delivery<K, V> {

    final Key<K> key;
    private final Queue<Waiting<K, V>> waiting = new ArrayDeque<>(0);
    private @Nullable CountDownLatch present;

    Delivery(Key<K> key) {
      this.key = key;
    }
  }

  private final Map<Key<K>, Delivery<K, V>> deliveries = new HashMap<>(2);

  /** Posts an event: the outbox gets either its delivery or the wait for it. */
  void post(Key<K> key, ItemEvent<K, V> event, Outbox<K, V> outbox) {
    Delivery<K, V> delivery = deliveries.get(key);
    if (delivery == null) {
      delivery = new Delivery<>(key);
      outbox.claimed.add(new Outbox.Claimed<>(delivery, event));
      deliveries.put(key, delivery);
    } else {
      CountDownLatch delivered = new CountDownLatch(1);
      delivery.waiting.add(new Waiting<>(event, delivered));
      outbox.awaited.add(delivered);
    }
  }

  /** The event before was delivered; returns the next, or null when the delivery is over. */
  @Nullable ItemEvent<K, V> next(Delivery<K, V> delivery) {
    CountDownLatch present = delivery.present;
    if (present != null) {
      present.countDown();
    }
    Waiting<K, V> next = delivery.waiting.poll();
    if (next == null) {
      deliveries.remove(delivery.key);
      return null;
    }
    delivery.present = next.delivered;
    return next.event;
  }

  boolean contains(Item<K, V> item) {
    return !deliveries.isEmpty() && deliveries.containsKey(new Key<>(item.id, item.hash));
  }
}
