package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * What a thread has to do for the events that it brought about: some are its own to deliver; most of the others are
 * delivered by somebody else and none of its concern, but where too many wait it waits as well, if it may, until
 * whoever delivers that id has done so.
 *
 * <p>Used by one thread, but for the deliveries: they are taken one at a time, when they begin. So if the listener
 * hangs in one of them, another thread can go on with {@linkplain #rest the rest}; and the first, should it come back,
 * finds what there is still to do, or nothing.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Outbox<K, V> {

  /** The next event of an id, and the delivery of that. */
  record Claimed<K, V>(Deliveries.Delivery<K, V> delivery, ItemEvent<K, V> event) {}

  final Queue<Claimed<K, V>> claimed;
  final List<CountDownLatch> awaited = new ArrayList<>(0);

  Outbox() {
    this(new ConcurrentLinkedQueue<>());
  }

  private Outbox(Queue<Claimed<K, V>> claimed) {
    this.claimed = claimed;
  }

  /** Whether there is nothing to deliver and nothing to wait for. */
  public boolean isEmpty() {
    return claimed.isEmpty() && awaited.isEmpty();
  }

  /** The deliveries that have not begun, for another thread: they are still those of this as well. */
  public Outbox<K, V> rest() {
    return new Outbox<>(claimed);
  }
}
