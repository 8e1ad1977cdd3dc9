package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings the events of a map to its listener, if it has one: posted under a stripe's lock at their effect,
 * delivered with no lock held, in order for each id (see {@link Deliveries}).
 *
 * <p>A listener may use the cache, and bring about events by that. Those are delivered when it has returned, by the
 * same thread, and not within it, so that events which cause events need no deep stack; and they wait for nobody,
 * so that two listeners cannot wait for each other.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Events<K, V> {

  private final ItemMap<K, V> map;
  private final @Nullable Consumer<? super ItemEvent<K, V>> listener;
  private final Outbox<K, V> none = new Outbox<>();
  /** What the thread that delivers has still to deliver. */
  private final ThreadLocal<Queue<Outbox.Claimed<K, V>>> delivering = new ThreadLocal<>();

  /** Takes a listener that does not throw, or null. */
  Events(ItemMap<K, V> map, @Nullable Consumer<? super ItemEvent<K, V>> listener) {
    this.map = map;
    this.listener = listener;
  }

  /** A place for the events that the caller brings about. Without a listener nothing is ever put there. */
  public Outbox<K, V> newOutbox() {
    return listener == null ? none : new Outbox<>();
  }

  /** Posts an event of an item under the lock, just before its effect. */
  void post(Stripe<K, V> stripe, Outbox<K, V> outbox, Item<K, V> item, ItemEvent<K, V> event) {
    if (listener != null) {
      stripe.deliveries.post(new Key<>(item.id, item.hash), event, outbox);
    }
  }

  /** Delivers events, and what was posted of the same ids meanwhile, with no lock held. */
  public void deliver(Outbox<K, V> outbox) {
    Consumer<? super ItemEvent<K, V>> listener = this.listener;
    if (listener == null || outbox.isEmpty()) {
      return;
    }
    Queue<Outbox.Claimed<K, V>> outer = delivering.get();
    if (outer != null) {
      outer.addAll(outbox.claimed);
      return;
    }
    Queue<Outbox.Claimed<K, V>> queue = new ArrayDeque<>(outbox.claimed);
    delivering.set(queue);
    try {
      for (Outbox.Claimed<K, V> claimed; (claimed = queue.poll()) != null; ) {
        deliver(listener, claimed);
      }
    } finally {
      delivering.remove();
    }
    await(outbox);
  }

  private void deliver(Consumer<? super ItemEvent<K, V>> listener, Outbox.Claimed<K, V> claimed) {
    ItemEvent<K, V> event = claimed.event();
    while (event != null) {
      try {
        listener.accept(event);
      } finally {
        event = map.nextEvent(claimed.delivery());
      }
    }
  }

  /** Waits until others have delivered what they had begun with; an interruption ends the wait and is kept. */
  private void await(Outbox<K, V> outbox) {
    try {
      for (CountDownLatch delivered : outbox.awaited) {
        delivered.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
