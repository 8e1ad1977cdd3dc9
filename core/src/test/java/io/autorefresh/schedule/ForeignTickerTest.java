package io.autorefresh.schedule;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Ticker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Remote;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A ticker of a user's own, whose nanoseconds are taken for real time. */
@Timeout(60)
class ForeignTickerTest {

  private final AtomicLong reads = new AtomicLong();
  private final Ticker ticker = () -> {
    reads.incrementAndGet();
    return System.nanoTime();
  };
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs(Duration period) {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(period).refreshBatch(remote).ticker(ticker);
  }

  @Test
  void R1_cycleFollowsCycle() throws Exception {
    for (boolean spread : new boolean[] {true, false}) {
      try (AutoRefresh<String, Integer> cache = jobs(Duration.ofMillis(5)).spread(spread).start()) {
        cache.getOrCreate("a", 0);
        Await.until("it is refreshed again and again", () -> cache.get("a") > 20);
      }
    }
  }

  @Test
  void L1_anIdleCache_doesNotReadIt() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(Duration.ofHours(1)).start()) {
      cache.getOrCreate("a", 0);
      Await.until("it is refreshed", () -> cache.get("a") == 1 && cache.stats().runningJobs() == 0);
      Await.until("50 ms pass without a reading, once all threads have come to rest", () -> {
        long before = reads.get();
        TimeUnit.MILLISECONDS.sleep(50);
        return reads.get() == before;
      });
    }
  }
}
