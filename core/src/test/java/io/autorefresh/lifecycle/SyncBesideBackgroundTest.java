package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code sync} beside a background: a whole cycle at once, off the tick grid, not spread, and no overrun. */
@Timeout(60)
class SyncBesideBackgroundTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(50);
  private static final int ITEMS = 20;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate(ticker);
  private final AtomicBoolean stopping = new AtomicBoolean();

  private AutoRefreshBuilder<String, Integer> jobs() {
    remote.answers(items -> {
      if (stopping.get()) {
        gate.pass();
      }
      return Remote.increments(items);
    });
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .batchSize(1).refreshOnCreate(false).refreshTimeout(Duration.ofDays(1));
  }

  private static void start(AutoRefresh<String, Integer> cache) {
    IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
    cache.start();
  }

  /** How often each item was refreshed, without repetitions. */
  private List<Long> refreshes() {
    return IntStream.range(0, ITEMS).mapToObj(i -> remote.refreshes("id-" + i)).distinct().toList();
  }

  @Test
  void L1_aSyncBesideABackground_refreshesAllAtOnceWhileTheTimeStandsStill() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      start(cache);
      ticker.jump(PERIOD.dividedBy(3));
      cache.deleteDelayed("id-0");
      CycleReport report = cache.sync();
      assertThat(report).returns(ITEMS - 1L, CycleReport::items).returns(ITEMS - 1L, CycleReport::updated)
          .returns(1L, CycleReport::deletions).returns(Duration.ZERO, CycleReport::duration);
      assertThat(cache.stats()).returns(1L, Stats::cycles).returns(0L, Stats::backlog);
    }
  }

  @Test
  void L1_aSyncBesideABackground_leavesTheTicksWhereTheyAre() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).build()) {
      start(cache);
      ticker.jump(PERIOD.dividedBy(3));
      cache.sync();
      ticker.settle().jump(PERIOD.minus(PERIOD.dividedBy(3)).minusNanos(1)).settle();
      assertThat(refreshes()).as("before the tick").containsExactly(1L);
      ticker.jump(Duration.ofNanos(1));
      Await.until("the periodic cycle has ended", () -> cache.stats().cycles() == 2);
      assertThat(refreshes()).containsExactly(2L);
      assertThat(cache.stats().overruns()).isZero();
    }
  }

  @Test
  void L1_aSyncInTheMidstOfASpreadCycle_refreshesAllAtOnce_andThatCycleIsNoOverrun() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      start(cache);
      ticker.jump(PERIOD);
      ticker.advance(PERIOD.dividedBy(2));
      long handedOut = remote.refreshes().size();
      assertThat(handedOut).as("in the midst of a cycle").isBetween(5L, 15L);
      assertThat(cache.sync().updated()).isEqualTo(ITEMS);
      assertThat(remote.refreshes().size() - handedOut).isEqualTo(ITEMS);
      assertThat(cache.stats().backlog()).isZero();
      ticker.advance(PERIOD.dividedBy(2).minus(STEP));
      assertThat(remote.refreshes().size() - handedOut).as("until the next tick").isEqualTo(ITEMS);
      ticker.advance(PERIOD.plus(STEP));
      assertThat(remote.refreshes().size() - handedOut).as("in the next cycle")
          .isBetween(2L * ITEMS - 1, 2L * ITEMS + 1);
      assertThat(cache.stats().overruns()).isZero();
    }
  }

  /** It holds the one slot over two ticks. */
  @Test
  void L1_aSyncThatIsLongerThanAPeriod_isNoOverrun() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).maxConcurrency(1).build()) {
      start(cache);
      stopping.set(true);
      Worker<CycleReport> sync = Worker.start(cache::sync);
      gate.awaitArrived(1);
      ticker.jump(PERIOD).settle().jump(PERIOD).settle();
      assertThat(cache.stats()).returns(0L, Stats::overruns).returns(1L, Stats::runningJobs);
      stopping.set(false);
      gate.open();
      assertThat(sync.result().updated()).isEqualTo(ITEMS);
      ticker.settle();
      assertThat(refreshes()).as("its own cycle alone").containsExactly(1L);
      ticker.jump(PERIOD);
      Await.until("the next periodic cycle has ended", () -> refreshes().equals(List.of(2L))
          && cache.stats().runningJobs() == 0);
      assertThat(cache.stats().overruns()).isZero();
    }
  }

  /** An item that an earlier call has is left to the next cycle, and the sync does not wait for that call. */
  @Test
  void R2_aSyncDoesNotWaitForJobsOfOtherCycles() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).build()) {
      start(cache);
      stopping.set(true);
      ticker.jump(PERIOD);
      gate.awaitArrived(16);
      stopping.set(false);
      assertThat(cache.stats().runningJobs()).isEqualTo(16);
      Worker<CycleReport> sync = Worker.start(cache::sync);
      Await.until("it waits for a slot", () -> cache.stats().backlog() == ITEMS - 16);
      gate.open();
      assertThat(sync.result().items()).isBetween(ITEMS - 16L, (long) ITEMS);
      Await.until("all have ended", () -> cache.stats().runningJobs() == 0);
      assertThat(IntStream.range(0, ITEMS)).allMatch(i -> cache.get("id-" + i) >= 1);
    }
  }

  /** Creates the items; the calls that follow stop at the gate. */
  private void beginStopping(AutoRefresh<String, Integer> cache, boolean background) {
    IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
    if (background) {
      cache.start();
    }
    stopping.set(true);
  }

  @ParameterizedTest(name = "with a background: {0}")
  @ValueSource(booleans = {true, false})
  void L1_concurrentSyncs_queue(boolean background) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      beginStopping(cache, background);
      Worker<CycleReport> first = Worker.start(cache::sync);
      gate.awaitArrived(16);
      Worker<CycleReport> second = Worker.start(cache::sync).awaitWaiting();
      Worker<CycleReport> third = Worker.start(cache::sync).awaitWaiting();
      ticker.settle();
      assertThat(remote.refreshes()).as("those of the first alone").hasSize(16);
      assertThat(second.isDone() || third.isDone()).isFalse();
      stopping.set(false);
      gate.open();
      for (Worker<CycleReport> sync : List.of(first, second, third)) {
        assertThat(sync.result()).returns((long) ITEMS, CycleReport::updated).returns(0L, CycleReport::skipped);
      }
      assertThat(first.result().number()).isEqualTo(1);
      assertThat(List.of(second.result().number(), third.result().number())).containsExactlyInAnyOrder(2L, 3L);
      assertThat(refreshes()).containsExactly(3L);
    }
  }

  @ParameterizedTest(name = "with a background: {0}")
  @ValueSource(booleans = {true, false})
  void L1_anInterruptedCallerLeavesAlone_andItsCycleGoesOn(boolean background) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      beginStopping(cache, background);
      Worker<CycleReport> caller = Worker.start(cache::sync);
      gate.awaitArrived(16);
      caller.interrupt();
      assertThat(caller.failure()).isInstanceOf(InterruptedException.class);
      assertThat(cache.stats().runningJobs()).as("the calls go on").isEqualTo(16);
      stopping.set(false);
      gate.open();
      Await.until("its cycle has ended", () -> cache.stats().cycles() == 1);
      assertThat(refreshes()).containsExactly(1L);
      assertThat(cache.stats()).returns((long) ITEMS, Stats::updated).returns(0L, Stats::failed);
      assertThat(cache.sync().updated()).as("nothing is left of it").isEqualTo(ITEMS);
    }
  }

  /** It waits for its turn, which does not come: no cycle is run for it, or one that nobody waits for. */
  @ParameterizedTest(name = "with a background: {0}")
  @ValueSource(booleans = {true, false})
  void L1_aCallerThatIsInterruptedInTheQueue_leavesTheOthersTheirTurns(boolean background) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      beginStopping(cache, background);
      Worker<CycleReport> first = Worker.start(cache::sync);
      gate.awaitArrived(16);
      Worker<CycleReport> second = Worker.start(cache::sync).awaitWaiting();
      Worker<CycleReport> third = Worker.start(cache::sync).awaitWaiting();
      second.interrupt();
      assertThat(second.failure()).isInstanceOf(InterruptedException.class);
      stopping.set(false);
      gate.open();
      assertThat(first.result().updated()).isEqualTo(ITEMS);
      assertThat(third.result().updated()).isEqualTo(ITEMS);
    }
  }

  /** The callers of a sync get their answer or an exception, whether the background ends before or after. */
  @Test
  void L1_aSyncThatTheCloseMeets_endsWithAnException() throws Exception {
    AutoRefresh<String, Integer> cache = jobs().build();
    start(cache);
    stopping.set(true);
    Worker<CycleReport> first = Worker.start(cache::sync);
    gate.awaitArrived(16);
    Worker<CycleReport> second = Worker.start(cache::sync).awaitWaiting();
    cache.close();
    assertThat(first.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    assertThat(second.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
  }

  @Test
  void R9_afterASync_thePeriodicCyclesAreSpreadAsBefore() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      start(cache);
      cache.sync();
      remote.forget();
      ticker.jump(PERIOD);
      ticker.advance(PERIOD.dividedBy(2));
      assertThat(remote.refreshes()).as("half of them, and one or two").hasSizeBetween(9, 13);
    }
  }

  @Test
  void R1_aSyncTakesAtOnceTheRetriesThatAreDue_andLeavesOutThoseThatAreNot() throws Exception {
    Duration backoff = PERIOD.dividedBy(2);
    try (AutoRefresh<String, Integer> cache = jobs().backoff(backoff, backoff).build()) {
      start(cache);
      remote.answersAll(Outcome.failed(new IllegalStateException("of the test")));
      assertThat(cache.sync().failed()).isEqualTo(ITEMS);
      remote.answers(Remote::increments);
      ticker.jump(backoff.dividedBy(2).minusNanos(1));
      assertThat(cache.sync().items()).as("they back off").isZero();
      ticker.jump(backoff);
      cache.sync();
      Await.until("all have recovered while the time stands still", () -> cache.stats().failing() == 0);
      assertThat(refreshes()).as("where the background was faster, the sync refreshed them again").isSubsetOf(2L, 3L);
    }
  }
}
