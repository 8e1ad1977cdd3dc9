package io.autorefresh.kit;

import io.autorefresh.AutoRefresh;
import java.time.Duration;

/** Moves a ticker in small steps, and lets the cache do what is due at each before it takes the next. */
public final class Stepper {

  private static final int LOOKS = 6;

  private final ManualTicker ticker;
  private final AutoRefresh<?, ?> cache;

  public Stepper(ManualTicker ticker, AutoRefresh<?, ?> cache) {
    this.ticker = ticker;
    this.cache = cache;
  }

  /** Moves the ticker so far, a step at a time. */
  public void forward(Duration way, Duration step) throws Exception {
    for (Duration gone = Duration.ZERO; gone.compareTo(way) < 0; gone = gone.plus(step)) {
      ticker.advance(step);
      settle();
    }
  }

  /** Returns when the cache has seen the time and its jobs have ended. */
  public void settle() throws Exception {
    ticker.awaitNoticed();
    Await.until("no job runs", () -> cache.stats().runningJobs() == 0);
  }
}
