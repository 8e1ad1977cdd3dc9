package io.autorefresh.internal.schedule;

import java.util.concurrent.atomic.AtomicInteger;

/** How many there are now, and how many there were at most. Safe for use by many threads. */
public final class Tally {

  private final AtomicInteger now = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();

  /** Counts one more, or one less; returns how many there are. */
  public int add(int step) {
    int count = now.addAndGet(step);
    if (count > most.get()) {
      most.accumulateAndGet(count, Math::max);
    }
    return count;
  }

  public int now() { return now.get(); }

  public int most() { return most.get(); }

  /** From now on, the most are those that there are now. */
  public void restart() {
    most.set(now.get());
  }
}
