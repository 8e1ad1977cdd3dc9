package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Refresher;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2: what {@code close()} stops, waits for, and leaves alone. */
@Timeout(60)
class CloseTest {

  private final Gate gate = new Gate();
  private final AtomicBoolean ended = new AtomicBoolean();

  private static AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder()
        .name("parcels")
        .refresh((id, n) -> n + 1)
        .refreshEvery(Duration.ofHours(1))
        .closeTimeout(Duration.ofSeconds(20));
  }

  /** A refresher that waits at the gate, also when it is interrupted, and notes that it has ended. */
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

  @Test
  void L2_close_beginsNoNewJob_thoughSlotsBecomeFree() throws Exception {
    for (int round = 0; round < 20; round++) {
      Gate refreshes = new Gate();
      try (var cache = builder().maxConcurrency(2).refresh((id, n) -> {
        refreshes.pass();
        return n + 1;
      }).build()) {
        create(cache, 20);
        cache.start();
        refreshes.awaitArrived(2);
        cache.close();
        assertThat(refreshes.arrived()).isEqualTo(2);
        assertThat(cache.stats().refreshCalls()).isEqualTo(2);
      }
    }
  }

  /** Each of four cycles waits for a call of its own, and the fifth for a slot of theirs. */
  @Test
  void L2_close_beginsNoNewJob_thoughAnotherCycleGivesSlotsBack() {
    for (int round = 0; round < 100; round++) {
      ManualTicker ticker = new ManualTicker();
      Gate refreshes = new Gate(ticker);
      try (LogCapture log = LogCapture.open();
          var cache = builder().refreshEvery(Duration.ofSeconds(1)).spread(false).ticker(ticker).maxConcurrency(4)
          .refreshOnCreate(false).refresh((id, n) -> {
            refreshes.pass();
            return n + 1;
          }).start()) {
        for (int cycle = 0; cycle < 4; cycle++) {
          cache.getOrCreate("item " + cycle, 0);
          ticker.advance(Duration.ofSeconds(1));
        }
        create(cache, 20);
        ticker.advance(Duration.ofSeconds(1));
        assertThat(refreshes.arrived()).isEqualTo(4);
        assertThat(log.entries()).as("the first overrun").hasSize(1);
        cache.close();
        assertThat(refreshes.arrived()).isEqualTo(4);
      }
    }
  }

  @Test
  void L2_close_withoutAnOnDelete_leavesMarkedItems() throws Exception {
    try (var cache = builder().build()) {
      create(cache, 20);
      for (int i = 0; i < 20; i++) {
        assertThat(cache.deleteDelayed("item " + i)).isTrue();
      }
      cache.close();
      assertThat(cache.size()).isEqualTo(20);
      assertThat(cache.stats().pendingDeletion()).isEqualTo(20);
    }
  }

  @Test
  void L2_close_interruptsEveryRunningRefresh() throws Exception {
    try (var cache = builder().maxConcurrency(50).refresh((id, n) -> {
      gate.pass();
      return n + 1;
    }).build()) {
      create(cache, 50);
      cache.start();
      gate.awaitArrived(50);
      cache.close();
      gate.awaitInterrupted(50);
      assertThat(cache.get("item 0")).isZero();
    }
  }

  @Test
  void L2_close_neitherInterruptsACreatorNorWaitsForIt_andItsItemIsRefused() throws Exception {
    try (LogCapture log = LogCapture.ofCache("parcels"); var cache = builder().name(log.name()).build()) {
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("a", id -> {
        gate.pass();
        return 1;
      }));
      gate.awaitArrived(1);
      cache.close();
      assertThat(creator.isDone()).as("the creator has ended").isFalse();
      assertThat(log.entries()).isEmpty();
      gate.open();
      assertThat(creator.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertThat(gate.interrupted()).isZero();
      assertThat(cache.get("a")).isNull();
      assertThat(cache.size()).isZero();
      assertThat(cache.stats().creations()).isZero();
    }
  }

  @Test
  void L2_close_sendsThoseAwayThatWaitForACreator() throws Exception {
    try (var cache = builder().build()) {
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("a", id -> {
        gate.pass();
        return 1;
      }));
      gate.awaitArrived(1);
      Worker<Integer> waiter = Worker.start(() -> cache.getOrCreate("a", 2)).awaitWaiting();
      cache.close();
      assertThat(waiter.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      gate.open();
      assertThat(creator.failure()).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void L2_close_neitherInterruptsAPredicateInACallersThreadNorWaitsForIt() throws Exception {
    try (LogCapture log = LogCapture.ofCache("parcels"); var cache = builder().name(log.name()).terminal(n -> {
      gate.passUnchecked();
      return true;
    }).build()) {
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("a", 1));
      gate.awaitArrived(1);
      cache.close();
      assertThat(creator.isDone()).as("the predicate has ended").isFalse();
      assertThat(log.entries()).isEmpty();
      gate.open();
      assertThat(creator.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertThat(gate.interrupted()).isZero();
      assertThat(cache.size()).isZero();
    }
  }

  @Test
  void L2_close_interruptsADeafRefreshOnce_thoughTheCloseTimeoutPasses() throws Exception {
    try (LogCapture log = LogCapture.open();
        var cache = builder().closeTimeout(Duration.ofMillis(300)).refresh(stubborn()).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      cache.close();
      assertThat(ended).as("ended when close() returned").isFalse();
      assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("parcels", "passStubbornly"));
      gate.open();
      Await.until("the refresher has ended", ended::get);
      assertThat(gate.interrupted()).isEqualTo(1);
    }
  }

  @Test
  void L2_close_returnsWhenTheLastCallbackHasEnded() throws Exception {
    try (var cache = builder().refresh(stubborn()).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      Worker<Boolean> closer = Worker.start(() -> {
        cache.close();
        return ended.get();
      });
      gate.awaitInterrupted(1);
      closer.awaitWaiting();
      gate.open();
      assertThat(closer.result()).as("ended when close() returned").isTrue();
    }
  }

  @Test
  void L2_close_givesUpAfterCloseTimeout_andNamesWhatIgnoresItsInterruption() throws Exception {
    for (Duration timeout : List.of(Duration.ZERO, Duration.ofMillis(1))) {
      Gate stubborn = new Gate();
      try (LogCapture log = LogCapture.open(); var cache = builder().closeTimeout(timeout).refresh((id, n) -> {
        stubborn.passStubbornly();
        return n + 1;
      }).build()) {
        create(cache, 1);
        Worker<Void> runner = Worker.start(cache::run);
        stubborn.awaitArrived(1);
        cache.close();
        assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("parcels", "passStubbornly"));
        stubborn.open();
        runner.result();
      }
    }
  }

  @Test
  void L2_closeTimeout_runsOnTheTicker() throws Exception {
    ManualTicker ticker = new ManualTicker();
    Gate gate = new Gate(ticker);
    try (LogCapture log = LogCapture.open();
        var cache = builder().ticker(ticker).closeTimeout(Duration.ofDays(1)).refresh((id, n) -> {
          gate.passStubbornly();
          return n + 1;
        }).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      Worker<Void> closer = Worker.start(() -> cache.close());
      gate.awaitInterrupted(1);
      ticker.settle();
      assertThat(closer.isDone()).isFalse();
      Await.until("close() gives up", () -> {
        ticker.jump(Duration.ofDays(1));
        return closer.isDone();
      });
      assertThat(log.entries()).isNotEmpty();
      gate.open();
    }
  }

  @Test
  void L2_close_inTime_logsNothing() throws Exception {
    try (LogCapture log = LogCapture.ofCache("parcels"); var cache = builder().name(log.name()).build()) {
      create(cache, 10);
      cache.start();
      Await.until("all are refreshed", () -> cache.stats().updated() == 10);
      cache.close();
      assertThat(log.entries()).isEmpty();
    }
  }

  @Test
  void L2_close_isIdempotent() throws Exception {
    try (var cache = builder().build()) {
      create(cache, 10);
      cache.start();
      cache.close();
      long calls = cache.stats().refreshCalls();
      assertThatNoException().isThrownBy(cache::close);
      assertThat(cache.stats().refreshCalls()).isEqualTo(calls);
      assertThat(cache.size()).isEqualTo(10);
    }
  }

  @Test
  void L2_close_byManyThreads_allWaitForTheSameEnd() throws Exception {
    try (var cache = builder().refresh(stubborn()).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      List<Worker<Boolean>> closers = Worker.startTogether(8, number -> {
        cache.close();
        return ended.get();
      });
      gate.awaitInterrupted(1);
      for (Worker<Boolean> closer : closers) {
        closer.awaitWaiting();
      }
      gate.open();
      for (Worker<Boolean> closer : closers) {
        assertThat(closer.result()).as("ended when close() returned").isTrue();
      }
    }
  }

  @Test
  void L2_close_again_waitsForTheSameEnd() throws Exception {
    try (var cache = builder().refresh(stubborn()).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      List<Worker<Boolean>> closers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        closers.add(Worker.start(() -> {
          cache.close();
          return ended.get();
        }));
        gate.awaitInterrupted(1);
        closers.get(i).awaitWaiting();
      }
      gate.open();
      for (Worker<Boolean> closer : closers) {
        assertThat(closer.result()).as("ended when close() returned").isTrue();
      }
    }
  }

  @Test
  void L2_close_byAnInterruptedThread_waitsAllTheSameAndKeepsTheInterrupt() throws Exception {
    try (var cache = builder().refresh(stubborn()).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      Worker<String> closer = Worker.start(() -> {
        Thread.currentThread().interrupt();
        cache.close();
        return "ended " + ended.get() + ", interrupted " + Thread.interrupted();
      });
      gate.awaitInterrupted(1);
      closer.awaitWaiting();
      gate.open();
      assertThat(closer.result()).isEqualTo("ended true, interrupted true");
    }
  }

  @Test
  void L2_close_thatIsInterrupted_waitsAllTheSameAndKeepsTheInterrupt() throws Exception {
    try (var cache = builder().refresh(stubborn()).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      Worker<String> closer = Worker.start(() -> {
        cache.close();
        return "ended " + ended.get() + ", interrupted " + Thread.interrupted();
      });
      gate.awaitInterrupted(1);
      closer.awaitWaiting().interrupt();
      gate.open();
      assertThat(closer.result()).isEqualTo("ended true, interrupted true");
    }
  }
}
