package io.autorefresh.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R9: with {@code spread} the jobs of a periodic cycle are handed out evenly over nine tenths of its period. */
@Timeout(60)
class SpreadTest {

  private static final Duration PERIOD = Duration.ofSeconds(2);
  private static final Duration STEP = Duration.ofMillis(20);
  private static final int ITEMS = 40;
  private static final long ALLOWED = allowed(ITEMS / (0.9 * 2));

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .batchSize(1).refreshOnCreate(false).refreshTimeout(Duration.ofDays(1));
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  /** What R9 allows in a second at so many calls a second: one more than the calls of a second and 50 ms. */
  private static long allowed(double rate) {
    return (long) (1 + 1.05 * rate);
  }

  /** The largest number of calls in any second, which begins with a call. */
  private static long mostInASecond(List<Remote.Call> calls) {
    return calls.stream().mapToLong(first -> {
      // A call may be written down a step later than it began.
      Duration end = first.at().plusSeconds(1).minus(STEP);
      return calls.stream().filter(call -> call.at().compareTo(first.at()) >= 0 && call.at().compareTo(end) < 0)
          .count();
    }).max().orElse(0);
  }

  private ManualTicker atTheFirstTick(AutoRefresh<String, Integer> cache) throws Exception {
    ticker.jump(PERIOD);
    ticker.settle();
    return ticker;
  }

  private static long between(List<Remote.Call> calls, Duration from, Duration to) {
    return calls.stream().filter(call -> call.at().compareTo(from) >= 0 && call.at().compareTo(to) < 0).count();
  }

