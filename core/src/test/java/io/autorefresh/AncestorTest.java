package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the ancestor's own tests ask for: items that count to ten and are then terminal, refreshed every five seconds of
 * a clock that the test moves, by at most ten jobs at once.
 */
@Timeout(60)
class AncestorTest {

  private static final Duration PERIOD = Duration.ofSeconds(5);
  private static final int FINAL = 10;

  private final ManualTicker ticker = new ManualTicker();
  private final Map<String, AtomicInteger> calls = new ConcurrentHashMap<>();

  private AutoRefreshBuilder<String, Integer> counting() {
    return settings().refresh((id, n) -> {
      countCall(id);
      return n + 1;
    });
  }

  private AutoRefreshBuilder<String, Integer> settings() {
    return AutoRefresh.<String, Integer>builder()
        .name("counters")
        .terminal(n -> n >= FINAL)
        .refreshEvery(PERIOD)
        .spread(false)
        .refreshTimeout(Duration.ofDays(1))
        .maxConcurrency(10)
        .maximumSize(10)
        .ticker(ticker);
  }

  private int countCall(String id) {
    return calls.computeIfAbsent(id, x -> new AtomicInteger()).incrementAndGet();
  }

  private static List<String> ids(int count) {
    return IntStream.range(0, count).mapToObj(i -> "item " + i).toList();
  }

  private static void create(AutoRefresh<String, Integer> cache, int count, int item) {
    ids(count).forEach(id -> cache.getOrCreate(id, item));
  }

  /** Moves the clock on, period by period, until the condition holds. */
  private void stepUntil(String condition, AutoRefresh<String, Integer> cache, int value, int items) throws Exception {
    Await.until(condition, () -> {
      ticker.jump(PERIOD).settle();
      return ids(items).stream().allMatch(id -> cache.get(id) == value);
    });
  }

  private void expectTenItemsToCountToTenAndStop(AutoRefresh<String, Integer> cache) throws Exception {
    stepUntil("all ten have counted to ten", cache, FINAL, 10);
    for (int step = 0; step < 3; step++) {
      ticker.jump(PERIOD).settle();
    }
    assertThat(ids(10)).allSatisfy(id -> {
      assertThat(cache.get(id)).isEqualTo(FINAL);
      assertThat(cache.inspect(id).orElseThrow().terminal()).isTrue();
      assertThat(calls.get(id)).as("refreshes of %s", id).hasValue(FINAL);
    });
  }

  @Test
  void normalOperation_allItemsBecomeTerminal_andAreThenLeftAlone() throws Exception {
    try (var cache = counting().build()) {
      create(cache, 10, 0);
      cache.start();
      expectTenItemsToCountToTenAndStop(cache);
    }
  }

  @Test
  void noRefreshOnCreate_nothingIsInFlightBeforeTheFirstStep() throws Exception {
    try (var cache = counting().refreshOnCreate(false).build()) {
      create(cache, 10, 0);
      cache.start();
      ticker.settle();
      assertThat(cache.stats().inFlight()).isZero();
      assertThat(calls).isEmpty();
      expectTenItemsToCountToTenAndStop(cache);
    }
  }

  @Test
  void notFound_ofTenItemsInACacheOfTwo_exactlyEightAreAbsent() {
    try (var cache = counting().maximumSize(2).build()) {
      create(cache, 10, 0);
      int absent = 0;
      for (String id : ids(10)) {
        try {
          assertThat(cache.getOrThrow(id)).isZero();
        } catch (ItemNotFoundException e) {
          absent++;
        }
      }
      assertThat(absent).isEqualTo(8);
      assertThat(cache.size()).isEqualTo(2);
      assertThat(cache.stats().evictions()).isEqualTo(8);
    }
  }

  @Test
  void enqueueNothing_ofTerminalItemsAlone_cyclesRunAndTheRefresherIsNeverCalled() throws Exception {
    try (var cache = counting().build()) {
      create(cache, 10, FINAL);
      cache.start();
      Await.until("five cycles have run", () -> {
        ticker.jump(PERIOD).settle();
        return cache.stats().cycles() >= 5;
      });
      assertThat(calls).isEmpty();
      assertThat(cache.stats().refreshCalls()).isZero();
    }
  }

  @Test
  void updateAndDelete_aDeletedItemIsFoundNoMore() throws Exception {
    try (var cache = counting().build()) {
      cache.start();
      cache.getOrCreate("item 0", FINAL);
      ticker.settle().jump(PERIOD).settle();
      assertThat(cache.get("item 0")).isEqualTo(FINAL);
      assertThat(cache.deleteDelayed("item 0")).isTrue();
      ticker.jump(PERIOD);
      Await.until("it is gone", () -> cache.get("item 0") == null);
      assertThat(cache.size()).isZero();
    }
  }

  /** There, every worker dies of one panic, and the cache is frozen. */
  @Test
  void panic_aRefresherThatAlwaysThrows_isCalledAgain_andOthersStayFresh() throws Exception {
    try (var cache = settings().maxConcurrency(2).refresh((id, n) -> {
      countCall(id);
      return switch (id) {
        case "item 5" -> Math.min(n + 1, FINAL - 1);
        case "item 6" -> throw new StackOverflowError("panic");
        default -> throw new IllegalArgumentException("panic");
      };
    }).build()) {
      create(cache, 10, 0);
      cache.start();
      Await.until("all have been tried five times", () -> {
        ticker.jump(PERIOD).settle();
        return ids(10).stream().allMatch(id -> calls.containsKey(id) && calls.get(id).get() >= 5);
      });
      assertThat(cache.get("item 5")).isGreaterThan(3);
      for (String id : ids(10)) {
        if (!id.equals("item 5")) {
          assertThat(cache.get(id)).isZero();
          assertThat(cache.inspect(id).orElseThrow().failures()).isGreaterThanOrEqualTo(4);
        }
      }
    }
  }

