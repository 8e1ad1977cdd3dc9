package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.FailureSummary;
import io.autorefresh.ItemEvent;
import io.autorefresh.ItemState;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.ThreadDump;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R7: a job that ignores its interruption for a tenth of a second is abandoned. */
@Timeout(60)
class AbandonedTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final Duration BACKOFF = Duration.ofMillis(1);
  private static final long TENTH = 100_000_000;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  /** Where the calls of ids that begin with "stuck" stop, whatever interrupts them. */
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();
  /** How many abandoned calls a test has let end. */
  private long ended;
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, Integer> jobs() {
    remote.answers(items -> {
      for (String id : items.keySet()) {
        if (id.startsWith("stuck")) {
          waitInTheDriver(gate(id));
        }
      }
      return Remote.increments(items);
    });
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .batchSize(1).spread(false).refreshTimeout(TIMEOUT).backoff(BACKOFF, BACKOFF)
        .closeTimeout(Duration.ofMillis(1));
  }

  private Gate gate(String id) {
    return gates.computeIfAbsent(id, key -> new Gate(ticker));
  }

  /** A frame to be found in stacks. */
  private static void waitInTheDriver(Gate gate) throws TimeoutException {
    gate.passStubbornly();
  }

  @AfterEach
  void openAll() {
    gates.values().forEach(Gate::open);
  }

  /** Creates items and moves the time until their calls are abandoned. */
  private void abandon(AutoRefresh<String, Integer> cache, String... ids) throws Exception {
    long before = cache.stats().abandonedJobs();
    for (String id : ids) {
      cache.getOrCreate(id, 0);
      gate(id).awaitArrived(1);
    }
    ticker.jump(TIMEOUT);
    Await.until("they are abandoned", () -> cache.stats().abandonedJobs() >= before + ids.length);
  }

  /** Moves the time on until the condition holds, and each call whose time is over is abandoned. */
  private void advanceUntil(AutoRefresh<String, Integer> cache, String what, BooleanSupplier condition)
      throws Exception {
    for (int second = 0; !condition.getAsBoolean(); second++) {
      assertThat(second).as("seconds until " + what).isLessThan(200);
      ticker.jump(Duration.ofSeconds(1)).settle();
      Await.until("calls whose time is over are abandoned, or have ended", () -> {
        Stats stats = cache.stats();
        return stats.timedOutCalls() <= stats.abandonedJobs() + ended;
      });
    }
  }

  /** Row H of the faults: where a call hangs is in its exception and in the log. */
  @Test
  void R7_theStackOfATimeOut_isThatOfTheHangingThread() throws Exception {
    Queue<Throwable> heard = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      if (event instanceof ItemEvent.RefreshFailed<String, Integer> failed) {
        heard.add(failed.cause());
      }
    }).build()) {
      cache.start();
      abandon(cache, "stuck");
      assertThat(cache.inspect("stuck").orElseThrow().lastFailure().orElseThrow())
          .returns(TimeoutException.class.getName(), FailureSummary::type);
      Await.until("the listener hears of it", () -> !heard.isEmpty());
      Throwable failure = heard.remove();
      assertThat(failure).isInstanceOf(TimeoutException.class).hasMessageContaining("PT3S");
      assertThat(List.of(failure.getStackTrace())).as("the frames of the callback")
          .anyMatch(frame -> frame.getMethodName().equals("waitInTheDriver")
              && frame.getClassName().equals(AbandonedTest.class.getName()));
      assertThat(log.entries()).filteredOn(entry -> entry.contains("waitInTheDriver")).hasSize(1);
    }
  }

  @Test
  void R7_aJobIsAbandonedATenthOfASecondAfterItsInterruption_byRealTime() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      long begin = System.nanoTime();
      abandon(cache, "stuck");
      assertThat(System.nanoTime() - begin).as("the ticker stands still").isGreaterThanOrEqualTo(TENTH);
      gate("stuck").awaitInterrupted(1);
      Await.until("its slot is given back", () -> cache.stats().runningJobs() == 0);
      Await.until("that is logged", () -> log.entries().stream().anyMatch(entry -> entry.contains("abandoned")));
      assertThat(log.entries()).filteredOn(entry -> entry.contains("abandoned")).hasSize(1);
    }
  }

  @Test
  void R7_aJobThatEndsWhenItIsInterrupted_isNotAbandoned() throws Exception {
    Gate gate = new Gate(ticker);
    AutoRefreshBuilder<String, Integer> builder = jobs();
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = builder.build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      gate.awaitArrived(1);
      ticker.jump(TIMEOUT);
      Await.until("it has ended", () -> cache.stats().timedOutCalls() == 1 && cache.stats().runningJobs() == 0);
      assertThat(cache.stats().abandonedJobs()).isZero();
      assertThat(log.entries()).noneMatch(entry -> entry.contains("abandoned"));
    }
  }

  /** Row A of the faults. */
  @Test
  void R7_anItemWhoseCallHangsForEver_isProbedEverMoreSeldom_andTheOthersStayFresh() throws Exception {
    int others = 99;
    int cycles = 40;
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(4).build()) {
      IntStream.range(0, others).forEach(i -> cache.getOrCreate("good-" + i, 0));
      cache.start();
      abandon(cache, "stuck");
      for (int cycle = 1; cycle <= cycles; cycle++) {
        ticker.jump(PERIOD.minus(cycle == 1 ? TIMEOUT : Duration.ZERO)).settle();
        int expected = cycle + 1;
        Await.until("the others are refreshed in cycle " + cycle,
            () -> IntStream.range(0, others).allMatch(i -> cache.get("good-" + i) == expected));
        Await.until("calls whose time is over are abandoned",
            () -> cache.stats().timedOutCalls() == cache.stats().abandonedJobs());
      }
      assertThat(remote.refreshes("stuck")).as("after 1, 2, 4, 8 and 16 periods").isBetween(4L, 7L);
      assertThat(cache.stats().overruns()).isZero();
      assertThat(cache.freshness().oldest()).first().isEqualTo("stuck");
      assertThat(cache.inspect("stuck").orElseThrow().troubles()).contains(ItemState.Trouble.SUSPECT,
          ItemState.Trouble.HANGING);
      assertThat(cache.inspect("good-1").orElseThrow().troubles()).isEmpty();
    }
  }

  @Test
  void R7_whenTheAbandonedCallHasEnded_itsResultIsDiscarded_andTheItemIsCalledAfterItsBackOff() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      abandon(cache, "stuck");
      Await.until("it is told", () -> cache.inspect("stuck").orElseThrow().due() == ItemState.Due.BACKING_OFF);
      ticker.jump(BACKOFF).settle();
      assertThat(remote.refreshes("stuck")).as("it is not called while its call runs").isOne();
      assertThat(cache.inspect("stuck").orElseThrow()).returns(1, ItemState::failures)
          .returns(true, ItemState::inFlight);
      assertThat(cache.stats()).returns(1L, Stats::suspects);
      gate("stuck").open();
      Await.until("it is called again, as its back-off is over", () -> cache.get("stuck") == 1);
      Await.until("nothing runs", () -> cache.stats().runningJobs() == 0 && cache.stats().abandonedJobs() == 0);
      assertThat(remote.refreshes("stuck")).isEqualTo(2);
      assertThat(cache.stats()).returns(1L, Stats::updated).returns(1L, Stats::failed).returns(0L, Stats::failing)
          .returns(0L, Stats::suspects);
      ticker.jump(PERIOD);
      Await.until("it takes part in the cycles", () -> cache.get("stuck") == 2);
    }
  }

  @Test
  void R7_aBackOffThatHasNotEndedWhenTheCallDoes_isKept() throws Exception {
    Duration backoff = PERIOD.multipliedBy(4);
    try (AutoRefresh<String, Integer> cache = jobs().backoff(backoff, backoff).build()) {
      cache.start();
      abandon(cache, "stuck");
      gate("stuck").open();
      Await.until("the call has ended", () -> cache.stats().abandonedJobs() == 0);
      Await.until("the item is free", () -> !cache.inspect("stuck").orElseThrow().inFlight());
      ticker.jump(backoff.dividedBy(2).minusNanos(1)).settle();
      assertThat(remote.refreshes("stuck")).isOne();
      ticker.jump(backoff.dividedBy(2).plusNanos(1));
      // It may be called once more, by the next cycle.
      Await.until("it is called again", () -> cache.get("stuck") > 0);
    }
  }

  /** Row A of the faults, in the only batch that there is. */
  @Test
  void R7_itemsOfAnAbandonedCall_goOnInHalves_untilTheBadOneIsAlone() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(16).build()) {
      IntStream.range(0, 15).forEach(i -> cache.getOrCreate("neighbour-" + i, 0));
      cache.getOrCreate("stuck", 0);
      cache.start();
      gate("stuck").awaitArrived(1);
      ticker.jump(TIMEOUT);
      Await.until("it is abandoned", () -> cache.stats().abandonedJobs() == 1);
      assertThat(cache.stats()).returns(16L, Stats::failed).returns(1L, Stats::timedOutCalls)
          .returns(16L, Stats::suspects);
      advanceUntil(cache, "all neighbours are fresh",
          () -> IntStream.range(0, 15).allMatch(i -> cache.get("neighbour-" + i) > 0));
      assertThat(remote.refreshes("stuck")).as("the batch, its halves, and so on").isLessThanOrEqualTo(5);
      assertThat(remote.refreshes()).as("calls of all").hasSizeLessThanOrEqualTo(1 + 2 * 4 + 2);
      advanceUntil(cache, "it is alone", () -> cache.stats().suspects() == 1);
      gate("stuck").open();
      ended = Integer.MAX_VALUE;
      advanceUntil(cache, "it is refreshed", () -> cache.get("stuck") > 0);
    }
  }

  /** Row A of the faults, in one of many batches. */
  @Test
  void R7_neighboursOfABadItem_areFreshWithinTheLogarithmOfTheBatch_andOtherBatchesNoticeNothing() throws Exception {
    int items = 160;
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(16).maxConcurrency(4).refreshOnCreate(false).build()) {
      IntStream.range(1, items).forEach(i -> cache.getOrCreate("good-" + i, 0));
      cache.getOrCreate("stuck", 0);
      cache.start();
      advanceUntil(cache, "all others are fresh",
          () -> IntStream.range(1, items).allMatch(i -> cache.get("good-" + i) > 0));
      assertThat(remote.refreshes("stuck")).isLessThanOrEqualTo(5);
      for (int period = 0; period < 20; period++) {
        ticker.jump(PERIOD).settle();
        Await.until("calls whose time is over are abandoned",
            () -> cache.stats().timedOutCalls() == cache.stats().abandonedJobs());
      }
      assertThat(remote.refreshes("stuck")).as("in 20 periods more").isLessThanOrEqualTo(5 + 6);
      assertThat(cache.freshness().oldest()).first().isEqualTo("stuck");
      assertThat(cache.inspect("good-1").orElseThrow().age()).isLessThanOrEqualTo(PERIOD.multipliedBy(2));
      assertThat(cache.stats()).returns(1L, Stats::suspects).returns(0L, Stats::groupsDown);
    }
  }

  /** Row A of the faults: the hanging threads never end. */
  @Test
  void R7_aRemoteThatHangsAsAWhole_isFoundAgain() throws Exception {
    AtomicBoolean down = new AtomicBoolean(true);
    int items = 40;
    AutoRefreshBuilder<String, Integer> builder = jobs();
    remote.answers(batch -> {
      if (down.get()) {
        waitInTheDriver(gate("remote"));
      }
      return Remote.increments(batch);
    });
    try (AutoRefresh<String, Integer> cache =
        builder.maxConcurrency(4).batchSize(2).refreshOnCreate(false).build()) {
      IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.start();
      advanceUntil(cache, "it is down", () -> cache.stats().groupsDown() == 1);
      assertThat(cache.inspect("id-0").orElseThrow().troubles()).contains(ItemState.Trouble.GROUP_DOWN);
      long before = cache.stats().abandonedJobs();
      for (int second = 0; second < 30 * 10; second++) {
        ticker.jump(Duration.ofSeconds(1)).settle();
        Await.until("calls whose time is over are abandoned",
            () -> cache.stats().timedOutCalls() == cache.stats().abandonedJobs());
      }
      assertThat(cache.stats().abandonedJobs() - before).as("threads for thirty periods").isLessThanOrEqualTo(10);
      down.set(false);
      advanceUntil(cache, "the remote is found", () -> cache.stats().groupsDown() == 0);
      int[] seconds = {0};
      advanceUntil(cache, "all are fresh", () -> seconds[0]++ >= 0
          && IntStream.range(0, items).allMatch(i -> cache.get("id-" + i) > 0));
      assertThat(seconds[0]).as("seconds after the first probe that succeeds").isLessThanOrEqualTo(2 * 10 + 1);
      assertThat(cache.stats()).returns(0L, Stats::suspects);
    }
  }

  @Test
  void R7_moreAbandonedJobsThanMaxConcurrency_stopNothing_andAreLoggedOnce() throws Exception {
    int hanging = 9;
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).onDelete(remote).build()) {
      cache.start();
      cache.getOrCreate("good", 0);
      Await.until("it is refreshed", () -> cache.get("good") == 1);
      IntStream.range(0, hanging).forEach(i -> cache.getOrCreate("stuck-" + i, 0));
      advanceUntil(cache, "all hang",
          () -> IntStream.range(0, hanging).allMatch(i -> gate("stuck-" + i).arrived() > 0));
      advanceUntil(cache, "all are abandoned", () -> cache.stats().abandonedJobs() >= hanging);
      assertThat(cache.stats().abandonedJobs()).isGreaterThanOrEqualTo(hanging);
      assertThat(log.entries()).filteredOn(entry -> entry.contains("maxConcurrency")).hasSize(1)
          .first().asString().contains("WARNING").contains("2");
      int before = cache.get("good");
      cache.getOrCreate("marked", 0);
      cache.deleteDelayed("marked");
      advanceUntil(cache, "cycles go on", () -> cache.get("good") > before);
      advanceUntil(cache, "deletions go on", () -> cache.get("marked") == null);
      cache.getOrCreate("new", 0);
      advanceUntil(cache, "new items are refreshed at once", () -> cache.get("new") == 1);
      openAll();
      Await.until("their calls have ended", () -> cache.stats().abandonedJobs() == 0);
      ended = Integer.MAX_VALUE;
      advanceUntil(cache, "the others take part again",
          () -> IntStream.range(0, hanging).allMatch(i -> cache.get("stuck-" + i) >= 1));
    }
  }

  /** A scope cannot end before its last call, and an owner waits in each: there are few of them all the same. */
  @Test
  void R7_callsThatNeverEnd_holdFewCycles() throws Exception {
    int cycles = 25;
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("good", 0);
      cache.start();
      Await.until("it is refreshed", () -> cache.get("good") == 1);
      for (int cycle = 0; cycle < cycles; cycle++) {
        cache.getOrCreate("stuck-" + cycle, 0);
        gate("stuck-" + cycle).awaitArrived(1);
        ticker.jump(PERIOD).settle();
        int expected = cycle + 2;
        Await.until("the next cycle has done its work", () -> cache.get("good") == expected);
        Await.until("calls whose time is over are abandoned",
            () -> cache.stats().timedOutCalls() == cache.stats().abandonedJobs());
      }
      Await.until("all are abandoned, and some probes", () -> cache.stats().abandonedJobs() >= cycles);
      assertThat(ThreadDump.take().threads()).as("owners").filteredOn(name -> name.matches("jobs/cycle-\\d+"))
          .hasSizeBetween(1, 10);
      assertThat(cache.stats().overruns()).isZero();
    }
  }

  @Test
  void R7_anAbandonedDeletion_stopsNeitherRefreshesNorOtherDeletions() throws Exception {
    Gate stuck = gate("stuck");
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(1)
        .onDelete((id, item) -> {
          remote.delete(id, item);
          if (id.equals("stuck")) {
            waitInTheDriver(stuck);
          }
        }).terminal(item -> item == 100).build()) {
      cache.getOrCreate("good", 0);
      Map<String, Integer> items = new HashMap<>(Map.of("stuck", 100, "other", 100));
      items.forEach(cache::getOrCreate);
      cache.start();
      Await.until("it is refreshed", () -> cache.get("good") == 1);
      cache.deleteDelayed("stuck");
      ticker.jump(PERIOD);
      stuck.awaitArrived(1);
      cache.deleteDelayed("other");
      ticker.jump(TIMEOUT);
      Await.until("it is abandoned", () -> cache.stats().abandonedJobs() == 1);
      Await.until("its cycle goes on", () -> cache.get("good") == 2);
      ticker.jump(PERIOD.minus(TIMEOUT));
      Await.until("the next cycle deletes the other", () -> cache.get("other") == null);
      assertThat(remote.deletions()).containsExactly("stuck", "other");
      assertThat(cache.stats()).returns(1L, Stats::deletionFailures).returns(1L, Stats::pendingDeletion);
      stuck.open();
      Await.until("the call has ended", () -> cache.stats().abandonedJobs() == 0);
      ticker.jump(PERIOD);
      Await.until("it is tried again", () -> cache.get("stuck") == null);
    }
  }
}
