package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * R7 and L2 where callbacks occupy all carriers, as calls that wait for a monitor do on JDK 21 to 23: time-outs and log
 * lines still come, and the close is bounded. The supervisor does not live on what it supervises.
 */
@Timeout(60)
class OccupiedCarriersTest {

  private static final int CALLS = Math.max(6, 3 * Runtime.getRuntime().availableProcessors());
  private static final int LEAST = Math.min(CALLS, Runtime.getRuntime().availableProcessors());

  private final Object monitor = new Object();
  private final AtomicInteger begun = new AtomicInteger();

  private AutoRefreshBuilder<Integer, Integer> jobs() {
    return AutoRefresh.<Integer, Integer>builder().name("jobs").refreshEvery(Duration.ofMillis(200))
        .maxConcurrency(CALLS).refreshTimeout(Duration.ofMillis(100)).closeTimeout(Duration.ofMillis(300))
        .refresh((id, n) -> n);
  }

  private int waitForTheMonitor(int n) {
    begun.incrementAndGet();
    synchronized (monitor) {
      return n + 1;
    }
  }

  private static void create(AutoRefresh<Integer, Integer> cache) {
    IntStream.range(0, CALLS).forEach(id -> cache.getOrCreate(id, 0));
  }

  /** The carriers are everybody's: the test ends when they are free again. */
  private static void awaitEnd(AutoRefresh<Integer, Integer> cache) throws Exception {
    Await.until("all calls have ended", () -> cache.stats().runningJobs() + cache.stats().abandonedJobs() == 0);
  }

  @Test
  void R7_callsThatWaitForAMonitorOnAllCarriers_timeOutAndAreLogged() throws Exception {
    AutoRefresh<Integer, Integer> cache = jobs().refresh((id, n) -> waitForTheMonitor(n)).build();
    try (LogCapture log = LogCapture.open()) {
      synchronized (monitor) {
        create(cache);
        cache.start();
        Await.until("all carriers are occupied", () -> begun.get() >= LEAST);
        Await.until("calls have timed out", () -> cache.stats().timedOutCalls() >= LEAST);
        Await.until("their items have failed", () -> IntStream.range(0, CALLS).filter(id -> cache.inspect(id)
            .orElseThrow().lastFailure().stream()
            .anyMatch(failure -> failure.type().equals(TimeoutException.class.getName()))).count() >= LEAST);
        Await.until("the log says so, and where they hang", () -> log.entries().stream().anyMatch(entry ->
            entry.contains("jobs") && entry.contains("TimeoutException") && entry.contains("waitForTheMonitor")));
        Await.until("they are abandoned", () -> cache.stats().abandonedJobs() >= LEAST);
        Await.until("cycles go on", () -> cache.stats().cycles() > 2);
        assertThat(cache.get(0)).as("reads go on").isZero();
        cache.close();
      }
      awaitEnd(cache);
    }
  }

  @Test
  void L2_closeBesideCallsThatWaitForAMonitorOnAllCarriers_isBounded() throws Exception {
    AutoRefresh<Integer, Integer> cache = jobs().refreshTimeout(Duration.ofDays(1))
        .refresh((id, n) -> waitForTheMonitor(n)).onDelete((id, n) -> {}).listener(event -> {}).build();
    try (LogCapture log = LogCapture.open()) {
      synchronized (monitor) {
        create(cache);
        cache.start();
        Await.until("all carriers are occupied", () -> begun.get() >= LEAST);
        cache.deleteDelayed(0);
        cache.close();
        assertThat(log.entries()).as("what did not end, with its stack").anySatisfy(
            entry -> assertThat(entry).contains("jobs", "waitForTheMonitor"));
      }
      awaitEnd(cache);
    }
  }

  @Test
  void L2_closeBesideDeletionsThatWaitForAMonitorOnAllCarriers_isBounded() throws Exception {
    AutoRefresh<Integer, Integer> cache = jobs().refreshTimeout(Duration.ofDays(1))
        .onDelete((id, n) -> waitForTheMonitor(n)).build();
    try (LogCapture log = LogCapture.open()) {
      synchronized (monitor) {
        create(cache);
        IntStream.range(0, CALLS).forEach(cache::deleteDelayed);
        cache.close();
        assertThat(begun).as("deletions that began").hasValueGreaterThanOrEqualTo(LEAST);
        assertThat(log.entries()).as("what did not end, with its stack").anySatisfy(
            entry -> assertThat(entry).contains("jobs", "waitForTheMonitor"));
        assertThat(log.entries()).anySatisfy(
            entry -> assertThat(entry).contains("jobs", CALLS + " items not deleted"));
      }
      awaitEnd(cache);
    }
  }
}
