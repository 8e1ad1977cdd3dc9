package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L1: one start, and what it sets going. */
@Timeout(60)
class StartTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder()
        .refresh((id, n) -> n + 1).refreshEvery(PERIOD).spread(false).ticker(ticker);
  }

  private static void awaitValue(AutoRefresh<String, Integer> cache, String id, int value) throws Exception {
    Await.until(id + " is " + value, () -> cache.get(id) == value);
  }

  /** Runs the cache in a thread of its own, and returns when it is under way. */
  private static Worker<Void> running(AutoRefresh<String, Integer> cache) throws Exception {
    cache.getOrCreate("sign of life", 0);
    Worker<Void> runner = Worker.start(() -> cache.run());
    awaitValue(cache, "sign of life", 1);
    return runner;
  }

  @Test
  void L1_startTwice_isRefused() {
    try (var cache = builder().build()) {
      cache.start();
      assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("started");
      assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("started");
    }
  }

  @Test
  void L1_runAfterStart_isRefused() {
    try (var cache = builder().build()) {
      cache.start();
      assertThatIllegalStateException().isThrownBy(cache::run).withMessageContaining("started");
    }
  }

  @Test
  void L1_startWhileRunning_isRefused() throws Exception {
    try (var cache = builder().build()) {
      Worker<Void> runner = running(cache);
      assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("started");
      cache.close();
      runner.result();
    }
  }

  @Test
  void L1_runTwice_isRefused() throws Exception {
    try (var cache = builder().build()) {
      Worker<Void> runner = running(cache);
      assertThatIllegalStateException().isThrownBy(cache::run).withMessageContaining("started");
      cache.close();
      runner.result();
    }
  }

  @Test
  void L1_startAfterAnInterruptedRun_isRefused() throws Exception {
    try (var cache = builder().build()) {
      Worker<Void> runner = running(cache);
      runner.interrupt();
      assertThat(runner.failure()).isInstanceOf(InterruptedException.class);
      assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("started");
      assertThatIllegalStateException().isThrownBy(cache::run).withMessageContaining("started");
    }
  }

  @Test
  void L1_startAfterClose_isRefused() {
    try (var cache = builder().build()) {
      cache.close();
      assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("closed");
    }
  }

  @Test
  void L1_runAfterClose_isRefused() {
    try (var cache = builder().build()) {
      cache.close();
      assertThatIllegalStateException().isThrownBy(cache::run).withMessageContaining("closed");
    }
  }

  @Test
  void L1_refusal_namesTheCache() {
    try (var cache = builder().name("parcels").build()) {
      cache.start();
      assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("parcels");
    }
  }

  @Test
  void L1_ofManyStartsAtOnce_oneWins() throws Exception {
    for (int round = 0; round < 100; round++) {
      AtomicInteger done = new AtomicInteger();
      try (var cache = builder().build()) {
        AtomicInteger startedBefore = new AtomicInteger();
        List<Worker<Boolean>> starters = Worker.startTogether(4, number -> {
          try {
            if (number % 2 == 0) {
              cache.start();
            } else {
              cache.run();
            }
            return true;
          } catch (IllegalStateException e) {
            if (e.getMessage().contains("started before")) {
              startedBefore.incrementAndGet();
            }
            return false;
          } finally {
            done.incrementAndGet();
          }
        });
        Await.until("all have started but a winning run()", () -> done.get() >= 3);
        cache.close();
        int winners = 0;
        for (Worker<Boolean> starter : starters) {
          winners += starter.result() ? 1 : 0;
        }
        // The fourth, a winning run() or not, may be overtaken by the close, and its exception says so then.
        assertThat(winners).isLessThanOrEqualTo(1);
        assertThat(startedBefore.get()).isBetween(2, 3);
      }
    }
  }

  @Test
  void L1_refusedStart_doublesNothing() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    try (var cache = builder().refresh((id, n) -> n + calls.incrementAndGet() * 0 + 1).build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      assertThatIllegalStateException().isThrownBy(cache::start);
      awaitValue(cache, "a", 1);
      for (int cycle = 1; cycle <= 3; cycle++) {
        ticker.settle().jump(PERIOD);
        awaitValue(cache, "a", cycle + 1);
        ticker.settle();
        assertThat(calls).as("calls after cycle %d", cycle).hasValue(cycle + 1);
      }
    }
  }

  @Test
  void L1_itemsCreatedBeforeTheStart_areKeptAndRefreshedAtTheStart() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 10);
      ticker.jump(PERIOD.multipliedBy(3));
      assertThat(cache.size()).isEqualTo(2);
      assertThat(cache.stats().refreshCalls()).isZero();
      cache.start();
      awaitValue(cache, "a", 1);
      awaitValue(cache, "b", 11);
      ticker.settle();
      assertThat(cache.stats().refreshCalls()).isEqualTo(2);
    }
  }

  @Test
  void L1_firstPeriodicCycle_beginsOnePeriodAfterTheStart() throws Exception {
    try (var cache = builder().refreshOnCreate(false).build()) {
      cache.getOrCreate("a", 0);
      ticker.jump(PERIOD.multipliedBy(3));
      cache.start();
      expectFirstCycleInOnePeriod(cache);
    }
  }

  @Test
  void L1_firstPeriodicCycleOfRun_beginsOnePeriodAfterItsBeginning() throws Exception {
    try (var cache = builder().refreshOnCreate(false).build()) {
      cache.getOrCreate("a", 0);
      ticker.jump(PERIOD.multipliedBy(3));
      Worker<Void> runner = Worker.start(() -> cache.run());
      expectFirstCycleInOnePeriod(cache);
      cache.close();
      runner.result();
    }
  }

  private void expectFirstCycleInOnePeriod(AutoRefresh<String, Integer> cache) throws Exception {
    Await.until("time runs", () -> cache.inspect("a").orElseThrow().dueIn() != null);
    ticker.settle();
    assertThat(cache.get("a")).as("right at the start").isZero();
    ticker.jump(PERIOD.minusNanos(1)).settle();
    assertThat(cache.get("a")).as("1 ns before the first cycle").isZero();
    ticker.jump(Duration.ofNanos(1));
    awaitValue(cache, "a", 1);
  }

  @Test
  void L1_newItem_doesNotWaitForTheFirstCycle() throws Exception {
    try (var cache = builder().build()) {
      cache.start();
      ticker.settle();
      cache.getOrCreate("a", 0);
      awaitValue(cache, "a", 1);
    }
  }

  @Test
  void L1_run_worksInTheCallingThread_whichStaysThere() throws Exception {
    try (var cache = builder().build()) {
      Worker<Void> runner = running(cache);
      ticker.settle().jump(PERIOD);
      awaitValue(cache, "sign of life", 2);
      assertThat(runner.isDone()).isFalse();
      cache.close();
      runner.result();
    }
  }

  @Test
  void L1_start_callbacksRunOnVirtualThreads() throws Exception {
    Set<Boolean> virtual = ConcurrentHashMap.newKeySet();
    try (var cache = builder().refresh((id, n) -> {
      virtual.add(Thread.currentThread().isVirtual());
      return n + 1;
    }).build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      awaitValue(cache, "a", 1);
      ticker.settle().jump(PERIOD);
      awaitValue(cache, "a", 2);
      assertThat(virtual).containsExactly(true);
    }
  }

  /** {@code ScopedValue} is not in Java 21's standard API, so this goes there by reflection. */
  @Test
  void L1_run_callbacksSeeTheScopedValuesOfItsCaller() throws Exception {
    Class<?> type = Class.forName("java.lang.ScopedValue");
    Object tenant = type.getMethod("newInstance").invoke(null);
    Callable<Object> bound = () -> type.getMethod("get").invoke(tenant);
    Set<Object> seen = ConcurrentHashMap.newKeySet();
    try (var cache = builder().refresh((id, n) -> {
      seen.add("refresher: " + bound.call());
      return n + 1;
    }).onDelete((id, n) -> seen.add("deleter: " + bound.call())).listener(event -> {
      try {
        seen.add("listener: " + bound.call());
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }).build()) {
      Object carrier = type.getMethod("where", type, Object.class).invoke(null, tenant, "acme");
      Worker<Void> runner = Worker.start(() -> {
        carrier.getClass().getMethod("run", Runnable.class).invoke(carrier, (Runnable) () -> {
          try {
            cache.run();
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        });
      });
      cache.getOrCreate("a", 0);
      awaitValue(cache, "a", 1);
      cache.deleteDelayed("a");
      ticker.settle().jump(PERIOD);
      Await.until("a is deleted, and that is heard",
          () -> cache.get("a") == null && cache.stats().waitingEvents() == 0);
      cache.close();
      runner.result();
      assertThat(seen).containsExactlyInAnyOrder("refresher: acme", "deleter: acme", "listener: acme");
    }
  }

  @Test
  void L1_runOfAnInterruptedThread_endsAtOnce() throws Exception {
    try (var cache = builder().build()) {
      Worker<Void> runner = Worker.start(() -> {
        Thread.currentThread().interrupt();
        assertThatExceptionOfType(InterruptedException.class).isThrownBy(cache::run);
      });
      runner.result();
      assertThat(cache.getOrCreate("a", 7)).as("not closed").isEqualTo(7);
    }
  }
}
