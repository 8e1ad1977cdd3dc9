package io.autorefresh.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a ticker that is moved by hand promises to tests. */
@Timeout(60)
class ManualTickerTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration CALL = Duration.ofMillis(700);
  private static final int ITEMS = 60;

  private final ManualTicker ticker = new ManualTicker();

  private static AutoRefreshBuilder<String, Integer> jobs(ManualTicker ticker) {
    return AutoRefresh.<String, Integer>builder().name("jobs").ticker(ticker).refreshEvery(PERIOD).batchSize(1)
        .refreshBatch(ManualTickerTest::increments);
  }

  private static Map<String, Outcome<Integer>> increments(Map<String, Integer> items) {
    Map<String, Outcome<Integer>> outcomes = new HashMap<>();
    items.forEach((id, item) -> outcomes.put(id, Outcome.updated(item + 1)));
    return outcomes;
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void advance_returnsWhenAllThatWasDueIsCalledAndApplied(boolean spread) {
    for (int run = 0; run < 20; run++) {
      List<Object> heard = new CopyOnWriteArrayList<>();
      try (AutoRefresh<String, Integer> cache = jobs(ticker).spread(spread).listener(heard::add).start()) {
        create(cache, ITEMS);
        ticker.settle();
        assertThat(cache.stats().updated()).as("new items").isEqualTo(ITEMS);
        ticker.advance(PERIOD.multipliedBy(3));
        ticker.advance(PERIOD.minusNanos(1));
        assertThat(IntStream.range(0, ITEMS).mapToObj(i -> cache.get("id-" + i))).containsOnly(4);
        assertThat(cache.stats().runningJobs()).isZero();
        assertThat(heard).as("created, and updated four times each").hasSize(5 * ITEMS);
      }
    }
  }

  @Test
  void advance_withSpread_beginsEachCallAtItsOwnTime() {
    List<Duration> calls = new CopyOnWriteArrayList<>();
    try (AutoRefresh<String, Integer> cache = jobs(ticker).refreshOnCreate(false).refreshBatch(items -> {
      calls.add(ticker.elapsed());
      return increments(items);
    }).start()) {
      create(cache, ITEMS);
      ticker.advance(PERIOD.multipliedBy(2).minusNanos(1));
    }
    assertThat(calls).hasSize(ITEMS).doesNotHaveDuplicates().isSorted();
    assertThat(calls.getFirst()).isGreaterThanOrEqualTo(PERIOD);
    assertThat(calls.getLast()).isGreaterThan(PERIOD.plus(PERIOD.multipliedBy(8).dividedBy(10)));
  }

  /** Calls that take their time, wait for slots, fail and back off; all at once, so that threads race for real. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void advance_beginsTheSameCallsAtTheSameTimes_inEachRun(boolean spread) {
    SortedMap<Duration, List<String>> first = callsOfARun(spread, 1);
    assertThat(first).hasSizeGreaterThan(20);
    for (int run = 0; run < 5; run++) {
      assertThat(callsOfARun(spread, 1)).isEqualTo(first);
    }
    assertThat(callsOfARun(spread, 2)).as("by another seed").isNotEqualTo(first);
  }

  private static SortedMap<Duration, List<String>> callsOfARun(boolean spread, long seed) {
    ManualTicker ticker = new ManualTicker(seed, Duration.ofSeconds(10));
    SortedMap<Duration, List<String>> calls = new TreeMap<>();
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = jobs(ticker).spread(spread).maxConcurrency(7).refreshBatch(items -> {
          String id = items.keySet().iterator().next();
          synchronized (calls) {
            calls.computeIfAbsent(ticker.elapsed(), time -> new ArrayList<>()).add(id);
          }
          ticker.sleep(CALL);
          if (id.hashCode() % 2 == 0) {
            throw new IllegalStateException("of the test");
          }
          return increments(items);
        }).build()) {
      create(cache, ITEMS);
      cache.start();
      ticker.advance(PERIOD.multipliedBy(5));
      assertThat(log.entries()).isNotEmpty();
      synchronized (calls) {
        calls.values().forEach(ids -> ids.sort(null));
        return new TreeMap<>(calls);
      }
    }
  }

  @Test
  void advance_waitsForACallThatTakesTime_atItsEnd() {
    try (AutoRefresh<String, Integer> cache = jobs(ticker).refreshBatch(items -> {
      ticker.sleep(CALL);
      return increments(items);
    }).start()) {
      create(cache, 1);
      ticker.advance(CALL.minusNanos(1));
      assertThat(cache.stats()).returns(1L, Stats::runningJobs).returns(0L, Stats::updated);
      ticker.advance(Duration.ofNanos(1));
      assertThat(cache.stats()).returns(0L, Stats::runningJobs).returns(1L, Stats::updated);
    }
  }

  @Test
  void advance_overATimeOut_returnsWhenTheCallsAreInterruptedAndTheirItemsHaveFailed() {
    int calls = 200;
    Duration timeout = Duration.ofSeconds(3);
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = jobs(ticker).refreshTimeout(timeout).maxConcurrency(calls)
            .refreshBatch(items -> {
              ticker.sleep(Duration.ofDays(1));
              return increments(items);
            }).start()) {
      create(cache, calls);
      ticker.advance(timeout.minusNanos(1));
      assertThat(cache.stats()).returns((long) calls, Stats::runningJobs).returns(0L, Stats::failed);
      ticker.advance(Duration.ofNanos(1));
      assertThat(cache.stats()).returns(0L, Stats::runningJobs).returns((long) calls, Stats::timedOutCalls);
      assertThat(log.entries()).isNotEmpty();
    }
  }

  @Test
  void advance_waitsForTheGraceOfACallThatIgnoresItsInterruption() {
    AtomicBoolean ends = new AtomicBoolean();
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = jobs(ticker).refreshTimeout(Duration.ofSeconds(3)).refreshBatch(items -> {
          for (boolean over = false; !over && !ends.get(); ) {
            try {
              ticker.sleep(Duration.ofDays(1));
              over = true;
            } catch (InterruptedException e) {
              // Ignored.
            }
          }
          return increments(items);
        }).start()) {
      create(cache, 1);
      ticker.advance(Duration.ofSeconds(3));
      assertThat(cache.stats()).returns(1L, Stats::abandonedJobs).returns(0L, Stats::runningJobs);
      ticker.jump(Duration.ofDays(1)).settle();
      assertThat(cache.stats()).returns(0L, Stats::abandonedJobs);
      assertThat(log.entries()).isNotEmpty();
      ends.set(true);
    }
  }

  @Test
  void advance_whileACallbackBlocks_failsAtTheLimitOfRealTime_andNamesIt() {
    CountDownLatch latch = new CountDownLatch(1);
    ManualTicker ticker = new ManualTicker(0, Duration.ofMillis(100));
    try (AutoRefresh<String, Integer> cache = jobs(ticker).refreshBatch(items -> {
      latch.await();
      return increments(items);
    }).start()) {
      create(cache, 1);
      assertThatIllegalStateException().isThrownBy(() -> ticker.advance(PERIOD))
          .withMessageContaining("PT0.1S").withMessageContaining("jobs/cycle-0/batch-1")
          .satisfies(e -> assertThat(e.getSuppressed()[0].getStackTrace())
              .anyMatch(frame -> frame.getClassName().contains("CountDownLatch")));
      assertThat(ticker.elapsed()).as("it has not moved").isZero();
      latch.countDown();
      ticker.advance(PERIOD);
      assertThat(cache.get("id-0")).isEqualTo(1);
    }
  }

  @Test
  void settle_whileCallsHangAtAFakeRemote_returns_andWaitsForThemOnceItHasHealed() {
    FakeRemote<String, Integer> remote = new FakeRemote<String, Integer>(ticker, 1, (id, version) -> version)
        .trouble(FakeRemote.Trouble.HANGS, 1);
    try (AutoRefresh<String, Integer> cache = jobs(ticker).maxConcurrency(ITEMS).refreshBatch(remote).start()) {
      create(cache, ITEMS);
      ticker.settle();
      assertThat(cache.stats().runningJobs()).isEqualTo(ITEMS);
      remote.heal();
      ticker.settle();
      assertThat(cache.stats()).returns(0L, Stats::runningJobs).returns((long) ITEMS, Stats::unchanged);
    }
  }

  @Test
  void advance_ofAnInterruptedThread_fails_andKeepsTheInterruption() {
    CountDownLatch latch = new CountDownLatch(1);
    try (AutoRefresh<String, Integer> cache = jobs(ticker).refreshBatch(items -> {
      latch.await();
      return increments(items);
    }).start()) {
      create(cache, 1);
      Thread.currentThread().interrupt();
      assertThatIllegalStateException().isThrownBy(() -> ticker.advance(PERIOD))
          .withMessageContaining("interrupted").withMessageContaining("PT10S");
      assertThat(Thread.interrupted()).isTrue();
      latch.countDown();
    }
  }

  @Test
  void jump_makesAllThatWasDueMeanwhileDueNow() {
    try (AutoRefresh<String, Integer> cache = jobs(ticker).spread(false).start()) {
      create(cache, ITEMS);
      ticker.settle().jump(PERIOD.multipliedBy(10)).settle();
      assertThat(IntStream.range(0, ITEMS).mapToObj(i -> cache.get("id-" + i))).containsOnly(2);
    }
  }

  @Test
  void settle_fromACallback_fails() {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Integer> cache = jobs(ticker).name(log.name()).refreshBatch(items -> {
      try {
        ticker.settle();
      } catch (IllegalStateException e) {
        thrown.set(e);
      }
      return increments(items);
    }).start()) {
      create(cache, 1);
      ticker.settle();
      assertThat(thrown.get()).hasMessageContaining("callback");
      assertThat(log.entries()).isEmpty();
    }
  }

  @Test
  void advance_ofACacheThatRunsInACallersThread() throws Exception {
    AutoRefresh<String, Integer> cache = jobs(ticker).build();
    create(cache, ITEMS);
    Worker<Void> runner = Worker.start(cache::run);
    runner.awaitWaiting();
    ticker.advance(PERIOD.multipliedBy(2));
    assertThat(IntStream.range(0, ITEMS).mapToObj(i -> cache.get("id-" + i))).containsOnly(2);
    runner.interrupt();
    assertThat(runner.failure()).isInstanceOf(InterruptedException.class);
    ticker.settle();
  }

  @Test
  void severalCaches_shareATicker() {
    try (AutoRefresh<String, Integer> one = jobs(ticker).start();
        AutoRefresh<String, Integer> other = jobs(ticker).refreshEvery(PERIOD.dividedBy(2)).start()) {
      create(one, 1);
      create(other, 1);
      ticker.advance(PERIOD.multipliedBy(2).minusNanos(1));
      assertThat(one.get("id-0")).isEqualTo(2);
      assertThat(other.get("id-0")).isEqualTo(4);
    }
  }
}