  @Test
  void noBuildUp_hundredFailingItems_areEachCalledOnceInThePeriod() throws Exception {
    try (var cache = settings().refreshEvery(Duration.ofHours(1)).maximumSize(100).refresh((id, n) -> {
      countCall(id);
      throw new IllegalArgumentException("always");
    }).build()) {
      create(cache, 100, 0);
      cache.start();
      Await.until("all have failed", () -> cache.stats().failed() >= 100);
      ticker.jump(Duration.ofMinutes(59)).settle();
      assertThat(calls).hasSize(100);
      assertThat(calls.values()).allMatch(count -> count.get() == 1);
      assertThat(cache.stats().refreshCalls()).isEqualTo(100);
    }
  }

  @Test
  void inProcessing_anItemWhoseRefreshRuns_isNotRefreshedASecondTime() throws Exception {
    Gate gate = new Gate(ticker);
    try (var cache = settings().refresh((id, n) -> {
      countCall(id);
      if (id.equals("item 0")) {
        gate.pass();
      }
      return Math.min(n + 1, FINAL - 1);
    }).build()) {
      create(cache, 2, 0);
      cache.start();
      gate.awaitArrived(1);
      assertThat(cache.inspect("item 0").orElseThrow().inFlight()).isTrue();
      Await.until("the other is refreshed in five cycles", () -> {
        ticker.jump(PERIOD).settle();
        return calls.containsKey("item 1") && calls.get("item 1").get() >= 5;
      });
      assertThat(calls.get("item 0")).hasValue(1);
      assertThat(cache.get("item 0")).isZero();
      gate.open();
      Await.until("it is confirmed", () -> cache.get("item 0") >= 1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void firstItemOfABatch_isInProcessingToo(int batchSize) throws Exception {
    Gate gate = new Gate(ticker);
    AtomicBoolean stop = new AtomicBoolean(true);
    try (var cache = settings().batchSize(batchSize).refreshBatch(items -> {
      Map<String, Outcome<Integer>> outcomes = new HashMap<>();
      items.forEach((id, n) -> {
        countCall(id);
        outcomes.put(id, Outcome.updated(n + 1));
      });
      if (stop.get()) {
        gate.pass();
      }
      return outcomes;
    }).build()) {
      create(cache, 3, 0);
      cache.start();
      gate.awaitArrived(3 / batchSize);
      for (int step = 0; step < 3; step++) {
        ticker.settle().jump(PERIOD);
      }
      ticker.settle();
      assertThat(ids(3)).allSatisfy(id -> {
        assertThat(cache.inspect(id).orElseThrow().inFlight()).isTrue();
        assertThat(calls.get(id)).as("refreshes of %s", id).hasValue(1);
      });
      stop.set(false);
      gate.open();
      Await.until("all are confirmed", () -> ids(3).stream().allMatch(id -> cache.get(id) >= 1));
    }
  }

  private enum Status { STARTED, COMPLETED }

  @Test
  void example_bothItemsAreCompleted() throws Exception {
    try (var cache = AutoRefresh.<String, Status>builder()
        .name("example")
        .refreshBatch(items -> {
          Map<String, Outcome<Status>> outcomes = new HashMap<>();
          items.keySet().forEach(id -> outcomes.put(id, Outcome.updated(Status.COMPLETED)));
          return outcomes;
        })
        .terminal(status -> status == Status.COMPLETED)
        .refreshEvery(Duration.ofMillis(1))
        .maximumSize(100)
        .build()) {
      cache.start();
      cache.getOrCreate("one", Status.STARTED);
      cache.getOrCreate("two", Status.STARTED);
      Await.until("both are completed",
          () -> cache.get("one") == Status.COMPLETED && cache.get("two") == Status.COMPLETED);
    }
  }

  @Test
  void delayedDeleteAndRecreate_theOldItemIsThereUntilTheCycle_theNewOneAfterIt() throws Exception {
    try (var cache = counting().build()) {
      cache.start();
      cache.getOrCreate("item 0", FINAL);
      assertThat(cache.deleteDelayed("item 0")).isTrue();
      assertThat(cache.get("item 0")).isEqualTo(FINAL);
      assertThat(cache.getOrCreate("item 0", FINAL + 1)).isEqualTo(FINAL);
      ticker.settle();
      assertThat(cache.get("item 0")).isEqualTo(FINAL);
      ticker.jump(PERIOD);
      Await.until("it is gone", () -> cache.get("item 0") == null);
      assertThat(cache.getOrCreate("item 0", FINAL + 2)).isEqualTo(FINAL + 2);
      assertThat(cache.get("item 0")).isEqualTo(FINAL + 2);
    }
  }

  @Test
  void sameHere_idsThatTheCacheDoesNotHave_areNotInserted() throws Exception {
    try (var cache = settings()
        .refreshBatch(items -> Map.of("item 0", Outcome.updated(1), "stranger", Outcome.updated(1))).build()) {
      create(cache, 2, 0);
      CycleReport report = cache.sync();
      assertThat(report.unknownIds()).isEqualTo(1);
      assertThat(report.unanswered()).isEqualTo(1);
      assertThat(cache.get("stranger")).isNull();
      assertThat(cache.get("item 0")).isEqualTo(1);
      assertThat(cache.get("item 1")).as("unmentioned").isZero();
      assertThat(cache.size()).isEqualTo(2);
    }
  }
}
