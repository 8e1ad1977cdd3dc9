package io.autorefresh.internal.schedule;

import java.util.concurrent.atomic.AtomicInteger;

/** A count and its maximum. Safe for use by many threads. */
public final class Tally {

  private final AtomicInteger now = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  /** Adds the step, one or minus one; returns the count. */
  public int add(int step) {
    int count = now.addAndGet(step);
    if (count > most.get()) {
      most.accumulateAndGet(count, Math::max);
    }
    return count;
  }

  public int now() { return now.get(); }

  public int most() { return most.get(); }

  /** Sets the maximum to the present count. */
  public void restart() {
    most.set(now.get());
  }
}