  @Test
  void R9_inAnySecondTheRemoteSeesTheCallsOfThatTimeAndLittleMore() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, ITEMS);
      cache.start();
      atTheFirstTick(cache).advance(PERIOD.multipliedBy(3));
      List<Remote.Call> calls = remote.refreshes();
      assertThat(mostInASecond(calls)).isLessThanOrEqualTo(ALLOWED);
      for (int cycle = 1; cycle < 4; cycle++) {
        Duration begin = PERIOD.multipliedBy(cycle);
        assertThat(between(calls, begin, begin.plus(PERIOD))).as("calls of cycle %s", cycle)
            .isBetween(ITEMS - 2L, ITEMS + 2L);
        for (int second = 0; second < 2; second++) {
          assertThat(between(calls, begin.plusSeconds(second), begin.plusSeconds(second + 1)))
              .as("calls in second %s of cycle %s", second, cycle).isBetween(10L, ALLOWED);
        }
      }
      assertThat(cache.stats().overruns()).isZero();
      assertThat(IntStream.range(0, ITEMS)).allMatch(i -> remote.refreshes("id-" + i) >= 3);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 5, 7, 8, 9, 13, 19, 50})
  void R9_thatHoldsForEveryMean(int mean) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, mean * (int) PERIOD.toSeconds());
      cache.start();
      atTheFirstTick(cache).advance(Duration.ofSeconds(1));
      assertThat(mostInASecond(remote.refreshes())).isBetween(mean * 3L / 4, allowed(mean / 0.9));
    }
  }

  @Test
  void R9_thatHoldsForBatchesToo() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(10).build()) {
      create(cache, ITEMS * 10);
      cache.start();
      atTheFirstTick(cache).advance(PERIOD.multipliedBy(2));
      assertThat(mostInASecond(remote.refreshes())).isBetween(16L, ALLOWED);
    }
  }

  @Test
  void R9_thatHoldsAfterAStallToo() throws Exception {
    Gate gate = new Gate(ticker);
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).build()) {
      create(cache, ITEMS);
      cache.start();
      atTheFirstTick(cache);
      ticker.advance(Duration.ofMillis(500));
      remote.answers(items -> {
        gate.pass();
        return Remote.increments(items);
      });
      ticker.jump(STEP.multipliedBy(10));
      gate.awaitArrived(1);
      ticker.jump(STEP.multipliedBy(10));
      gate.awaitArrived(2);
      ticker.jump(Duration.ofSeconds(1)).settle().jump(Duration.ofSeconds(1)).settle();
      remote.forget();
      gate.open();
      ticker.settle();
      ticker.advance(PERIOD.multipliedBy(2));
      assertThat(mostInASecond(remote.refreshes())).as("it does not catch up in a burst").isLessThanOrEqualTo(ALLOWED);
      assertThat(remote.refreshes()).as("nor fall behind").hasSizeGreaterThan(2 * ITEMS * 3 / 4);
    }
  }

  @Test
  void R9_thatHoldsAfterAJumpOfTheTickerToo() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, ITEMS);
      cache.start();
      atTheFirstTick(cache);
      ticker.advance(Duration.ofMillis(500));
      ticker.jump(Duration.ofSeconds(1));
      ticker.settle();
      ticker.advance(PERIOD.dividedBy(2));
      ticker.jump(PERIOD.multipliedBy(5));
      ticker.settle();
      ticker.advance(PERIOD);
      assertThat(mostInASecond(remote.refreshes())).isLessThanOrEqualTo(ALLOWED);
    }
  }

  /** Calls lie over nine tenths of the period. Lateness of up to 50 ms, as by a coarse clock, is caught up. */
  @ParameterizedTest(name = "{0} items every {1} s, by a clock of {2} ms")
  @CsvSource({"60, 4, 10", "60, 4, 50", "100, 10, 45"})
  void R1_R9_withACoarseClockToo_eachCycleRefreshesEachItemEvenlyInItsTime(int items, int seconds, long step)
      throws Exception {
    int cycles = 3;
    Duration period = Duration.ofSeconds(seconds);
    try (AutoRefresh<String, Integer> cache = jobs().refreshEvery(period).build()) {
      create(cache, items);
      cache.start();
      ticker.jump(period);
      ticker.settle();
      for (long gone = 0; gone < cycles * period.toMillis(); gone += step) {
        ticker.jump(Duration.ofMillis(step)).settle();
      }
      List<Remote.Call> calls = remote.refreshes().subList(0, cycles * items);
      assertThat(calls).as("calls of any second").allMatch(first ->
          between(calls, first.at(), first.at().plusMillis(1_000 - step)) <= allowed(items / (0.9 * seconds)));
      for (int cycle = 0; cycle < cycles; cycle++) {
        assertThat(calls.subList(cycle * items, (cycle + 1) * items)).as("cycle %s", cycle)
            .flatExtracting(Remote.Call::ids).doesNotHaveDuplicates();
      }
      assertThat(cache.stats()).returns(0L, Stats::overruns).returns(period, Stats::period);
    }
  }

  @Test
  void R9_aJumpOfTheTickerThatIsLongerThanTheToleranceBringsOneCall() throws Exception {
    Duration jump = Duration.ofMillis(250);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, ITEMS);
      cache.start();
      atTheFirstTick(cache);
      Await.until("the cycle has begun", () -> cache.stats().backlog() > 0);
      for (int jumps = 0; jumps < 5; jumps++) {
        int before = remote.refreshes().size();
        ticker.jump(jump);
        Await.until("one call has come", () -> remote.refreshes().size() > before);
        ticker.settle();
        assertThat(remote.refreshes().size() - before).as("one, and the calls of 50 ms").isBetween(1, 2);
      }
    }
  }

  /** They are all due at the same time, and more places passed by then than there are calls in a second. */
  @Test
  void R9_whatBacksOffTogetherComesBackEvenly() throws Exception {
    Duration due = PERIOD.multipliedBy(5).dividedBy(2);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, ITEMS);
      cache.start();
      remote.answers(items -> Remote.all(items, Outcome.failed(new RetryAfterException(due.minus(remote.now())))));
      atTheFirstTick(cache).advance(PERIOD);
      assertThat(cache.stats().failing()).isEqualTo(ITEMS);
      remote.answers(Remote::increments);
      remote.forget();
      ticker.advance(due.minus(remote.now()).plusMillis(200));
      assertThat(remote.refreshes()).as("calls of a fifth of a second").hasSizeBetween(3, 6);
    }
  }

  @Test
  void R9_whenDeletionsHaveHadTheirTimeTheRestComesEvenly() throws Exception {
    Gate gate = new Gate(ticker);
    remote.releases((id, item) -> gate.pass());
    try (AutoRefresh<String, Integer> cache = jobs().refreshEvery(PERIOD.multipliedBy(5)).onDelete(remote)
        .maxConcurrency(1).build()) {
      create(cache, 100);
      cache.start();
      IntStream.range(0, 3).forEach(i -> cache.deleteDelayed("id-" + i));
      ticker.jump(PERIOD.multipliedBy(5));
      gate.awaitArrived(1);
      ticker.jump(Duration.ofMillis(900));
      gate.open();
      Await.until("all are deleted", () -> cache.stats().deletions() == 3);
      Await.until("the first of the others has its turn", () -> cache.stats().updated() == 1);
      ticker.settle();
      assertThat(remote.refreshes()).as("calls while the time stands still").hasSize(1);
    }
  }

  @Test
  void R9_newItemsDoNotWaitForTheirTurn() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(true).build()) {
      create(cache, ITEMS);
      cache.start();
      Await.until("the first refreshes are done", () -> cache.stats().updated() == ITEMS);
      atTheFirstTick(cache).advance(PERIOD.dividedBy(4));
      assertThat(cache.stats().backlog()).as("in the middle of a cycle").isPositive();
      for (int i = 0; i < 50; i++) {
        cache.getOrCreate("new-" + i, 0);
      }
      Await.until("all new items are refreshed while the time stands still",
          () -> IntStream.range(0, 50).allMatch(i -> cache.get("new-" + i) == 1));
      assertThat(cache.stats().backlog()).isPositive();
    }
  }

  @Test
  void R9_deletionsDoNotWaitForTheirTurn() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      create(cache, ITEMS);
      cache.start();
      IntStream.range(0, 25).forEach(i -> cache.deleteDelayed("id-" + i));
      ticker.jump(PERIOD);
      Await.until("all are deleted while the time stands still", () -> cache.stats().deletions() == 25);
      ticker.settle();
      assertThat(remote.refreshes()).as("the others wait for their turn").hasSizeLessThan(5);
    }
  }

  @Test
  void R9_withoutSpreadTheJobsBeginAtOnce() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).build()) {
      create(cache, ITEMS);
      cache.start();
      ticker.jump(PERIOD);
      Await.until("all are refreshed while the time stands still", () -> cache.stats().updated() == ITEMS);
    }
  }

  @Test
  void R9_aSyncIsNotPaced() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, ITEMS);
      cache.start();
      assertThat(cache.sync().updated()).isEqualTo(ITEMS);
    }
  }
}
