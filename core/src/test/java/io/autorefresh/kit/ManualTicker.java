package io.autorefresh.kit;

import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** A ticker that stands still until a test moves it. Starts near the wrap-around, which must not matter. */
public final class ManualTicker implements Ticker {

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

  /** Returns when the cache has looked at the time so often that it did, by now, whatever it thinks due. */
  public ManualTicker awaitNoticed() throws Exception {
    return awaitNoticed(30);
  }

  /** Returns when the cache has looked at the time so many times more. */
  public ManualTicker awaitNoticed(int looks) throws Exception {
    long enough = reads.get() + looks;
    Await.until("the cache noticed the time", () -> reads.get() >= enough);
    return this;
  }
}
