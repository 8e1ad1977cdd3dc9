package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.Refresher;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2: how {@code run()} and {@code sync()} end, interrupted or closed. */
@Timeout(60)
class RunTest {

  private final Gate gate = new Gate();
  private final AtomicBoolean ended = new AtomicBoolean();

  private static AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder()
        .name("parcels")
        .refresh((id, n) -> n + 1)
        .refreshEvery(Duration.ofHours(1))
        .closeTimeout(Duration.ofSeconds(20));
  }

  private Refresher<String, Integer> obedient() {
    return (id, n) -> {
      gate.pass();
      return n + 1;
    };
  }

  private Refresher<String, Integer> stubborn() {
    return (id, n) -> {
      gate.passStubbornly();
      ended.set(true);
      return n + 1;
    };
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    for (int i = 0; i < items; i++) {
      cache.getOrCreate("item " + i, 0);
    }
  }

  private static void awaitRefused(AutoRefresh<String, Integer> cache) throws Exception {
    Await.until("the cache is closed", () -> {
      try {
        cache.deleteDelayed("nobody");
        return false;
      } catch (IllegalStateException e) {
        return true;
      }
    });
  }

  @Test
  void L2_run_closed_returnsNormally() throws Exception {
    try (var cache = builder().build()) {
      create(cache, 1);
      Worker<Void> runner = Worker.start(() -> cache.run());
      Await.until("the item is refreshed", () -> cache.get("item 0") == 1);
      cache.close();
      runner.result();
    }
  }

  @Test
  void L2_run_interrupted_throwsInterruptedException_andClosesNothing() throws Exception {
    try (var cache = builder().build()) {
      create(cache, 1);
      Worker<Void> runner = Worker.start(() -> cache.run());
      Await.until("the item is refreshed", () -> cache.get("item 0") == 1);
      runner.interrupt();
      assertThat(runner.failure()).isInstanceOf(InterruptedException.class);
      assertThat(cache.getOrCreate("other", 5)).isEqualTo(5);
      assertThat(cache.deleteDelayed("item 0")).isTrue();
      CycleReport report = cache.sync();
      assertThat(report.deletions()).isEqualTo(1);
      assertThat(report.updated()).isEqualTo(1);
      assertThat(cache.get("item 0")).isNull();
      assertThat(cache.get("other")).isEqualTo(6);
    }
  }

  @Test
  void L2_run_interrupted_interruptsItsJobsAndBeginsNoOther() throws Exception {
    for (int round = 0; round < 20; round++) {
      Gate refreshes = new Gate();
      try (var cache = builder().maxConcurrency(3).refresh((id, n) -> {
        refreshes.pass();
        return n + 1;
      }).build()) {
        create(cache, 30);
        Worker<Void> runner = Worker.start(() -> cache.run());
        refreshes.awaitArrived(3);
        runner.interrupt();
        assertThat(runner.failure()).isInstanceOf(InterruptedException.class);
        refreshes.awaitInterrupted(3);
        assertThat(refreshes.arrived()).isEqualTo(3);
        assertThat(cache.stats().runningJobs()).isZero();
        assertThat(cache.stats().inFlight()).isZero();
      }
    }
  }

  @Test
  void L2_run_interrupted_returnsWithItsLastCallback_howeverLate() throws Exception {
    try (LogCapture log = LogCapture.open();
        var cache = builder().closeTimeout(Duration.ofMillis(1)).refresh(stubborn()).build()) {
      create(cache, 1);
      AtomicReference<Throwable> end = new AtomicReference<>();
      Worker<Boolean> runner = Worker.start(() -> {
        try {
          cache.run();
        } catch (InterruptedException e) {
          end.set(e);
        }
        return ended.get();
      });
      gate.awaitArrived(1);
      runner.interrupt();
      gate.awaitInterrupted(1);
      Await.until("the call is abandoned, long after the close time-out",
          () -> cache.stats().abandonedJobs() == 1);
      Await.until("the log names it", () -> log.entries().stream().anyMatch(entry -> entry.contains("batch-1")));
      assertThat(runner.isDone()).isFalse();
      gate.open();
      assertThat(runner.result()).as("ended when run() returned").isTrue();
      assertThat(end.get()).isInstanceOf(InterruptedException.class);
    }
  }

  /** The interruption carries nothing out; the close does that. */
  @Test
  void L2_run_interrupted_interruptsItsDeletionsToo_andCarriesOutNoOther() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (var cache = builder().maxConcurrency(2).refreshEvery(Duration.ofMillis(1)).onDelete((id, n) -> {
      calls.incrementAndGet();
      gate.pass();
    }).build()) {
      create(cache, 10);
      for (int i = 0; i < 10; i++) {
        cache.deleteDelayed("item " + i);
      }
      Worker<Void> runner = Worker.start(() -> cache.run());
      gate.awaitArrived(2);
      runner.interrupt();
      assertThat(runner.failure()).isInstanceOf(InterruptedException.class);
      gate.awaitInterrupted(2);
      assertThat(calls).hasValue(2);
      assertThat(cache.stats().pendingDeletion()).isEqualTo(10);
      gate.open();
    }
  }

  @Test
  void L2_run_closed_returnsWithItsLastCallback_thoughCloseGaveUp() throws Exception {
    try (LogCapture log = LogCapture.open();
        var cache = builder().closeTimeout(Duration.ofMillis(1)).refresh(stubborn()).build()) {
      create(cache, 1);
      Worker<Boolean> runner = Worker.start(() -> {
        cache.run();
        return ended.get();
      });
      gate.awaitArrived(1);
      cache.close();
      assertThat(ended).isFalse();
      assertThat(runner.isDone()).isFalse();
      assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("parcels", "passStubbornly"));
      gate.open();
      assertThat(runner.result()).as("ended when run() returned").isTrue();
    }
  }

  @Test
  void L2_run_closed_closeWaitsForIt() throws Exception {
    try (var cache = builder().refresh(stubborn()).build()) {
      create(cache, 1);
      Worker<Void> runner = Worker.start(() -> cache.run());
      gate.awaitArrived(1);
      Worker<Boolean> closer = Worker.start(() -> {
        cache.close();
        return ended.get();
      });
      gate.awaitInterrupted(1);
      closer.awaitWaiting();
      gate.open();
      assertThat(closer.result()).as("ended when close() returned").isTrue();
      runner.result();
    }
  }

  @Test
  void L2_sync_closed_throwsIllegalStateException() throws Exception {
    try (var cache = builder().maxConcurrency(2).refresh(obedient()).build()) {
      create(cache, 20);
      Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
      gate.awaitArrived(2);
      cache.close();
      assertThat(syncer.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      gate.awaitInterrupted(2);
      assertThat(gate.arrived()).as("no job begins").isEqualTo(2);
    }
  }

  /** The cycle is over for its caller when each job has ended or been abandoned. */
  @Test
  void L2_sync_closed_leavesADeafCallbackBehind() throws Exception {
    try (LogCapture log = LogCapture.open();
        var cache = builder().closeTimeout(Duration.ofMillis(1)).refresh(stubborn()).build()) {
      create(cache, 1);
      Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
      gate.awaitArrived(1);
      cache.close();
      assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("parcels", "passStubbornly"));
      assertThat(syncer.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertThat(ended).as("ended by the time at which sync() was cut short").isFalse();
      gate.open();
    }
  }

  @Test
  void L2_sync_interrupted_leavesAlone_andItsCycleGoesOn() throws Exception {
    try (var cache = builder().maxConcurrency(2).refresh(obedient()).build()) {
      create(cache, 20);
      Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
      gate.awaitArrived(2);
      syncer.interrupt();
      assertThat(syncer.failure()).isInstanceOf(InterruptedException.class);
      assertThat(cache.stats().runningJobs()).as("jobs that run on").isEqualTo(2);
      gate.open();
      Await.until("all are refreshed", () -> cache.stats().updated() == 20);
      assertThat(cache.stats().failed()).isZero();
    }
  }

  @Test
  void L2_sync_afterAnInterruptedOne_waitsForItsCycle() throws Exception {
    try (var cache = builder().refresh(obedient()).build()) {
      create(cache, 3);
      Worker<CycleReport> first = Worker.start(() -> cache.sync());
      gate.awaitArrived(3);
      first.interrupt();
      assertThat(first.failure()).isInstanceOf(InterruptedException.class);
      Worker<CycleReport> second = Worker.start(() -> cache.sync()).awaitWaiting();
      assertThat(gate.arrived()).as("calls while the first cycle goes on").isEqualTo(3);
      gate.open();
      assertThat(second.result().updated()).isEqualTo(3);
      assertThat(cache.get("item 0")).isEqualTo(2);
    }
  }

  @Test
  void L2_sync_interruptedInTheQueue_leavesAlone_andLosesNoTurn() throws Exception {
    try (var cache = builder().refresh(obedient()).build()) {
      create(cache, 3);
      Worker<CycleReport> first = Worker.start(() -> cache.sync());
      gate.awaitArrived(3);
      Worker<CycleReport> second = Worker.start(() -> cache.sync()).awaitWaiting();
      Worker<CycleReport> third = Worker.start(() -> cache.sync()).awaitWaiting();
      second.interrupt();
      assertThat(second.failure()).isInstanceOf(InterruptedException.class);
      gate.open();
      assertThat(first.result().updated()).isEqualTo(3);
      assertThat(third.result().updated()).isEqualTo(3);
    }
  }

  @Test
  void L2_sync_byAnInterruptedThread_beginsNothing() throws Exception {
    try (var cache = builder().build()) {
      create(cache, 3);
      Worker<CycleReport> syncer = Worker.start(() -> {
        Thread.currentThread().interrupt();
        return cache.sync();
      });
      assertThat(syncer.failure()).isInstanceOf(InterruptedException.class);
      assertThat(cache.stats().refreshCalls()).isZero();
      assertThat(cache.sync().updated()).isEqualTo(3);
    }
  }

  @Test
  void L2_close_endsLoopAndSyncTogether() throws Exception {
    AtomicInteger ends = new AtomicInteger();
    try (var cache = builder().refresh((id, n) -> {
      gate.passStubbornly();
      ends.incrementAndGet();
      return n + 1;
    }).build()) {
      create(cache, 1);
      Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
      gate.awaitArrived(1);
      cache.start();
      cache.getOrCreate("other", 0);
      gate.awaitArrived(2);
      Worker<Integer> closer = Worker.start(() -> {
        cache.close();
        return ends.get();
      });
      gate.awaitInterrupted(2);
      closer.awaitWaiting();
      awaitRefused(cache);
      gate.open();
      assertThat(closer.result()).as("callbacks that had ended when close() returned").isEqualTo(2);
      assertThat(syncer.failure()).isInstanceOf(IllegalStateException.class);
    }
  }
}
