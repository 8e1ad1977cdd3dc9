package io.autorefresh.proof.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.Stats;
import io.autorefresh.internal.cycle.WatchedTicker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.proof.Proof;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A ticker that stands still, and one that creeps by a nanosecond: nothing is due, and nothing hangs or spins. */
@Proof
@Tag("time")
@Timeout(60)
class StillTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int ITEMS = 200;

  private final ManualTicker still = new ManualTicker();
  private final AtomicLong reads = new AtomicLong();
  private final Remote remote = new Remote(still);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).refreshBatch(remote)
        .onDelete(remote).batchSize(10).ticker(new WatchedTicker(still, reads::incrementAndGet));
  }

  private static void create(AutoRefresh<String, Integer> cache) {
    IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  @Test
  void G1_readsCreationsAndDeletionsNeedNoTime() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(ITEMS).build()) {
      cache.start();
      create(cache);
      Await.until("the new items are refreshed", () -> cache.stats().updated() == ITEMS);
      assertThat(cache.getOrThrow("id-0")).isOne();
      assertThat(cache.inspect("id-0").orElseThrow().age()).isZero();
      assertThat(cache.deleteDelayed("id-0")).isTrue();
      cache.getOrCreate("one more", id -> 7);
      assertThat(cache.size()).as("evicted without time").isEqualTo(ITEMS);
      assertThat(cache.stats()).as("no periodic cycle").returns(0L, Stats::deletions)
          .returns(1L, Stats::pendingDeletion);
    }
  }

  @Test
  void R1_syncNeedsNoTime() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      create(cache);
      Await.until("the new items are refreshed", () -> cache.stats().updated() == ITEMS);
      Await.until("nothing runs", () -> cache.stats().inFlight() == 0);
      cache.deleteDelayed("id-0");
      for (int sync = 0; sync < 10; sync++) {
        Worker.start(cache::sync).result();
      }
      assertThat(cache.get("id-1")).isEqualTo(11);
      assertThat(cache.size()).isEqualTo(ITEMS - 1);
    }
  }

  @Test
  void R6_whatFailedIsNotTriedAgainWhileTimeStandsStill() throws Exception {
    remote.answers(items -> {
      throw new IllegalStateException("of the test");
    });
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Integer> cache = jobs().name(log.name()).build()) {
      create(cache);
      assertThat(cache.sync().failed()).isEqualTo(ITEMS);
      for (int sync = 0; sync < 10; sync++) {
        assertThat(cache.sync().items()).isZero();
      }
      assertThat(log.entries()).hasSize(1);
    }
  }

  @Test
  void R8_aSyncThatTheRateHoldsUp_goesOnAsSoonAsTimeDoes() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(10).build()) {
      create(cache);
      Worker<?> sync = Worker.start(cache::sync);
      Await.until("the first call was let through", () -> remote.calls().size() == 1);
      still.settle();
      assertThat(sync.isDone()).isFalse();
      assertThat(remote.calls()).hasSize(1);
      Await.until("it has made its calls, one in each step at most", () -> {
        int before = remote.calls().size();
        still.jump(Duration.ofMillis(100)).settle();
        assertThat(remote.calls().size()).isLessThanOrEqualTo(before + 2);
        return sync.isDone();
      });
      sync.result();
      assertThat(remote.calls()).hasSize(ITEMS / 10);
    }
  }

  @Test
  void L2_closeNeedsNoTime() throws Exception {
    Gate gate = new Gate(still);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    AutoRefresh<String, Integer> cache = jobs().closeTimeout(Duration.ofDays(1)).build();
    cache.start();
    create(cache);
    gate.awaitArrived(1);
    Worker.start(cache::close).result();
    assertThat(cache.stats()).returns(0L, Stats::runningJobs).returns(0L, Stats::inFlight);
  }

  @Test
  void L2_closeIsBoundedByRealTimeToo() throws Exception {
    Gate stuck = new Gate(still);
    remote.answers(items -> {
      stuck.passStubbornly();
      return Remote.increments(items);
    });
    try (LogCapture log = LogCapture.open()) {
      AutoRefresh<String, Integer> cache = jobs().closeTimeout(Duration.ofMillis(50)).build();
      cache.start();
      create(cache);
      stuck.awaitArrived(1);
      Worker.start(cache::close).result();
      assertThat(log.entries()).anyMatch(entry -> entry.contains("did not end in time"));
      stuck.open();
      Await.until("nothing runs", () -> cache.stats().runningJobs() == 0 && cache.stats().abandonedJobs() == 0);
    }
  }

  @Test
  void R7_aCallThatTakesNoTickerTimeIsNotTimedOut_andTheOthersGoOn() throws Exception {
    Gate slow = new Gate(still);
    remote.answers(items -> {
      if (items.containsKey("id-0")) {
        slow.pass();
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().refreshTimeout(Duration.ofMillis(1)).build()) {
      create(cache);
      cache.start();
      slow.awaitArrived(1);
      Await.until("the others are refreshed", () -> cache.stats().updated() == ITEMS - 10);
      assertThat(cache.inspect("id-0").orElseThrow()).returns(true, ItemState::inFlight)
          .returns(0, ItemState::failures);
      slow.open();
      Await.until("it is refreshed", () -> cache.stats().updated() == ITEMS);
    }
  }

  @Test
  void L1_anIdleLoop_doesNotLookAtTheTime() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache);
      cache.start();
      still.settle();
      assertThat(cache.stats().updated()).isEqualTo(ITEMS);
      isNotRead();
    }
  }

  @Test
  void L1_aCycleThatWaitsForTime_doesNotLookAtIt() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).build()) {
      create(cache);
      cache.start();
      still.jump(PERIOD).settle();
      assertThat(cache.stats().backlog()).isGreaterThanOrEqualTo(ITEMS - 10);
      isNotRead();
    }
  }

  /** Long enough, in real time, for a loop that polls. */
  private void isNotRead() throws Exception {
    long before = reads.get();
    long begin = System.nanoTime();
    Await.until("50 ms have passed", () -> System.nanoTime() - begin > 50_000_000);
    assertThat(reads.get()).isEqualTo(before);
  }

  @Test
  void R10_aTickerThatCreepsIsNoTick() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).spread(false).build()) {
      create(cache);
      cache.start();
      still.jump(PERIOD.minus(Duration.ofNanos(50)));
      for (int creep = 0; creep < 49; creep++) {
        still.jump(Duration.ofNanos(1)).settle();
      }
      assertThat(cache.stats().cycles()).isZero();
      still.jump(Duration.ofNanos(1));
      Await.until("the cycle has ended", () -> cache.stats().cycles() == 1);
      for (int creep = 0; creep < 50; creep++) {
        still.jump(Duration.ofNanos(1)).settle();
      }
      assertThat(cache.stats()).returns(1L, Stats::cycles).returns((long) ITEMS, Stats::updated);
    }
  }

  @Test
  void R8_aTickerThatCreepsLetsNoBurstThrough() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).batchSize(1).maxCallsPerSecond(10)
        .spread(false).build()) {
      create(cache);
      cache.start();
      still.jump(PERIOD);
      Await.until("the first call was let through", () -> remote.calls().size() == 1);
      for (int creep = 0; creep < 99; creep++) {
        still.jump(Duration.ofMillis(1)).settle();
      }
      assertThat(remote.calls()).hasSize(1);
      still.jump(Duration.ofMillis(1));
      Await.until("the next one is", () -> remote.calls().size() == 2);
    }
  }
}
