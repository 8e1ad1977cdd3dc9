package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What was observed of the ancestor's deletions and refreshes, and what there is here instead. */
@Timeout(60)
class DifferentFromAncestorTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs(Duration period) {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(period).ticker(ticker).refreshBatch(remote)
        .batchSize(1);
  }

  private static void create(AutoRefresh<String, Integer> cache, String prefix, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate(prefix + i, 0));
  }

  /** There: a panic kills its worker for good; after as many as there are workers the cache is frozen, silently. */
  @Test
  void R5_moreFailuresThanWorkersFreezeNothing() throws Exception {
    remote.answers(items -> {
      if (items.keySet().iterator().next().startsWith("bad")) {
        throw new IllegalStateException("of the test");
      }
      return Remote.increments(items);
    });
    try (LogCapture log = LogCapture.open(); AutoRefresh<String, Integer> cache = jobs(SECOND).maxConcurrency(10)
        .spread(false).build()) {
      create(cache, "bad-", 30);
      create(cache, "good-", 5);
      cache.start();
      for (int cycle = 1; cycle <= 3; cycle++) {
        int expected = cycle;
        Await.until("the others are fresh",
            () -> IntStream.range(0, 5).allMatch(i -> cache.get("good-" + i) >= expected));
        Await.until("nothing runs", () -> cache.stats().runningJobs() == 0 && cache.stats().backlog() == 0);
        ticker.jump(SECOND);
      }
      assertThat(cache.stats().failed()).isGreaterThanOrEqualTo(30);
      assertThat(log.entries()).as("nor is it silent").isNotEmpty();
    }
  }

  /** There: 300 ms callbacks with a 50 ms period ran five times at once for one id, and 100 became 2. */
  @Test
  void R2_slowCallbacksDoNotRunTwiceForAnIdNorOverwriteNewerValues() throws Exception {
    AtomicInteger answers = new AtomicInteger();
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      if (answers.incrementAndGet() == 1) {
        gate.pass();
        return Remote.all(items, Outcome.updated(2));
      }
      return Remote.all(items, Outcome.updated(100));
    });
    Duration period = Duration.ofMillis(50);
    try (AutoRefresh<String, Integer> cache = jobs(period).spread(false).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      gate.awaitArrived(1);
      for (int passed = 0; passed < 6; passed++) {
        ticker.jump(period).settle();
      }
      assertThat(remote.refreshes("a")).isOne();
      gate.open();
      Await.until("the slow one has ended", () -> cache.get("a") >= 2 && cache.stats().runningJobs() == 0);
      ticker.jump(period);
      Await.until("the newer one is there", () -> cache.get("a") == 100);
      ticker.jump(period).settle();
      assertThat(cache.get("a")).isEqualTo(100);
    }
  }

  /** There: the callback sees the value of the moment when it was put into the queue. */
  @Test
  void R1_aQueuedRefreshSeesTheCurrentValue() throws Exception {
    Queue<Integer> seen = new ConcurrentLinkedQueue<>();
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      if (items.containsKey("first")) {
        gate.pass();
      } else {
        seen.addAll(items.values());
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs(SECOND).spread(false).build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      Await.until("it is refreshed", () -> cache.get("a") == 1 && cache.stats().runningJobs() == 0);
      for (int cycle = 0; cycle < 3; cycle++) {
        cache.sync();
      }
      ticker.jump(SECOND);
      Await.until("it is refreshed by the loop", () -> cache.get("a") == 5);
      assertThat(seen).containsExactly(0, 1, 2, 3, 4);
      gate.open();
    }
  }

  /** There: the result of before a deletion lands on the item that was created after it. */
  @Test
  void D4_theResultOfAnEarlierItemDoesNotLandOnALaterOne() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      if (items.containsValue(0)) {
        gate.pass();
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs(SECOND).refreshOnCreate(false).spread(false).build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      ticker.jump(SECOND);
      gate.awaitArrived(1);
      cache.deleteDelayed("a");
      ticker.jump(SECOND);
      Await.until("it is deleted by the next cycle", () -> cache.get("a") == null);
      cache.getOrCreate("a", 1_000);
      gate.open();
      Await.until("the old one has ended", () -> cache.stats().staleOutcomes() == 1);
      assertThat(cache.get("a")).as("as created, or refreshed after that").isBetween(1_000, 1_001);
    }
  }

  /** There: deleting an absent id kills a later creation, and its users do that routinely. */
  @Test
  void D1_theSecondDeletionOfAReaderDoesNotKillTheNextItem() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(SECOND).build()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      cache.deleteDelayed("a");
      cache.sync();
      cache.deleteDelayed("a");
      cache.getOrCreate("a", 5);
      cache.sync();
      cache.sync();
      assertThat(cache.get("a")).isEqualTo(7);
    }
  }

  /** There: with more items than calls in five periods the backlog grows for ever; here it would with 60. */
  @Test
  void R8_moreItemsThanTheRateAllowsOnlyMakeThePeriodLonger() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(SECOND).maxCallsPerSecond(10)
        .refreshOnCreate(false).refreshTimeout(Duration.ofDays(1)).build()) {
      create(cache, "id-", 60);
      cache.start();
      for (int second = 0; second < 25; second++) {
        ticker.advance(SECOND);
        assertThat(cache.stats().backlog()).isLessThanOrEqualTo(60);
      }
      assertThat(remote.refreshes().size()).as("the rate is used").isBetween(210, 242);
      assertThat(cache.stats().period()).as("6 s for 60 items")
          .isBetween(Duration.ofMillis(5_500), Duration.ofMillis(6_700));
      assertThat(cache.stats().overruns()).isPositive();
      assertThat(IntStream.range(0, 60)).allMatch(i -> remote.refreshes("id-" + i) >= 3);
    }
  }

  /** There: new items queue behind the backlog, for 58 s and more. */
  @Test
  void R8_newItemsComeBeforeTheBacklog() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(SECOND).maxCallsPerSecond(10).spread(false)
        .refreshTimeout(Duration.ofDays(1)).build()) {
      create(cache, "old-", 60);
      cache.start();
      for (int step = 0; step < 400 && (cache.stats().neverRefreshed() > 0 || cache.stats().backlog() < 40); step++) {
        ticker.advance(Duration.ofMillis(50));
      }
      assertThat(cache.stats()).returns(0L, Stats::neverRefreshed);
      assertThat(cache.stats().backlog()).as("of items that are not new").isGreaterThanOrEqualTo(40);
      cache.getOrCreate("new", 0);
      for (int step = 0; step < 100 && cache.get("new") == 0; step++) {
        ticker.advance(Duration.ofMillis(50));
      }
      assertThat(cache.get("new")).isOne();
      assertThat(cache.stats().backlog()).as("of items that are not new").isGreaterThanOrEqualTo(30);
    }
  }

  /** There: back-off never engages, being keyed by a fresh pointer. */
  @Test
  void R6_aFailingItemIsBackedOff() throws Exception {
    remote.answers(items -> {
      throw new IllegalStateException("of the test");
    });
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Integer> cache = jobs(SECOND).name(log.name()).build()) {
      cache.getOrCreate("a", 0);
      for (int cycle = 0; cycle < 100; cycle++) {
        cache.sync();
        ticker.jump(SECOND);
      }
      assertThat(remote.refreshes("a")).as("about every other period").isBetween(42L, 70L);
      assertThat(log.entries()).as("at once and after a minute, of the item and of the remote").hasSize(4);
    }
  }

  /** There: a nil update makes Get panic in the caller. */
  @Test
  void R3_aMissingValueIsAFailureOfItsItemAndNoReaderSeesIt() throws Exception {
    remote.answers(items -> {
      if (items.containsKey("null outcome")) {
        return Remote.all(items, null);
      }
      return items.containsKey("null value") ? Remote.all(items, Outcome.updated(null)) : Remote.increments(items);
    });
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Integer> cache = jobs(SECOND).name(log.name()).build()) {
      cache.getOrCreate("null outcome", 0);
      cache.getOrCreate("null value", 0);
      cache.getOrCreate("good", 0);
      assertThat(cache.sync()).returns(2L, CycleReport::failed).returns(1L, CycleReport::updated);
      assertThat(cache.get("null outcome")).isZero();
      assertThat(cache.get("null value")).isZero();
      assertThat(cache.get("good")).isOne();
      assertThat(log.entries()).isNotEmpty();
    }
  }

  /** There: a panic in the batcher or in IsTerminal ends the process. */
  @Test
  void R5_theOtherCallbacksAreContainedToo() throws Exception {
    try (LogCapture log = LogCapture.open(); AutoRefresh<String, Integer> cache = jobs(SECOND).batchSize(5)
        .batchBy((id, item) -> {
          throw new StackOverflowError("of the test");
        }).terminal(item -> {
          throw new StackOverflowError("of the test");
        }).build()) {
      create(cache, "id-", 3);
      cache.start();
      Await.until("all have failed", () -> cache.stats().failed() >= 3);
      assertThat(cache.sync().failed()).as("backed off").isZero();
      assertThat(log.entries()).isNotEmpty();
    }
  }

  /** There: evictions counts deletions, size is stale, and the backlog is invisible. */
  @Test
  void R8_theFiguresAreExact() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs(SECOND).maximumSize(10).maxConcurrency(2).build()) {
      create(cache, "id-", 15);
      assertThat(cache.stats()).returns(10L, Stats::size).returns(5L, Stats::evictions).returns(15L, Stats::creations);
      String marked = IntStream.range(0, 15).mapToObj(i -> "id-" + i).filter(id -> cache.get(id) != null)
          .findFirst().orElseThrow();
      cache.deleteDelayed(marked);
      assertThat(cache.stats()).returns(10L, Stats::size).returns(1L, Stats::pendingDeletion)
          .returns(5L, Stats::evictions);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      gate.awaitArrived(2);
      Await.until("the rest waits", () -> cache.stats().backlog() == 7);
      ticker.settle();
      assertThat(cache.stats()).returns(7L, Stats::backlog).returns(2L, Stats::inFlight).returns(2L, Stats::runningJobs)
          .returns(9L, Stats::size)
          .returns(1L, Stats::deletions).returns(5L, Stats::evictions);
      ticker.jump(SECOND);
      assertThat(cache.freshness().max()).isEqualTo(SECOND);
      gate.open();
      assertThat(cycle.result().updated()).isEqualTo(9);
      assertThat(cache.stats()).returns(0L, Stats::backlog).returns(0L, Stats::inFlight)
          .returns(0L, Stats::runningJobs);
    }
  }
}
