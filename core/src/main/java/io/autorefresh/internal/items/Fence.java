package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The jobs' side of the map: taking items, and changing those that one has taken.
 *
 * <p>Every method but the taking ones has an effect only as long as the item is mapped and bears the
 * ticket given, and tells whether it had. Each takes the lock of the item's stripe for a moment. Events are posted
 * to the outbox, which the job delivers by {@link Events#deliver} when it holds no lock.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Fence<K, V> {

  private final ItemMap<K, V> map;
  private final Events<K, V> events;

  public Fence(ItemMap<K, V> map) {
    this.map = map;
    this.events = map.events();
  }

  /**
   * Takes an item for a refresh, if it is to have one: live, unmarked, not in flight, not backing off. It is fresh no
   * longer then.
   *
   * @param freshOnly whether only the first refresh of a new item is wanted
   * @param now the ticker's reading, for the back-off
   */
  public boolean take(Item<K, V> item, Object ticket, boolean freshOnly, long now) {
    Stripe<K, V> stripe = lock(item);
    try {
      if (!item.isRefreshable() || freshOnly && !item.fresh) {
        return false;
      }
      if (stripe.deliveries.contains(item) || stripe.stragglers.contains(item)) {
        return false;
      }
      if (!item.isDue(now)) {
        return false;
      }
      stripe.clearFresh(item);
      item.ticket = ticket;
      return true;
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Takes an item that is marked, to remove it, if no other job deletes it and it is not backing off. */
  public boolean takeMarked(Item<K, V> item, Object ticket, long now) {
    Stripe<K, V> stripe = lock(item);
    try {
      return takeMarked(item, ticket, now, false);
    } finally {
      stripe.lock.unlock();
    }
  }

  /** As {@link #takeMarked}, for a call of the deleter: not while one for an earlier generation of the id goes on. */
  public boolean takeForDeletion(Item<K, V> item, Object ticket, long now) {
    Stripe<K, V> stripe = lock(item);
    try {
      return takeMarked(item, ticket, now, stripe.stragglers.containsEarlier(item));
    } finally {
      stripe.lock.unlock();
    }
  }

  private static boolean takeMarked(Item<?, ?> item, Object ticket, long now, boolean occupied) {
    if (occupied || !item.isDue(now) || !item.isMapped() || !item.isMarked() || item.ticket != null) {
      return false;
    }
    item.ticket = ticket;
    return true;
  }

  /** The item is as it was, or has a new value; the job lets go of it. */
  public boolean confirm(
      Item<K, V> item,
      Object ticket,
      @Nullable V updated,
      boolean terminal,
      long now,
      Outbox<K, V> outbox) {
    Stripe<K, V> stripe = lock(item);
    try {
      if (item.ticket != ticket) {
        return false;
      }
      V value = item.value;
      if (updated != null) {
        events.post(stripe, outbox, item, new ItemEvent.Updated<>(item.id, value, updated));
        value = updated;
      }
      if (terminal) {
        events.post(stripe, outbox, item, new ItemEvent.BecameTerminal<>(item.id, value));
        stripe.becomeTerminal(item);
      }
      if (updated != null) {
        item.value = updated;
      }
      item.confirmedAt = now;
      item.failure = null;
      item.ticket = null;
      return true;
    } finally {
      stripe.lock.unlock();
    }
  }

  /** The item is gone at the remote, or its deletion was carried out: it is removed. */
  public boolean remove(Item<K, V> item, Object ticket, Outbox<K, V> outbox) {
    Stripe<K, V> stripe = lock(item);
    try {
      if (item.ticket != ticket) {
        return false;
      }
      events.post(stripe, outbox, item, new ItemEvent.Deleted<>(item.id, item.value, !item.isMarked()));
      item.ticket = null;
      map.remove(stripe, item);
      return true;
    } finally {
      stripe.lock.unlock();
    }
  }

  /**
   * The refresh of the item, or its deletion, failed. The job keeps the ticket until {@link #release}, since it may
   * still be running.
   *
   * @param cause what was thrown
   * @param next the failures in a row, from those before; must not call user code
   */
  public boolean fail(
      Item<K, V> item,
      Object ticket,
      Throwable cause,
      UnaryOperator<@Nullable Failure> next,
      Outbox<K, V> outbox) {
    Stripe<K, V> stripe = lock(item);
    try {
      if (item.ticket != ticket) {
        return false;
      }
      Failure failure = next.apply(item.failure);
      int count = failure.count();
      events.post(stripe, outbox, item, new ItemEvent.Failed<>(item.id, item.value, cause, count, item.isMarked()));
      item.failure = failure;
      return true;
    } finally {
      stripe.lock.unlock();
    }
  }

  /** The job has ended, or is given up: it lets go of the item, if it still has it, and is in its way no longer. */
  public void end(Item<K, V> item, Object ticket) {
    Stripe<K, V> stripe = lock(item);
    boolean fresh;
    try {
      if (item.ticket == ticket) {
        item.ticket = null;
      }
      stripe.stragglers.remove(item, ticket);
      fresh = map.offerFresh(stripe, item);
    } finally {
      stripe.lock.unlock();
    }
    map.signalIf(fresh);
  }

  /** A new item was not taken after all: it waits for its first refresh again, with nobody told. */
  public void offerFresh(Item<K, V> item) {
    Stripe<K, V> stripe = lock(item);
    try {
      stripe.offerFresh(item);
    } finally {
      stripe.lock.unlock();
    }
  }

  /** The first refresh of a new item has come to nothing: it is due like all others, and owed none of its own. */
  public void forgoFirst(Item<K, V> item) {
    Stripe<K, V> stripe = lock(item);
    try {
      stripe.clearFresh(item);
    } finally {
      stripe.lock.unlock();
    }
  }

  /** The job lets go of the item and leaves it as it is. */
  public boolean release(Item<K, V> item, Object ticket) {
    Stripe<K, V> stripe = lock(item);
    try {
      if (item.ticket != ticket) {
        return false;
      }
      item.ticket = null;
      return true;
    } finally {
      stripe.lock.unlock();
    }
  }

  private Stripe<K, V> lock(Item<K, V> item) {
    Stripe<K, V> stripe = map.stripe(item.hash);
    stripe.lock.lock();
    return stripe;
  }
}
