package io.autorefresh.internal.items;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** How many of the items that were there when the cache started have not been heard of, and the callers that wait. */
public final class Readiness {

  /** One more for the start itself. */
  private final AtomicInteger missing = new AtomicInteger(1);
  private final Set<Waiter> waiters = ConcurrentHashMap.newKeySet();

  void countUp() {
    missing.incrementAndGet();
  }

  void countDown() {
    if (missing.decrementAndGet() == 0) {
      wakeWaiters();
    }
  }

  void wakeWaiters() {
    waiters.forEach(Waiter::wake);
  }

  public boolean isReady() { return missing.get() == 0; }

  /** A caller waits from now on; it looks afterwards whether this is ready. */
  public void add(Waiter waiter) {
    waiters.add(waiter);
  }

  public void remove(Waiter waiter) {
    waiters.remove(waiter);
  }
}
