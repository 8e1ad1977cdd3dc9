package io.autorefresh.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemNotFoundException;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RefreshFailedException;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** W2 to W4: asking for a refresh. */
@Timeout(60)
class RefreshNowTest {

  private static final Duration LONG = Duration.ofHours(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder()
        .name("jobs").refreshBatch(remote).refreshEvery(LONG).refreshOnCreate(false).spread(false).ticker(ticker);
  }

  private static void awaitQuiet(AutoRefresh<?, ?> cache) throws Exception {
    Await.until("nothing runs", () -> cache.stats().runningJobs() == 0);
  }

  @Test
  void W2_refreshNow_returnsTheValueAfterARefresh() throws Exception {
    try (var cache = builder().start()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.refreshNow("a", LONG)).isEqualTo(1);
      assertThat(cache.refreshNow("a", LONG)).isEqualTo(2);
      assertThat(cache.get("a")).isEqualTo(2);
    }
  }

  /** Returns when all of them wait. */
  private static List<Worker<Integer>> aThousandCallers(AutoRefresh<String, Integer> cache) throws Exception {
    List<Worker<Integer>> callers = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      callers.add(Worker.start(() -> cache.refreshNow("a", LONG)));
    }
    for (Worker<Integer> caller : callers) {
      caller.awaitWaiting();
    }
    return callers;
  }

  @Test
  void W2_aThousandCallersOfAnItemThatIsNotInFlight_makeOneCall() throws Exception {
    Gate busy = new Gate(ticker);
    remote.answers(items -> {
      if (items.containsKey("busy")) {
        busy.pass();
      }
      return Remote.increments(items);
    });
    try (var cache = builder().maxConcurrency(1).start()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("busy", 0);
      cache.refreshSoon("busy");
      busy.awaitArrived(1);
      List<Worker<Integer>> callers = aThousandCallers(cache);
      busy.open();
      for (Worker<Integer> caller : callers) {
        assertThat(caller.result()).isEqualTo(1);
      }
      ticker.settle();
      assertThat(remote.refreshes("a")).isEqualTo(1);
    }
  }

  @Test
  void W2_aThousandCallersOfAnItemInFlight_shareTheNextCall() throws Exception {
    Gate running = new Gate(ticker);
    remote.answers(items -> {
      if (items.containsValue(0)) {
        running.pass();
      }
      return Remote.increments(items);
    });
    try (var cache = builder().start()) {
      cache.getOrCreate("a", 0);
      cache.refreshSoon("a");
      running.awaitArrived(1);
      List<Worker<Integer>> callers = aThousandCallers(cache);
      running.open();
      for (Worker<Integer> caller : callers) {
        assertThat(caller.result()).isEqualTo(2);
      }
      ticker.settle();
      assertThat(remote.refreshes("a")).isEqualTo(2);
    }
  }

  @Test
  void W2_aThousandIds_areCoalescedIntoBatches() throws Exception {
    try (var cache = builder().batchSize(100).maxConcurrency(16).start();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Gate gate = new Gate(ticker);
      remote.answers(items -> {
        gate.pass();
        return Remote.increments(items);
      });
      for (int i = 0; i < 1_000; i++) {
        cache.getOrCreate("id-" + i, 0);
      }
      List<Future<Integer>> values = new ArrayList<>();
      for (int i = 0; i < 1_000; i++) {
        String id = "id-" + i;
        values.add(callers.submit(() -> cache.refreshNow(id, LONG)));
      }
      Await.until("all are handed out or wait",
          () -> cache.stats().backlog() + cache.stats().inFlight() == 1_000);
      gate.open();
      for (Future<Integer> value : values) {
        assertThat(value.get()).isEqualTo(1);
      }
      assertThat(remote.refreshes().size()).isLessThanOrEqualTo(16 + 10);
    }
  }

  @Test
  void W2_failures_comeOutWithTheirCause() throws Exception {
    IllegalStateException down = new IllegalStateException("down");
    try (var cache = builder().start()) {
      cache.getOrCreate("a", 0);
      remote.answersAll(Outcome.failed(down));
      assertThatThrownBy(() -> cache.refreshNow("a", LONG))
          .isInstanceOf(RefreshFailedException.class).hasCause(down).hasMessageContaining("'a' in jobs");
      remote.answers(items -> {
        throw down;
      });
      assertThatThrownBy(() -> cache.refreshNow("a", LONG)).isInstanceOf(RefreshFailedException.class).hasCause(down);
      remote.answers(items -> java.util.Map.of());
      assertThatThrownBy(() -> cache.refreshNow("a", LONG))
          .isInstanceOf(RefreshFailedException.class).hasNoCause().hasMessageContaining("does not mention");
      remote.answers(Remote::increments);
      assertThat(cache.refreshNow("a", LONG)).as("back-off does not hold it up").isEqualTo(1);
    }
  }

  @Test
  void W2_aCallThatTakesTooLong_isATimeoutOfTheCall() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (var cache = builder().refreshTimeout(Duration.ofSeconds(1)).start()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> caller = Worker.start(() -> cache.refreshNow("a", LONG));
      gate.awaitArrived(1);
      ticker.jump(Duration.ofSeconds(1));
      assertThat(caller.failure()).isInstanceOf(RefreshFailedException.class)
          .hasCauseInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void W2_theCallersTimeout_interruption_andTheEndOfTheItem_endTheWait() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (var cache = builder().refreshTimeout(Duration.ofDays(1)).start()) {
      for (String id : List.of("late", "interrupted", "forgotten", "marked")) {
        cache.getOrCreate(id, 0);
      }
      Worker<Integer> late = Worker.start(() -> cache.refreshNow("late", Duration.ofSeconds(1)));
      Worker<Integer> interrupted = Worker.start(() -> cache.refreshNow("interrupted", LONG));
      Worker<Integer> forgotten = Worker.start(() -> cache.refreshNow("forgotten", LONG));
      Worker<Integer> marked = Worker.start(() -> cache.refreshNow("marked", LONG));
      Await.until("all are in flight", () -> cache.stats().inFlight() == 4);
      late.awaitWaiting();
      ticker.jump(Duration.ofSeconds(1));
      assertThat(late.failure()).isInstanceOf(TimeoutException.class);
      interrupted.awaitWaiting().interrupt();
      assertThat(interrupted.failure()).isInstanceOf(InterruptedException.class);
      forgotten.awaitWaiting();
      cache.forget("forgotten");
      assertThat(forgotten.failure()).isInstanceOf(ItemNotFoundException.class);
      marked.awaitWaiting();
      cache.deleteDelayed("marked");
      assertThat(marked.result()).as("as it is").isZero();
      assertThat(cache.refreshNow("marked", LONG)).isZero();
      assertThatThrownBy(() -> cache.refreshNow("absent", LONG)).isInstanceOf(ItemNotFoundException.class);
      gate.open();
    }
  }

  @Test
  void W2_aTerminalItem_isRefreshedOnceMore_andIsLiveAgainIfItsValueIsNotFinal() throws Exception {
    List<Told> told = new CopyOnWriteArrayList<>();
    try (var cache = builder().terminal(value -> value == 5 || value == 6).listener(
        event -> told.add(Told.of(event))).start()) {
      cache.getOrCreate("a", 5);
      assertThat(cache.refreshNow("a", LONG)).isEqualTo(6);
      assertThat(cache.inspect("a").orElseThrow().terminal()).isTrue();
      assertThat(cache.stats().becameTerminal()).as("it was before").isZero();
      assertThat(cache.refreshNow("a", LONG)).isEqualTo(7);
      assertThat(cache.inspect("a").orElseThrow().terminal()).isFalse();
      assertThat(cache.stats().terminal()).isZero();
      cache.sync();
      assertThat(cache.get("a")).as("refreshed by cycles again").isEqualTo(8);
      Await.until("all is told", () -> told.size() == 4);
      assertThat(told).containsExactly(
          Told.created("a", 5), Told.updated("a", 5, 6), Told.updated("a", 6, 7), Told.updated("a", 7, 8));
    }
  }

  @Test
  void W2_aTerminalItemWhoseRefreshFails_isAsItWas() throws Exception {
    remote.answers(items -> {
      throw new IllegalStateException("of the test");
    });
    try (var cache = builder().terminal(value -> value == 5).start()) {
      cache.getOrCreate("a", 5);
      assertThatThrownBy(() -> cache.refreshNow("a", LONG)).isInstanceOf(RefreshFailedException.class)
          .hasCauseInstanceOf(IllegalStateException.class);
      awaitQuiet(cache);
      assertThat(cache.inspect("a").orElseThrow().failures()).isZero();
      assertThat(cache.stats().failing()).isZero();
      assertThat(cache.stats().suspects()).isZero();
    }
  }

  @Test
  void W2_whereNoBackgroundRuns_andFromAJob_throwsAtOnce() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    remote.answers(items -> {
      try {
        self.get().refreshNow("b", LONG);
      } catch (IllegalStateException e) {
        thrown.set(e);
      }
      return Remote.increments(items);
    });
    try (var cache = builder().build()) {
      self.set(cache);
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      assertThatIllegalStateException().isThrownBy(() -> cache.refreshNow("a", LONG))
          .withMessageContaining("no background");
      cache.start();
      assertThat(cache.refreshNow("a", LONG)).isEqualTo(1);
      assertThat(thrown.get()).hasMessageContaining("its own jobs");
    }
  }

  @Test
  void W2_L3_close_sendsCallersAway() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    var cache = builder().start();
    cache.getOrCreate("a", 0);
    Worker<Integer> caller = Worker.start(() -> cache.refreshNow("a", LONG));
    gate.awaitArrived(1);
    caller.awaitWaiting();
    cache.close();
    assertThat(caller.failure()).isInstanceOf(IllegalStateException.class);
    assertThatIllegalStateException().isThrownBy(() -> cache.refreshNow("a", LONG));
    assertThatIllegalStateException().isThrownBy(() -> cache.getFresh("a", LONG, LONG));
    assertThatIllegalStateException().isThrownBy(() -> cache.refreshSoon("a"));
    assertThatIllegalStateException().isThrownBy(cache::refreshAllSoon);
  }

  @Test
  void W2_M1_whileTheGroupIsPaused_failsAtOnce_andSoDoRequestsThatWaitWhenThePauseBegins() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      throw new RetryAfterException(Duration.ofMinutes(5));
    });
    try (var cache = builder().maxConcurrency(1).start()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      Worker<Integer> first = Worker.start(() -> cache.refreshNow("a", LONG));
      gate.awaitArrived(1);
      Worker<Integer> waiting = Worker.start(() -> cache.refreshNow("b", LONG));
      waiting.awaitWaiting();
      gate.open();
      for (Worker<Integer> caller : List.of(first, waiting)) {
        assertThat(caller.failure()).isInstanceOf(RefreshFailedException.class)
            .hasCauseInstanceOf(RetryAfterException.class);
      }
      assertThatThrownBy(() -> cache.refreshNow("b", LONG)).isInstanceOf(RefreshFailedException.class)
          .hasCauseInstanceOf(RetryAfterException.class);
      assertThat(remote.refreshes()).hasSize(1);
      remote.answers(Remote::increments);
      ticker.jump(Duration.ofMinutes(5));
      ticker.settle();
      assertThat(cache.refreshNow("b", LONG)).as("after the pause").isEqualTo(1);
    }
  }

  @Test
  void W2_R7_anItemAloneWhoseCallHangs_failsAtOnce_withTheLastFailure() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.passStubbornly();
      return Remote.increments(items);
    });
    try (var cache = builder().refreshTimeout(Duration.ofSeconds(1)).start()) {
      cache.getOrCreate("a", 0);
      cache.refreshSoon("a");
      gate.awaitArrived(1);
      ticker.jump(Duration.ofSeconds(1));
      Await.until("it is abandoned", () -> cache.stats().abandonedJobs() == 1);
      assertThatThrownBy(() -> cache.refreshNow("a", LONG)).isInstanceOf(RefreshFailedException.class)
          .cause().hasMessageContaining("TimeoutException");
      assertThat(remote.refreshes("a")).isEqualTo(1);
      gate.open();
    }
  }

  @Test
  void W2_aSuspect_isCalledAlone() throws Exception {
    remote.answers(items -> {
      throw new IllegalStateException("down");
    });
    try (var cache = builder().start()) {
      for (String id : List.of("a", "b", "c")) {
        cache.getOrCreate(id, 0);
      }
      cache.sync();
      cache.getOrCreate("d", 0);
      remote.forget();
      remote.answers(Remote::increments);
      assertThat(cache.refreshNow("a", LONG)).isEqualTo(1);
      assertThat(remote.refreshes().getFirst().ids()).containsExactly("a");
    }
  }

  @Test
  void W3_getFresh_waitsOnlyIfTheItemIsTooOldOrWasNeverConfirmed() throws Exception {
    try (var cache = builder().terminal(value -> value < 0).start()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.getFresh("a", LONG, LONG)).as("never confirmed").isEqualTo(1);
      ticker.jump(Duration.ofSeconds(10));
      assertThat(cache.getFresh("a", Duration.ofSeconds(10), Duration.ZERO)).as("young enough").isEqualTo(1);
      assertThat(cache.getFresh("a", Duration.ofSeconds(10).minusNanos(1), LONG)).as("too old").isEqualTo(2);
      cache.getOrCreate("terminal", -1);
      ticker.jump(Duration.ofMinutes(9));
      assertThat(cache.getFresh("terminal", Duration.ZERO, Duration.ZERO)).isEqualTo(-1);
      assertThatThrownBy(() -> cache.getFresh("absent", LONG, LONG)).isInstanceOf(ItemNotFoundException.class);
    }
  }

  @Test
  void W4_refreshSoon_skipsBackoffOncePerPeriod() throws Exception {
    remote.answersAll(Outcome.failed(new IllegalStateException("down")));
    try (var cache = builder().refreshEvery(Duration.ofMinutes(1)).backoff(LONG, LONG).start()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      assertThat(remote.refreshes("a")).isEqualTo(1);
      assertThat(cache.refreshSoon("a")).isTrue();
      Await.until("it is called in spite of its back-off", () -> remote.refreshes("a") == 2);
      awaitQuiet(cache);
      assertThat(cache.refreshSoon("a")).isTrue();
      assertThat(cache.inspect("a").orElseThrow().due()).isEqualTo(ItemState.Due.BACKING_OFF);
      ticker.jump(Duration.ofMinutes(1)).settle();
      assertThat(remote.refreshes("a")).as("calls in the period after").isEqualTo(2);
      cache.refreshSoon("a");
      Await.until("a period later it is called again", () -> remote.refreshes("a") == 3);
      assertThat(cache.refreshSoon("absent")).isFalse();
    }
  }

  @Test
  void W4_refreshSoon_whereNoBackgroundRuns_countsForTheNextSync() throws Exception {
    try (var cache = builder().terminal(value -> value == 5).build()) {
      cache.getOrCreate("a", 5);
      cache.refreshSoon("a");
      cache.sync();
      assertThat(cache.get("a")).isEqualTo(6);
    }
  }

  @Test
  void W4_refreshAllSoon_makesEveryLiveItemDueOnceMore_backOffOrNot() throws Exception {
    remote.answers(items -> {
      var outcomes = Remote.increments(items);
      outcomes.computeIfPresent("failing", (id, outcome) -> Outcome.failed(new IllegalStateException("down")));
      return outcomes;
    });
    try (var cache = builder().terminal(value -> value >= 100).backoff(LONG, LONG).start()) {
      for (String id : List.of("a", "b", "failing")) {
        cache.getOrCreate(id, 0);
      }
      cache.getOrCreate("terminal", 100);
      cache.sync();
      remote.forget();
      cache.refreshAllSoon();
      Await.until("all are called once more", () -> cache.get("a") == 2 && cache.get("b") == 2);
      awaitQuiet(cache);
      assertThat(remote.refreshes("failing")).isOne();
      assertThat(remote.refreshes("terminal")).isZero();
      cache.refreshAllSoon();
      Await.until("all others are called once more", () -> cache.get("a") == 3 && cache.get("b") == 3);
      awaitQuiet(cache);
      assertThat(remote.refreshes("failing")).as("once a period").isOne();
      assertThat(cache.inspect("a").orElseThrow().due()).isEqualTo(ItemState.Due.NEXT_CYCLE);
    }
  }
}
