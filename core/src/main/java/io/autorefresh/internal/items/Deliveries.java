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
 * after he let go of the lock; otherwise whoever is at it delivers this one as well, and he need not wait for that:
 * the listener may be waiting for something that he has, such as a lock of the user's or an item that he creates.
 * An id that is being delivered is in flight. Guarded by the stripe's lock.
 *
 * <p><b>Back-pressure.</b> Where a listener is slower than those who bring events about, the events that wait must not
 * grow without limit. Who finds {@value #MAX_WAITING} of them waiting for an id is given a latch to wait for, until his
 * own was delivered. So no more wait than that, and one for each thread that does; but callbacks, which must not wait
 * (see {@link Teller#mayWait}), may add to them.
 */
final class Deliveries<K, V> {

  /** How many events may wait for one id before those who post wait as well. */
  static final int MAX_WAITING = 1_024;

  private record Waiting<K, V>(ItemEvent<K, V> event, @Nullable CountDownLatch delivered) {}

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

  /** Posts an event: the outbox gets its delivery, if nobody is at that id, or the wait for it, if too many do. */
  void post(Key<K> key, ItemEvent<K, V> event, Outbox<K, V> outbox) {
    Delivery<K, V> delivery = deliveries.get(key);
    if (delivery == null) {
      delivery = new Delivery<>(key);
      outbox.claimed.add(new Outbox.Claimed<>(delivery, event));
      deliveries.put(key, delivery);
    } else if (delivery.waiting.size() < MAX_WAITING) {
      delivery.waiting.add(new Waiting<>(event, null));
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
      deliveries.remove(delivery.key.itself());
      return null;
    }
    delivery.present = next.delivered;
    return next.event;
  }

  boolean contains(Item<K, V> item) {
    return !deliveries.isEmpty() && deliveries.containsKey(new Key<>(item.id, item.hash));
  }
}
