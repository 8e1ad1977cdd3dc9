package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R5 and L2 of interruptions: those that callbacks leave behind cost nothing, and those of callers are theirs. */
@Timeout(60)
class InterruptTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int ITEMS = 100;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate(ticker);
  private final AtomicInteger begun = new AtomicInteger();
  private final Queue<String> disturbed = new ConcurrentLinkedQueue<>();
  private LogCapture log;

  @BeforeEach
  void takeTheLog() throws Exception {
    log = LogCapture.ofCache("jobs");
  }

  @AfterEach
  void giveTheLogBack() throws Exception {
    gate.open();
    log.close();
  }

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(ticker)
        .refreshTimeout(Duration.ofDays(1)).closeTimeout(Duration.ofDays(1)).refreshBatch(remote);
  }

  private static void create(AutoRefresh<String, Integer> cache) {
    IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  @ParameterizedTest(name = "spread = {0}")
  @ValueSource(booleans = {false, true})
  void R5_aGroupKeyThatInterruptsItsThread_stopsNoCycleAndLosesNoItem(boolean spread) throws Exception {
    AtomicBoolean interrupting = new AtomicBoolean(true);
    try (AutoRefresh<String, Integer> cache = jobs().spread(spread).batchBy((id, item) -> {
      if (id.equals("id-0") && interrupting.get() && Thread.currentThread().isVirtual()) {
        // It is asked for a value that a refresh brought.
        Thread.currentThread().interrupt();
      }
      return "group";
    }).build()) {
      create(cache);
      cache.start();
      Await.until("three cycles have ended", () -> {
        ticker.jump(PERIOD.dividedBy(10)).settle();
        return cache.stats().cycles() >= 3;
      });
      interrupting.set(false);
      cache.getOrCreate("late", 0);
      Await.until("a new item is refreshed at once", () -> cache.get("late") > 0);
      Await.until("all are refreshed", () -> {
        ticker.jump(PERIOD.dividedBy(10)).settle();
        return IntStream.range(0, ITEMS).allMatch(i -> cache.get("id-" + i) > 0);
      });
      Await.until("none waits for its first refresh", () -> cache.stats().neverRefreshed() == 0);
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
      assertThat(Set.copyOf(disturbed)).as("callbacks that found an interruption").isEmpty();
    }
  }

  @Test
  void R5_anInterruptionOfACreatingCaller_isKept() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(1)
        .listener(event -> disturbed.add("listener " + Thread.currentThread().isInterrupted())).build()) {
      cache.getOrCreate("a", 0);
      assertThat(Worker.start(() -> {
        Thread.currentThread().interrupt();
        cache.getOrCreate("b", 0);
        return Thread.interrupted();
      }).result()).isTrue();
      cache.sync();
      assertThat(disturbed).as("a listener in a thread of its own").isNotEmpty().containsOnly("listener false");
    }
  }

  @ParameterizedTest(name = "interrupted = {0}")
  @ValueSource(booleans = {false, true})
  void L2_theCloseLeavesTheInterruptionOfACallerThatCreatesAsItIs(boolean interrupted) throws Exception {
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
    cache.close();
    released.set(true);
    assertThat(caller.result()).isEqualTo(interrupted);
  }

  @Test
  void L2_theEventsThatTheListenerHasNotHeard_areHeardAtTheClose() throws Exception {
    AtomicInteger heard = new AtomicInteger();
    AutoRefresh<String, Integer> cache = jobs().maxConcurrency(1).listener(event -> {
      begun.incrementAndGet();
      gate.passUnchecked();
      heard.incrementAndGet();
    }).build();
    create(cache);
    cache.start();
    gate.awaitArrived(1);
    Await.until("all are refreshed", () -> cache.stats().updated() == ITEMS);
    Worker<Void> closer = Worker.start(cache::close).awaitWaiting();
    ticker.settle();
    assertThat(closer.isDone()).as("close() waits for the listener").isFalse();
    gate.open();
    closer.result();
    assertThat(gate.interrupted()).isZero();
    assertThat(heard).as("events that were heard").hasValue(2 * ITEMS);
    assertThat(cache.stats().waitingEvents()).isZero();
    assertThat(log.entries()).isEmpty();
  }

  @Test
  void L2_theEventsThatTheListenerHasNotHeardAfterTheCloseTimeout_areLoggedAsANumber() throws Exception {
    AutoRefresh<String, Integer> cache = jobs().closeTimeout(Duration.ofSeconds(1)).listener(event -> {
      begun.incrementAndGet();
      gate.passUnchecked();
    }).build();
    create(cache);
    cache.start();
    gate.awaitArrived(1);
    Await.until("all are refreshed", () -> cache.stats().updated() == ITEMS);
    Worker<Void> closer = Worker.start(cache::close).awaitWaiting();
    ticker.settle().jump(Duration.ofSeconds(1));
    closer.result();
    gate.awaitInterrupted(1);
    assertThat(begun).as("calls of the listener").hasValue(1);
    assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("jobs", "listener"))
        .anySatisfy(entry -> assertThat(entry).contains(2 * ITEMS - 1 + " events"));
  }

  @Test
  void L2_anInterruptionOfSync_comesToNoCallback() throws Exception {
    AtomicInteger heard = new AtomicInteger();
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      if (Thread.currentThread().isInterrupted()) {
        disturbed.add("listener");
      }
      heard.incrementAndGet();
    }).build()) {
      create(cache);
      Worker<CycleReport> syncing = Worker.start(() -> cache.sync());
      gate.awaitArrived(1);
      syncing.interrupt();
      assertThat(syncing.failure()).isInstanceOf(InterruptedException.class);
      gate.open();
      Await.until("all is heard", () -> heard.get() == 2 * ITEMS);
      assertThat(gate.interrupted()).isZero();
      assertThat(disturbed).isEmpty();
      assertThat(cache.stats().failing()).isZero();
    }
  }
}
