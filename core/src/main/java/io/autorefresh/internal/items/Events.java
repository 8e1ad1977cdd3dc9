package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings the events of a map to its listener, if it has one: posted under a stripe's lock at their effect,
 * delivered with no lock held, in order for each id (see {@link Deliveries}).
 *
 * <p>A listener may use the cache, and bring about events by that. Those are delivered when it has returned, by the
 * same thread, and not within it, so that events which cause events need no deep stack.
 *
 * <p><b>Nobody waits for a listener</b> that is called in another thread, unless too many events wait for it. Then
 * those do who bring about more of them, but none that is in a callback itself: so two listeners cannot wait for each
 * other, nor a listener and a creator. What a job brought about it delivers when its callback has returned; it may
 * wait, as the time that it may take is limited.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Events<K, V> {

  private static final BooleanSupplier ALWAYS = () -> true;

  private final ItemMap<K, V> map;
  private final @Nullable Teller<K, V> teller;
  private final Outbox<K, V> none = new Outbox<>();
  /** What the thread that delivers has still to deliver. */
  private final ThreadLocal<Queue<Outbox.Claimed<K, V>>> delivering = new ThreadLocal<>();

  /** Takes what tells the listener, or null if there is none. */
  Events(ItemMap<K, V> map, @Nullable Teller<K, V> teller) {
    this.map = map;
    this.teller = teller;
  }

  /** A place for the events that the caller brings about. Without a listener nothing is ever put there. */
  public Outbox<K, V> newOutbox() {
    return teller == null ? none : new Outbox<>();
  }

  /** Posts an event of an item under the lock, just before its effect. */
  void post(Stripe<K, V> stripe, Outbox<K, V> outbox, Item<K, V> item, ItemEvent<K, V> event) {
    if (teller != null) {
      stripe.deliveries.post(new Key<>(item.id, item.hash), event, outbox);
    }
  }

  /**
   * Delivers what a job brought about, and what was posted of the same ids meanwhile, with no lock held.
   *
   * @param mayGoOn asked before the listener is told of another event; if not, the outbox keeps the rest
   */
  public void deliver(Outbox<K, V> outbox, BooleanSupplier mayGoOn) {
    if (deliverClaimed(outbox, mayGoOn) && mayGoOn.getAsBoolean()) {
      await(outbox);
    }
  }

  /** The same for who called the cache, be it from within a callback. */
  void deliverForCaller(Outbox<K, V> outbox) {
    if (deliverClaimed(outbox, ALWAYS) && !outbox.awaited.isEmpty() && teller != null && teller.mayWait()) {
      await(outbox);
    }
  }

  /** Delivers, or leaves it to the caller's caller that is at it; returns whether there may be something to await. */
  private boolean deliverClaimed(Outbox<K, V> outbox, BooleanSupplier mayGoOn) {
    Teller<K, V> teller = this.teller;
    if (teller == null || outbox.isEmpty()) {
      return false;
    }
    Queue<Outbox.Claimed<K, V>> outer = delivering.get();
    if (outer != null) {
      outer.addAll(outbox.claimed);
      return false;
    }
    Queue<Outbox.Claimed<K, V>> queue = outbox.claimed;
    delivering.set(queue);
    try {
      for (Outbox.Claimed<K, V> claimed; mayGoOn.getAsBoolean() && (claimed = queue.poll()) != null; ) {
        try {
          teller.tell(claimed.event());
        } finally {
          queueNext(claimed.delivery(), queue);
        }
      }
    } finally {
      delivering.remove();
    }
    return true;
  }

  private void queueNext(Deliveries.Delivery<K, V> delivery, Queue<Outbox.Claimed<K, V>> queue) {
    ItemEvent<K, V> next = map.nextEvent(delivery);
    if (next != null) {
      queue.add(new Outbox.Claimed<>(delivery, next));
    }
  }

  /** Waits until others have delivered what is too much; an interruption ends the wait and is kept. */
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
