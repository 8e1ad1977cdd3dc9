package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R5 and L2 of interruptions: those by callbacks cost nothing, those by closing come to every callback. */
@Timeout(60)
class InterruptTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int ITEMS = 100;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate();
  private final AtomicInteger begun = new AtomicInteger();
  private final Queue<String> disturbed = new ConcurrentLinkedQueue<>();
  private LogCapture log;

  @BeforeEach
  void takeTheLog() throws Exception {
    log = LogCapture.open();
  }

  @AfterEach
  void giveTheLogBack() throws Exception {
    gate.open();
    log.close();
  }

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .refreshTimeout(Duration.ofDays(1)).closeTimeout(Duration.ofDays(1)).refreshBatch(remote);
  }

  private static void create(AutoRefresh<String, Integer> cache) {
    IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  /** Stops at the gate until closing interrupts it, and keeps that to itself. */
  private void stopUntilInterrupted() {
    begun.incrementAndGet();
    try {
      gate.pass();
    } catch (Exception e) {
      // It ends, as it should.
    }
  }

  @ParameterizedTest(name = "spread = {0}")
  @ValueSource(booleans = {false, true})
  void R5_aGroupKeyThatInterruptsItsThread_stopsNoCycleAndLosesNoItem(boolean spread) throws Exception {
    AtomicBoolean interrupting = new AtomicBoolean(true);
    try (AutoRefresh<String, Integer> cache = jobs().spread(spread).batchBy((id, item) -> {
      if (id.equals("id-0") && interrupting.get()) {
        Thread.currentThread().interrupt();
      }
      return "group";
    }).build()) {
      create(cache);
      cache.start();
      for (int cycle = 1; cycle <= 3; cycle++) {
        long expected = cycle;
        for (int step = 0; step < 10; step++) {
          ticker.advance(PERIOD.dividedBy(10)).awaitNoticed(6);
        }
        Await.until("the cycle has ended", () -> cache.stats().cycles() >= expected);
      }
      interrupting.set(false);
      cache.getOrCreate("late", 0);
      Await.until("a new item is refreshed at once", () -> cache.get("late") > 0);
      ticker.advance(PERIOD);
      Await.until("all are refreshed", () -> {
        ticker.advance(PERIOD.dividedBy(10)).awaitNoticed(6);
        return IntStream.range(0, ITEMS).allMatch(i -> cache.get("id-" + i) > 0);
      });
      Await.until("nothing is fresh", () -> cache.stats().fresh() == 0);
    }
  }

  /** Notes whether the calling thread is interrupted, and leaves it so. */
  private void leaveInterrupted(String callback) {
    begun.incrementAndGet();
    if (Thread.currentThread().isInterrupted()) {
      disturbed.add(callback);
    }
    Thread.currentThread().interrupt();
  }

  @Test
  void R5_anInterruptionThatACallbackOfAJobLeavesBehind_disturbsNoOther() throws Exception {
    remote.answers(items -> {
      leaveInterrupted("refresher");
      return Remote.increments(items);
    }).releases((id, item) -> leaveInterrupted("deleter"));
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).terminal(item -> {
      if (item > 0) {
        leaveInterrupted("predicate");
      }
      return item > 1;
    }).listener(event -> leaveInterrupted("listener")).build()) {
      create(cache);
      cache.sync();
      assertThat(cache.sync().becameTerminal()).isEqualTo(ITEMS);
      cache.deleteDelayed("id-0");
      cache.sync();
      assertThat(begun).as("calls").hasValueGreaterThan(5 * ITEMS);
      assertThat(disturbed).isEmpty();
    }
  }

  @Test
  void R5_anInterruptionOfACallersOwnThread_isKept() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(1)
        .listener(event -> disturbed.add("listener " + Thread.currentThread().isInterrupted())).build()) {
      cache.getOrCreate("a", 0);
      assertThat(Worker.start(() -> {
        Thread.currentThread().interrupt();
        cache.getOrCreate("b", 0);
        return Thread.interrupted();
      }).result()).isTrue();
      assertThat(disturbed).containsExactly("listener true");
    }
  }

  @Test
  void L2_aJobWhoseNestedCallbackKeptTheInterruption_isInterruptedAllTheSame() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    Gate nested = new Gate();
    remote.answers(items -> {
      try {
        self.get().getOrCreate("child", -1);
      } catch (IllegalStateException e) {
        // The cache is closed by then.
      }
      gate.pass();
      return Remote.increments(items);
    });
    AutoRefresh<String, Integer> cache = jobs().terminal(item -> {
      if (item == -1) {
        try {
          nested.passStubbornly();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
      return false;
    }).build();
    self.set(cache);
    cache.start();
    cache.getOrCreate("parent", 0);
    nested.awaitArrived(1);
    Worker<Void> closer = Worker.start(cache::close);
    nested.awaitInterrupted(1);
    closer.awaitWaiting();
    ticker.awaitNoticed();
    nested.open();
    gate.awaitInterrupted(1);
    closer.result();
    assertThat(cache.stats().runningJobs()).isZero();
  }

  enum Outer { CREATOR, LISTENER }

  /** Has an item created within a callback, which does not end when closing interrupts it, and stops at the gate. */
  private Integer createWithin(AutoRefresh<String, Integer> cache, Gate nested) {
    try {
      cache.getOrCreate("nested", id -> {
        nested.passStubbornly();
        return 1;
      });
    } catch (IllegalStateException e) {
      // The cache is closed by then.
    }
    stopUntilInterrupted();
    return 2;
  }

  @ParameterizedTest
  @EnumSource
  void L2_aCallbackWhoseNestedOneKeptTheInterruption_isInterruptedAllTheSame(Outer outer) throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    Gate nested = new Gate();
    AutoRefresh<String, Integer> cache =
        jobs().maximumSize(1).listener(event -> createWithin(self.get(), nested)).build();
    self.set(cache);
    if (outer == Outer.LISTENER) {
      cache.getOrCreate("to be evicted", 0);
    }
    Worker<Boolean> caller = Worker.start(() -> {
      try {
        cache.getOrCreate("a", id -> outer == Outer.CREATOR ? createWithin(cache, nested) : 0);
      } catch (IllegalStateException e) {
        // The cache is closed by then.
      }
      return Thread.interrupted();
    });
    nested.awaitArrived(1);
    Worker<Void> closer = Worker.start(cache::close);
    nested.awaitInterrupted(1);
    closer.awaitWaiting();
    nested.open();
    gate.awaitInterrupted(1);
    closer.result();
    assertThat(caller.result()).as("an interruption stayed behind").isFalse();
  }

  @ParameterizedTest(name = "interrupted = {0}")
  @ValueSource(booleans = {false, true})
  void L2_theInterruptionOfACallerBeforeThatByClosing_isKept(boolean interrupted) throws Exception {
    AtomicBoolean released = new AtomicBoolean();
    AutoRefresh<String, Integer> cache = jobs().build();
    Worker<Boolean> caller = Worker.start(() -> {
      try {
        cache.getOrCreate("a", id -> {
          begun.incrementAndGet();
          while (!released.get()) {
            Thread.onSpinWait();
          }
          return 1;
        });
      } catch (IllegalStateException e) {
        // The cache is closed by then.
      }
      return Thread.interrupted();
    });
    Await.until("the creator runs", () -> begun.get() == 1);
    if (interrupted) {
      caller.interrupt();
    }
    Worker<Void> closer = Worker.start(cache::close).awaitWaiting();
    released.set(true);
    assertThat(caller.result()).isEqualTo(interrupted);
    closer.result();
  }

  @Test
  void L2_theEventsThatAListenerHasNotBeenTold_areDroppedAtTheClose() throws Exception {
    AutoRefresh<String, Integer> cache = jobs().maxConcurrency(1).listener(event -> {
      begun.incrementAndGet();
      try {
        gate.passStubbornly();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }).build();
    create(cache);
    cache.start();
    gate.awaitArrived(1);
    Worker<Void> closer = Worker.start(cache::close);
    gate.awaitInterrupted(1);
    closer.awaitWaiting();
    ticker.awaitNoticed();
    assertThat(closer.isDone()).as("close() waits for the listener").isFalse();
    gate.open();
    closer.result();
    assertThat(begun).as("calls of the listener that began").hasValue(1);
    assertThat(cache.stats().updated()).as("effects that took place before").isEqualTo(ITEMS);
  }

  /** Often, as what ends the group key must not let the cycle go on before it knows of the close. */
  @RepeatedTest(200)
  void L2_theGroupsThatHaveNotBeenAskedFor_areNotAnyMoreAfterTheClose() throws Exception {
    AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).batchBy((id, item) -> {
      stopUntilInterrupted();
      return "group";
    }).build();
    create(cache);
    cache.start();
    ticker.advance(PERIOD);
    gate.awaitArrived(1);
    Worker.start(cache::close).result();
    assertThat(begun).as("calls of the group key that began").hasValue(1);
    assertThat(remote.calls()).isEmpty();
  }

  /** Interrupts a sync one of whose callbacks has come to the gate, and sees that it ends by that. */
  private void interruptSync(AutoRefresh<String, Integer> cache) throws Exception {
    create(cache);
    Worker<CycleReport> syncing = Worker.start(cache::sync);
    gate.awaitArrived(1);
    syncing.interrupt();
    assertThat(syncing.failure()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void L2_anInterruptionOfSync_endsTheSearchForGroups_andFailsNoItemByThat() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    try (AutoRefresh<String, Integer> cache = jobs().batchBy((id, item) -> {
      asked.incrementAndGet();
      gate.passUnchecked();
      return "group";
    }).build()) {
      interruptSync(cache);
      assertThat(asked).as("group keys that were asked for").hasValue(1);
      assertThat(cache.stats().backingOff()).isZero();
    }
  }

  @Test
  void L2_anInterruptionOfSync_comesToEveryCallOfTheListener() throws Exception {
    AtomicInteger interrupted = new AtomicInteger();
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      try {
        gate.pass();
      } catch (InterruptedException e) {
        interrupted.incrementAndGet();
      } catch (TimeoutException e) {
        throw new IllegalStateException(e);
      }
    }).build()) {
      interruptSync(cache);
      assertThat(interrupted).as("calls that felt it").hasValue(gate.arrived());
    }
  }
}
