package io.autorefresh.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R10: cycles never pile up. An overrun is counted and costs no item its turn. */
@Timeout(60)
class OverrunTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");
  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate(ticker);

  private AutoRefresh<String, Integer> jobs() {
    return jobs(1);
  }

  /** So few items at most that there is one stripe, and cycles refresh them in the order in which they came. */
  private AutoRefresh<String, Integer> jobs(int maxConcurrency) {
    AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD)
        .ticker(ticker).refreshBatch(remote).batchSize(1).maxConcurrency(maxConcurrency).spread(false)
        .refreshOnCreate(false).refreshTimeout(Duration.ofDays(1)).maximumSize(100).build();
    IntStream.range(0, 3).forEach(i -> cache.getOrCreate("id-" + i, 0));
    cache.start();
    return cache;
  }

  private void stopAtTheGate() {
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
  }

  private List<Long> refreshes() {
    return IntStream.range(0, 3).mapToObj(i -> remote.refreshes("id-" + i)).toList();
  }

  @Test
  void R10_anOverrunIsCountedAndTheNextCycleBeginsInItsTime() throws Exception {
    stopAtTheGate();
    try (AutoRefresh<String, Integer> cache = jobs()) {
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      Await.until("the others wait", () -> cache.stats().backlog() == 2);
      assertThat(cache.stats().overruns()).isZero();
      ticker.jump(PERIOD);
      Await.until("the overrun is counted", () -> cache.stats().overruns() == 1);
      Await.until("all three wait, the one in flight for its next turn", () -> cache.stats().backlog() == 3);
      assertThat(log.entries()).hasSize(1);
      gate.open();
      Await.until("all have ended while the time stands still",
          () -> cache.stats().updated() == 4 && cache.stats().cycles() == 2);
      ticker.settle();
      assertThat(refreshes()).as("what was left over goes first").containsExactly(2L, 1L, 1L);
      assertThat(cache.stats()).returns(1L, Stats::overruns).returns(2L, Stats::cycles).returns(0L, Stats::backlog);
    }
  }

  @Test
  void R10_cyclesNeverPileUp() throws Exception {
    stopAtTheGate();
    try (AutoRefresh<String, Integer> cache = jobs()) {
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      for (int missed = 1; missed <= 10; missed++) {
        ticker.jump(PERIOD);
        int expected = missed;
        Await.until("the overrun is counted", () -> cache.stats().overruns() == expected);
        Await.until("its items wait", () -> cache.stats().backlog() == 3);
        assertThat(cache.stats()).returns(1L, Stats::refreshCalls).returns(1L, Stats::runningJobs);
      }
      assertThat(log.entries()).as("a row of overruns is logged once").hasSize(1);
      gate.open();
      Await.until("all have ended", () -> cache.stats().updated() == 4 && cache.stats().runningJobs() == 0);
      ticker.settle();
      assertThat(refreshes()).containsExactly(2L, 1L, 1L);
      remote.forget();
      ticker.jump(PERIOD);
      Await.until("it goes on as before", () -> refreshes().equals(List.of(1L, 1L, 1L)));
    }
  }

  @Test
  void R10_theTicksThatAJumpOfTheTickerMissesAreSkipped() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      ticker.jump(PERIOD.multipliedBy(10));
      Await.until("a cycle has ended", () -> cache.stats().cycles() == 1);
      ticker.settle();
      assertThat(refreshes()).containsExactly(1L, 1L, 1L);
      ticker.jump(PERIOD);
      Await.until("the next cycle has ended", () -> cache.stats().cycles() == 2);
      ticker.settle();
      assertThat(refreshes()).containsExactly(2L, 2L, 2L);
      assertThat(cache.stats().overruns()).isZero();
    }
  }

  @Test
  void R10_theEffectivePeriodIsReported() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      assertThat(cache.stats().period()).isEqualTo(PERIOD);
      ticker.jump(PERIOD);
      Await.until("a cycle has ended", () -> cache.stats().cycles() == 1);
      stopAtTheGate();
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      assertThat(cache.stats().period()).isEqualTo(PERIOD);
      ticker.jump(PERIOD);
      Await.until("it is known that a period suffices for one of three items",
          () -> cache.stats().period().equals(PERIOD.multipliedBy(3)));
      gate.open();
      Await.until("all have ended", () -> cache.stats().updated() == 7 && cache.stats().backlog() == 0);
      ticker.jump(PERIOD);
      Await.until("a period suffices again", () -> cache.stats().period().equals(PERIOD));
    }
  }

  /** Else the last items of each overrun cycle would be refreshed half as often as the others. */
  @Test
  void R1_whatIsInFlightWhenACycleBeginsHasItsTurnInThat() throws Exception {
    Gate last = new Gate(ticker);
    AtomicInteger calls = new AtomicInteger();
    remote.answers(items -> {
      if (calls.incrementAndGet() == 4) {
        gate.pass();
      } else if (items.equals(Map.of("id-2", 0))) {
        last.pass();
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs(2)) {
      ticker.jump(PERIOD);
      last.awaitArrived(1);
      Await.until("nothing else runs", () -> cache.stats().runningJobs() == 1);
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      last.open();
      Await.until("all have been refreshed twice but the first, which is at the gate", () -> calls.get() == 6);
      assertThat(refreshes()).containsExactly(2L, 2L, 2L);
      gate.open();
      Await.until("both cycles have ended", () -> cache.stats().cycles() == 2);
      assertThat(refreshes()).containsExactly(2L, 2L, 2L);
    }
  }

  @Test
  void R2_whatIsInFlightStillWhenItsTurnComesIsLeftToTheNextCycle() throws Exception {
    remote.answers(items -> {
      if (items.containsKey("id-0")) {
        gate.pass();
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs(2)) {
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      Await.until("nothing else runs",
          () -> cache.stats().runningJobs() == 1 && refreshes().equals(List.of(1L, 1L, 1L)));
      ticker.jump(PERIOD);
      Await.until("the second cycle has ended, and the first waits", () -> cache.stats().cycles() == 1);
      assertThat(refreshes()).containsExactly(1L, 2L, 2L);
      gate.open();
      Await.until("the first cycle has ended", () -> cache.stats().cycles() == 2);
      ticker.settle();
      assertThat(refreshes()).containsExactly(1L, 2L, 2L);
      ticker.jump(PERIOD);
      Await.until("it takes part again", () -> refreshes().equals(List.of(2L, 3L, 3L)));
    }
  }
}
