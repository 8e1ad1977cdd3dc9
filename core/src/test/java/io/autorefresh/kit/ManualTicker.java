package io.autorefresh.kit;

import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A ticker that stands still until a test moves it. Starts near the wrap-around, which must not matter. */
public final class ManualTicker implements Ticker {

  /**
   * Who waits for a time looks every millisecond; nobody does if nothing was read in so many looks of ours, each some
   * time after the one before. They are counted, as a pause of the whole JVM is no silence.
   */
  private static final int SILENCE = 500;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000_000);
  private final AtomicLong reads = new AtomicLong();

  @Override
  public long read() {
    reads.incrementAndGet();
    return nanos.get();
  }

  public ManualTicker advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
    return this;
  }

  /**
   * Returns when the cache has looked at the time so often that it did, by now, whatever it thinks due, or evidently
   * waits for something else than time.
   */
  public ManualTicker awaitNoticed() {
    return awaitNoticed(30);
  }

  /** The same for a cache that looks at the time so many times more. */
  public ManualTicker awaitNoticed(int looks) {
    long enough = reads.get() + looks;
    long seen = reads.get();
    for (int silent = 0; seen < enough && silent < SILENCE; silent++) {
      LockSupport.parkNanos(200_000);
      if (reads.get() != seen) {
        seen = reads.get();
        silent = 0;
      }
    }
    return this;
  }
}
