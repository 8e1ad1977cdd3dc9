package io.autorefresh.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Stats;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where calls take a good part of the period, many items are in flight when a cycle begins. */
@Timeout(60)
class SlowRemoteTest {

  private static final int ITEMS = 21;
  /** In milliseconds, like all times here. */
  private static final long STEP = 23;
  /** Calls that are spread over nine tenths of it come every other step. */
  private static final long PERIOD = 44 * STEP;
  private static final long FOR_EVER = 1_000 * PERIOD;

  private final ManualTicker ticker = new ManualTicker();
  private final Queue<Refresh> refreshes = new ConcurrentLinkedQueue<>();

  /** Of an item by a cycle, which is known by the name of its thread. */
  private record Refresh(String id, int cycle, long at) {}

  private AutoRefresh<String, Integer> jobs(ToLongFunction<String> latency) {
    return jobs(ITEMS, true, 1_000, latency);
  }

  private AutoRefresh<String, Integer> jobs(
      int items, boolean spread, double maxCallsPerSecond, ToLongFunction<String> latency) {
    return jobs(items, items + 1, spread, maxCallsPerSecond, latency);
  }

  private AutoRefresh<String, Integer> jobs(
      int items, int slots, boolean spread, double maxCallsPerSecond, ToLongFunction<String> latency) {
    AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").ticker(ticker)
        .refreshEvery(Duration.ofMillis(PERIOD)).spread(spread).batchSize(1)
        .maxConcurrency(slots).refreshOnCreate(false)
        .maxCallsPerSecond(maxCallsPerSecond).refreshTimeout(Duration.ofDays(1)).refreshBatch(batch -> {
          String id = batch.keySet().iterator().next();
          int cycle = Integer.parseInt(Thread.currentThread().getName().split("[-/]")[2]);
          refreshes.add(new Refresh(id, cycle, now()));
          ticker.sleep(Duration.ofMillis(latency.applyAsLong(id)));
          return Remote.increments(batch);
        }).build();
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
    cache.start();
    return cache;
  }

  private long now() { return ticker.elapsed().toMillis(); }

  private void forward(long time) {
    ticker.advance(Duration.ofMillis(time));
  }

  private List<Refresh> of(int cycle) {
    return refreshes.stream().filter(refresh -> refresh.cycle == cycle).toList();
  }

