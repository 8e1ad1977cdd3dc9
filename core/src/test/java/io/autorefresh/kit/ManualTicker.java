package io.autorefresh.kit;

import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** A ticker that stands still until a test moves it. Starts near the wrap-around, which must not matter. */
public final class ManualTicker implements Ticker {

  /** Who waits for a time looks every millisecond; nobody does if nothing was read for so long. */
  private static final long SILENCE = 100_000_000;

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
    long seenAt = System.nanoTime();
    while (seen < enough && System.nanoTime() - seenAt < SILENCE) {
      LockSupport.parkNanos(200_000);
      if (reads.get() != seen) {
        seen = reads.get();
        seenAt = System.nanoTime();
      }
    }
    return this;
  }
}
