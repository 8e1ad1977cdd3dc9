package io.autorefresh.internal.items;

import io.autorefresh.RemovalCause;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the map within its maximum size, exactly: {@code size <= maximumSize} whenever no call is in progress.
 *
 * <p>There is one counter for all stripes. A thread that inserted an item too many claims an eviction by counting
 * down, and only then looks for the victim, one stripe at a time; so for each item too many exactly one goes. Terminal
 * items of any stripe go first; then the live ones of the newcomer's stripe, or of the fullest one if that has no more
 * than its share, as its policy has it (see {@link Stripe}), then those of the others; items that wait for their
 * deletion go last. The newcomer itself is never the victim.
 */
final class Eviction<K, V> {

  private interface Policy<K, V> {
    @Nullable Item<K, V> victim(Stripe<K, V> stripe, Item<K, V> newcomer);
  }

  private final ItemMap<K, V> map;
  private final Stripe<K, V>[] stripes;
  private final AtomicInteger size;
  private final long maximumSize;
  private final LongAdder count = new LongAdder();

  Eviction(ItemMap<K, V> map, Stripe<K, V>[] stripes, AtomicInteger size, long maximumSize) {
    this.map = map;
    this.stripes = stripes;
    this.size = size;
    this.maximumSize = maximumSize;
  }

  long count() { return count.sum(); }

  /** Evicts until the size is within bounds. Called with no lock held. */
  void evictExcess(Item<K, V> newcomer) {
    for (int seen = size.get(); seen > maximumSize; seen = size.get()) {
      if (size.compareAndSet(seen, seen - 1) && !evictOne(newcomer)) {
        // The victims that there were went otherwise meanwhile: give the claim back and count again.
        size.incrementAndGet();
        Thread.onSpinWait();
      }
    }
  }

  private boolean evictOne(Item<K, V> newcomer) {
    int own = fairStripe(newcomer.hash & stripes.length - 1);
    for (int i = 0; i < stripes.length; i++) {
      Stripe<K, V> stripe = stripes[own + i & stripes.length - 1];
      if (stripe.hasTerminal() && evictFrom(stripe, newcomer, Stripe::terminalVictim)) {
        return true;
      }
    }
    for (int i = 0; i < stripes.length; i++) {
      if (evictFrom(stripes[own + i & stripes.length - 1], newcomer, Stripe::liveVictim)) {
        return true;
      }
    }
    for (Stripe<K, V> stripe : stripes) {
      if (evictFrom(stripe, newcomer, Stripe::markedVictim)) {
        return true;
      }
    }
    return false;
  }

  /** The newcomer's stripe if it has more than its share, else the fullest: so the shares follow what is asked for. */
  private int fairStripe(int own) {
    int fullest = own;
    if (stripes[own].size() <= maximumSize / stripes.length) {
      for (int i = 0; i < stripes.length; i++) {
        if (stripes[i].size() > stripes[fullest].size()) {
          fullest = i;
        }
      }
    }
    return fullest;
  }

  private boolean evictFrom(Stripe<K, V> stripe, Item<K, V> newcomer, Policy<K, V> policy) {
    boolean evicted = stripe.<Boolean>under(locked -> {
      Item<K, V> victim = policy.victim(locked, newcomer);
      if (victim != null) {
        map.unmap(locked, victim, RemovalCause.EVICTED);
      }
      return victim != null;
    });
    if (evicted) {
      count.increment();
    }
    return evicted;
  }
}
