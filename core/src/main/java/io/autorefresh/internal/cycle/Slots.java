package io.autorefresh.internal.cycle;

import io.autorefresh.internal.schedule.Tally;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The slots of a cache: a job holds one from before its thread starts until it ends or is abandoned. Taken by one
 * thread at a time, the owner that hands out; given back by jobs, which wake the owner only when it waits for a slot.
 */
public final class Slots {

  private final int max;
  private final AtomicInteger free;
  private final Tally abandoned = new Tally();
  private volatile @Nullable Signal waiter;

  public Slots(int max) {
    this.max = max;
    this.free = new AtomicInteger(max);
  }

  /** Whether a slot is free. If not, the signal is rung when one comes back. */
  boolean mayTake(Signal signal) {
    if (free.get() > 0) {
      if (waiter != null) {
        waiter = null;
      }
      return true;
    }
    waiter = signal;
    // Again: a job may have given one back before it could see the waiter.
    return free.get() > 0;
  }

  /** Takes a slot that is free. */
  void take() {
    free.decrementAndGet();
  }

  void giveBack() {
    free.incrementAndGet();
    Signal waiting = waiter;
    if (waiting != null) {
      waiting.ring();
    }
  }

  /** The call of a job runs on without its slot, or has ended after that. */
  int countAbandoned(int step) { return abandoned.add(step); }

  int max() { return max; }

  /** How many slots are free. */
  int free() { return free.get(); }

  /** How many jobs hold a slot. */
  public int running() { return max - free.get(); }

  /** How many abandoned calls run. */
  public int abandoned() { return abandoned.now(); }

  Tally abandonedCalls() { return abandoned; }
}
