package io.autorefresh.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.Ticker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rules on real time, where nobody looks at a ticker every millisecond: every waiting ends by itself. */
@Timeout(60)
class SystemTickerTest {

  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(2);
  /** Long beside what a job takes to come to its call, also where its thread loses the processor meanwhile. */
  private static final Duration TIMEOUT = Duration.ofMillis(500);

  private final Remote remote = new Remote(Ticker.systemTicker());

  private AutoRefreshBuilder<String, Integer> jobs(Duration period) {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(period).refreshBatch(remote).batchSize(1);
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  @Test
  void R1_cycleFollowsCycle() throws Exception {
    for (boolean spread : new boolean[] {true, false}) {
      try (AutoRefresh<String, Integer> cache = jobs(Duration.ofMillis(10)).spread(spread).build()) {
        create(cache, 20);
        cache.start();
        Await.until("all are refreshed again and again",
            () -> IntStream.range(0, 20).allMatch(i -> cache.get("id-" + i) > 20));
      }
    }
  }

  @Test
  void D3_deletionsAreCarriedOutAndTriedAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (LogCapture log = LogCapture.open(); AutoRefresh<String, Integer> cache = jobs(SHORT).onDelete((id, item) -> {
      if (calls.getAndIncrement() < 3) {
        throw new IOException("of the test");
      }
    }).build()) {
      cache.start();
      create(cache, 1);
      cache.deleteDelayed("id-0");
      Await.until("it is gone", () -> cache.get("id-0") == null);
      Await.until("that is counted", () -> cache.stats().deletions() == 1);
      assertThat(cache.stats().deleteCalls()).isEqualTo(4);
      assertThat(log.entries()).filteredOn(entry -> entry.contains("WARNING")).as("one line for all").hasSize(1);
    }
  }

  @Test
  void R6_aFailingItemIsTriedAgain() throws Exception {
    remote.answersAll(Outcome.failed(new IOException("of the test")));
    try (AutoRefresh<String, Integer> cache = jobs(SHORT).build()) {
      cache.start();
      create(cache, 3);
      Await.until("they have failed often", () -> cache.stats().failed() > 15);
      remote.answers(Remote::increments);
      Await.until("they are well", () -> cache.stats().updated() > 15);
    }
  }

  @Test
  void R7_aLongJobTimesOut() throws Exception {
    Gate gate = new Gate();
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs(LONG).refreshTimeout(TIMEOUT).build()) {
      cache.start();
      cache.getOrCreate("first", 0);
      gate.awaitInterrupted(1);
      Await.until("the item has failed", () -> cache.inspect("first").orElseThrow().failures() == 1);
      cache.getOrCreate("second", 0);
      assertThat(cache.sync().timedOut()).isLessThanOrEqualTo(1);
      Await.until("the other has failed too", () -> cache.inspect("second").orElseThrow().failures() == 1);
      assertThat(cache.inspect("second").orElseThrow().lastFailure().orElseThrow().type())
          .isEqualTo(TimeoutException.class.getName());
      assertThat(cache.stats().timedOutCalls()).isEqualTo(2);
    }
  }

  @Test
  void R7_abandonedJobsKeepNoOthersFromBeginning_andTheirItemsAreCalledAgainWhenTheyHaveEnded() throws Exception {
    Map<String, Gate> gates =
        IntStream.range(0, 5).boxed().collect(Collectors.toMap(i -> "id-" + i, i -> new Gate()));
    remote.answers(items -> {
      gates.get(items.keySet().iterator().next()).passStubbornly();
      return Remote.increments(items);
    });
    try (LogCapture log = LogCapture.open(); AutoRefresh<String, Integer> cache =
        jobs(LONG).spread(false).backoff(SHORT, SHORT).maxConcurrency(2).refreshTimeout(TIMEOUT).build()) {
      create(cache, 5);
      cache.start();
      Await.until("all are abandoned, two after two", () -> cache.stats().abandonedJobs() == 5);
      assertThat(cache.stats()).returns(5L, Stats::refreshCalls).returns(5L, Stats::timedOutCalls);
      assertThat(log.entries()).as("time-outs and abandoned jobs").anyMatch(entry -> entry.contains("TimeoutException"))
          .anyMatch(entry -> entry.contains("is abandoned"));
      gates.values().forEach(Gate::open);
      Await.until("all are refreshed", () -> IntStream.range(0, 5).allMatch(i -> cache.get("id-" + i) == 1));
      Await.until("no abandoned job is left", () -> cache.stats().abandonedJobs() == 0);
    }
  }

  @Test
  void R8_theRateHoldsAndIsUsed() throws Exception {
    int rate = 200;
    try (AutoRefresh<String, Integer> cache = jobs(SHORT).maxCallsPerSecond(rate).build()) {
      create(cache, 50);
      long begin = System.nanoTime();
      cache.start();
      Await.until("there were many calls", () -> remote.calls().size() >= 100);
      long calls = remote.calls().size();
      double seconds = (System.nanoTime() - begin) / 1e9;
      assertThat((double) calls).isLessThanOrEqualTo(10 + rate * seconds);
      assertThat(remote.refreshes("id-0")).as("none is left out").isPositive();
    }
  }

  @Test
  void R8_aSlotThatIsGivenBackIsUsedAtOnce() throws Exception {
    Gate gate = new Gate();
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs(LONG).maxConcurrency(2).build()) {
      create(cache, 30);
      cache.start();
      gate.awaitArrived(2);
      gate.open();
      Await.until("all are refreshed", () -> IntStream.range(0, 30).allMatch(i -> cache.get("id-" + i) == 1));
    }
  }
}
