package io.autorefresh.internal.items;

import io.autorefresh.RemovalCause;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the map within its maximum size, exactly: {@code size <= maximumSize} whenever no call is in progress.
 *
 * <p>There is one counter for all stripes. A thread that has inserted an item too many claims an eviction by counting
 * down, and only then looks for the victim, one stripe at a time. So exactly one item goes for each item too many.
 * Terminal items of any stripe go first. Live items of the newcomer's stripe are next, or of the fullest stripe if the
 * newcomer's has no more than its share (see {@link Stripe} for the policy); then those of the other stripes. Items
 * marked for deletion go last. The newcomer itself is never the victim.
 */
final class Eviction<K, V> {

  private final ItemMap<K, V> map;
  private final Stripe<K, V>[] stripes;
  private final LongAdder count = new LongAdder();

  Eviction(ItemMap<K, V> map) {
    this.map = map;
    this.stripes = map.stripes;
  }

  long count() { return count.sum(); }

  /** Evicts until the size is within bounds. Called without a lock. */
  void evictExcess(Item<K, V> newcomer) {
    for (int seen = map.size.get(); seen > map.maximumSize; seen = map.size.get()) {
      if (map.size.compareAndSet(seen, seen - 1) && !evictOne(newcomer)) {
        // All victims have gone otherwise meanwhile: give the claim back and count again.
        map.size.incrementAndGet();
        Thread.onSpinWait();
      }
    }
  }

  private boolean evictOne(Item<K, V> newcomer) {
    return evict(newcomer, stripe -> stripe.terminal.size(), Stripe::terminalVictim)
        || evict(newcomer, Stripe::live, Stripe::liveVictim)
        || evict(newcomer, stripe -> stripe.marked.size(), Stripe::markedVictim);
  }

  /** Evicts one item as the policy chooses it, from the first stripe that has such items. */
  private boolean evict(
      Item<K, V> newcomer,
      ToIntFunction<Stripe<K, V>> size,
      BiFunction<Stripe<K, V>, Item<K, V>, @Nullable Item<K, V>> policy) {
    int first = fairStripe(newcomer.hash & stripes.length - 1);
    for (int i = 0; i < stripes.length; i++) {
      Stripe<K, V> each = stripes[first + i & stripes.length - 1];
      if (size.applyAsInt(each) > 0) {
        try (Stripe<K, V> stripe = each.hold()) {
          Item<K, V> victim = policy.apply(stripe, newcomer);
          if (victim != null) {
            map.unmap(stripe, victim, RemovalCause.EVICTED);
            count.increment();
            return true;
          }
        }
      }
    }
    return false;
  }

  /** Returns the newcomer's stripe if it has more than its share, else the fullest: so the shares follow the demand. */
  private int fairStripe(int own) {
    int fullest = own;
    if (stripes[own].size() <= map.maximumSize / stripes.length) {
      for (int i = 0; i < stripes.length; i++) {
        fullest = stripes[i].size() > stripes[fullest].size() ? i : fullest;
      }
    }
    return fullest;
  }
}
