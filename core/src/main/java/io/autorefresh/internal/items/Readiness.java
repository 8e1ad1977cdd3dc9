package io.autorefresh.internal.items;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Whether a cache is ready: each live item that was there at the start has been confirmed, has failed once, or is gone.
 * Thread-safe.
 */
public final class Readiness {

  /** The items of the start that are neither, and this object until all of them are known. */
  private final Set<Object> expected = ConcurrentHashMap.newKeySet();
  private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();

  Readiness() {
    expected.add(this);
  }

  /** The cache starts with this item. */
  void expect(Item<?, ?> item) {
    if (!item.isConfirmed() && item.failure() == null) {
      expected.add(item);
    }
  }

  /** Readiness does not depend on the object any more. */
  void settle(Object known) {
    if (!expected.isEmpty() && expected.remove(known) && isReady()) {
      wakeWaiters();
    }
  }

  void wakeWaiters() {
    waiters.forEach(Waiter::wake);
  }

  public boolean isReady() { return expected.isEmpty(); }

  /** Adds a waiting caller, which looks afterwards whether this is ready. */
  public void add(Waiter waiter) {
    waiters.add(waiter);
  }

  public void remove(Waiter waiter) {
    waiters.remove(waiter);
  }
}