  /** Several of them are in flight whenever a cycle begins. */
  @Test
  void R1_whatACycleDidNotHandOutGoesFirst_whenAllOverrun() {
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = jobs(ITEMS, true, 10, id -> PERIOD / 4)) {
      forward(7 * PERIOD);
      List<String> ids = refreshes.stream().map(Refresh::id).toList();
      assertThat(ids).hasSizeGreaterThan(2 * ITEMS);
      for (int from = 0; from + ITEMS <= ids.size(); from++) {
        assertThat(ids.subList(from, from + ITEMS)).as("from call %s on", from).doesNotHaveDuplicates();
      }
      assertThat(cache.stats().overruns()).as("each cycle that has ended").isEqualTo(6);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, PERIOD / 5, PERIOD / 2, PERIOD * 4 / 5, PERIOD * 9 / 10})
  void R1_eachCycleRefreshesEachItem_howeverLongTheCallsTakeWithinAPeriod(long latency) {
    try (AutoRefresh<String, Integer> cache = jobs(id -> latency)) {
      forward(6 * PERIOD - STEP);
      for (int cycle = 1; cycle <= 5; cycle++) {
        assertThat(of(cycle)).as("cycle %s", cycle).extracting(Refresh::id).doesNotHaveDuplicates().hasSize(ITEMS);
      }
      assertThat(cache.stats()).returns(0L, Stats::overruns).returns(0L, Stats::backlog);
    }
  }

  /** Calls come eight steps apart: whether an item has landed is seen when its turn has come, and not before. */
  @Test
  void R1_eachCycleRefreshesEachItem_whenCallsEndJustBeforeTheNextTurn() {
    try (AutoRefresh<String, Integer> cache = jobs(5, true, 1_000, id -> PERIOD - 4 * STEP)) {
      forward(5 * PERIOD - STEP);
      for (int cycle = 1; cycle <= 4; cycle++) {
        assertThat(of(cycle)).as("cycle %s", cycle).extracting(Refresh::id).doesNotHaveDuplicates().hasSize(5);
      }
    }
  }

  /** All but the first are in flight when a cycle begins, and none when the rate lets it begin. */
  @Test
  void R1_eachCycleRefreshesEachItem_whereTheRateHoldsThemUp() {
    try (AutoRefresh<String, Integer> cache = jobs(4, false, 4, id -> PERIOD * 7 / 8)) {
      forward(5 * PERIOD - STEP);
      for (int cycle = 1; cycle <= 4; cycle++) {
        assertThat(of(cycle)).as("cycle %s", cycle).extracting(Refresh::id).doesNotHaveDuplicates().hasSize(4);
      }
    }
  }

  @Test
  void R1_everyOtherCycleRefreshesAnItem_whenCallsTakeLongerThanThePeriod() {
    try (AutoRefresh<String, Integer> cache = jobs(id -> PERIOD * 3 / 2)) {
      forward(7 * PERIOD - STEP);
      assertThat(refreshes).extracting(Refresh::cycle).containsOnly(1, 3, 5).hasSize(3 * ITEMS);
      assertThat(cache.stats().overruns()).isZero();
    }
  }

  @Test
  void R9_slowCallsDoNotMakeTheNextCycleLessEven() {
    try (AutoRefresh<String, Integer> cache = jobs(id -> PERIOD / 2)) {
      forward(6 * PERIOD);
      for (long from = PERIOD; from <= 5 * PERIOD; from += STEP) {
        long begin = from;
        long inASecond = refreshes.stream().filter(each -> each.at >= begin && each.at < begin + 1_000).count();
        assertThat(inASecond).as("from %s ms on; the mean is 20.8", from).isLessThanOrEqualTo(24);
      }
    }
  }

  @Test
  void R9_whatHangsDoesNotMakeTheRestLessEven() {
    try (AutoRefresh<String, Integer> cache = jobs(id -> id.hashCode() % 2 == 0 ? FOR_EVER : STEP)) {
      forward(3 * PERIOD);
      List<Long> times = of(2).stream().map(Refresh::at).toList();
      assertThat(times).as("half of the items").hasSizeBetween(8, 13).isSorted();
      assertThat(times.getLast() - times.getFirst()).as("they take their part of the period")
          .isGreaterThan(PERIOD * 7 / 10);
    }
  }

  /** It is in flight whenever its turn comes. */
  @Test
  void R2_whatHangsDoesNotHoldUpTheCycles() {
    try (AutoRefresh<String, Integer> cache = jobs(id -> id.equals("id-7") ? FOR_EVER : STEP)) {
      forward(5 * PERIOD - STEP);
      for (int cycle = 1; cycle <= 4; cycle++) {
        long begin = cycle * PERIOD;
        assertThat(of(cycle)).as("cycle %s", cycle).hasSize(cycle == 1 ? ITEMS : ITEMS - 1)
            .allMatch(each -> each.at >= begin && each.at < begin + PERIOD);
      }
      assertThat(cache.stats().cycles()).as("all cycles but the first have ended").isEqualTo(3);
      assertThat(cache.stats()).returns(0L, Stats::overruns).returns(1L, Stats::inFlight);
    }
  }

  /** They have all the slots, so that nothing can be handed out. */
  @Test
  void R2_whatHangsInAllSlotsDoesNotHoldUpTheCycles() {
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = jobs(2, 2, false, 1.5, id -> FOR_EVER)) {
      forward(5 * PERIOD - STEP);
      assertThat(cache.stats().cycles()).as("the cycles between the first and the open one have ended").isEqualTo(2);
      assertThat(cache.stats()).returns(2L, Stats::overruns).returns(2L, Stats::inFlight);
    }
  }

  /** All of them land at once shortly before the next cycle begins, and most turns have passed by then. */
  @Test
  void R10_whatLandsLateIsLeftToTheNextCycle() {
    long landing = 3 * PERIOD - PERIOD / 5;
    try (AutoRefresh<String, Integer> cache = jobs(id -> now() < 2 * PERIOD ? landing - now() : STEP)) {
      forward(3 * PERIOD - STEP);
      assertThat(of(1)).hasSize(ITEMS);
      assertThat(of(2)).as("some that came in time").hasSizeBetween(1, 10);
      assertThat(cache.stats()).returns(0L, Stats::overruns);
      forward(PERIOD);
      assertThat(of(3)).extracting(Refresh::id).doesNotHaveDuplicates().hasSize(ITEMS);
      assertThat(of(3)).allMatch(each -> each.at >= 3 * PERIOD);
    }
  }
}
