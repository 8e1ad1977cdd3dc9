package io.autorefresh.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** R2 over generations: an id that leaves in flight and comes back is not refreshed before its old call has ended. */
@Timeout(60)
class RecreationTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int GENERATIONS = 20;

  private final ManualTicker ticker = new ManualTicker();
  private final Gate gate = new Gate(ticker);
  private final AtomicInteger running = new AtomicInteger();
  private final AtomicInteger most = new AtomicInteger();
  private final AtomicInteger calls = new AtomicInteger();

  /** How the item leaves while its refresh runs. */
  enum Leaving {
    DELETED {
      @Override
      void leave(AutoRefresh<String, Integer> cache) throws Exception {
        cache.deleteDelayed("x");
        assertThat(Worker.start(cache::sync).result().deletions()).isOne();
      }
    },
    EVICTED {
      @Override
      void leave(AutoRefresh<String, Integer> cache) {
        cache.getOrCreate("y", 0);
      }
    };

    abstract void leave(AutoRefresh<String, Integer> cache) throws Exception;
  }

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).maximumSize(1)
        .spread(false).refreshTimeout(Duration.ofDays(1)).refresh((id, item) -> {
          if (id.equals("x")) {
            calls.incrementAndGet();
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            try {
              gate.pass();
            } finally {
              running.decrementAndGet();
            }
          }
          return item + 1;
        });
  }

  /** A cycle in a thread of its own; a call that must not be would keep it from ending. */
  private void syncWithoutACall(AutoRefresh<String, Integer> cache) throws Exception {
    syncWithoutACall(cache, 1);
  }

  private void syncWithoutACall(AutoRefresh<String, Integer> cache, int before) throws Exception {
    Worker<CycleReport> sync = Worker.start(cache::sync);
    Await.until("the cycle has ended, or has called", () -> sync.isDone() || calls.get() > before);
    assertThat(calls).as("calls for the id, the old one included").hasValue(before);
    assertThat(sync.result()).returns(0L, CycleReport::refreshCalls);
  }

  @ParameterizedTest
  @EnumSource
  void R2_anIdThatLeftInFlightAndCameBack_waitsForItsOldCall(Leaving leaving) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      cache.getOrCreate("x", 100);
      gate.awaitArrived(1);
      leaving.leave(cache);
      assertThat(cache.get("x")).isNull();
      cache.getOrCreate("x", 200);
      ticker.settle();
      syncWithoutACall(cache);
      ticker.jump(PERIOD).settle();
      assertThat(calls).hasValue(1);
      assertThat(cache.get("x")).isEqualTo(200);

      gate.open();
      Await.until("the new generation is refreshed, no cycle needed", () -> cache.get("x") == 201);
      assertThat(most).as("calls of the id at once").hasValue(1);
      Await.until("nothing runs", () -> cache.stats().runningJobs() == 0);
      assertThat(cache.stats().inFlight()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource
  void R2_anIdThatComesAndGoes_keepsOneSlot(Leaving leaving) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(16).build()) {
      cache.start();
      cache.getOrCreate("x", 0);
      gate.awaitArrived(1);
      for (int generation = 1; generation <= GENERATIONS; generation++) {
        leaving.leave(cache);
        cache.getOrCreate("x", 1000 * generation);
        ticker.settle();
      }
      assertThat(calls).hasValue(1);
      gate.open();
      Await.until("the last generation is refreshed", () -> cache.get("x") == 1000 * GENERATIONS + 1);
      assertThat(most).as("calls of the id at once").hasValue(1);
      ticker.jump(PERIOD);
      Await.until("it goes on", () -> cache.get("x") == 1000 * GENERATIONS + 2);
    }
  }

  @Test
  void R2_anIdThatWaitsForItsOldCall_isRefreshedByTheNextCycleWithoutFirstRefreshes() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).build()) {
      cache.start();
      cache.getOrCreate("x", 100);
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      cache.getOrCreate("y", 0);
      cache.getOrCreate("x", 200);
      syncWithoutACall(cache);
      gate.open();
      Await.until("nothing runs", () -> cache.stats().runningJobs() == 0);
      assertThat(cache.stats().staleOutcomes()).isOne();
      assertThat(cache.sync()).returns(1L, CycleReport::updated);
      assertThat(cache.get("x")).isEqualTo(201);
      assertThat(most).hasValue(1);
    }
  }

  /** A call that ignores its interruption is abandoned; it may hang for ever. */
  @ParameterizedTest
  @EnumSource
  void R2_anIdWhoseOldCallWasAbandoned_isRefreshed(Leaving leaving) throws Exception {
    Gate deaf = new Gate(ticker);
    Duration timeout = Duration.ofSeconds(3);
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = jobs().refreshTimeout(timeout).refresh((id, item) -> {
          if (item == 100) {
            deaf.passStubbornly();
          }
          return item + 1;
        }).build()) {
      cache.start();
      cache.getOrCreate("x", 100);
      deaf.awaitArrived(1);
      leaving.leave(cache);
      cache.getOrCreate("x", 200);
      syncWithoutACall(cache, 0);
      ticker.jump(timeout);
      Await.until("the new generation is refreshed", () -> cache.get("x") == 201);
      assertThat(cache.stats().abandonedJobs()).isOne();
      deaf.open();
      Await.until("the abandoned call has ended", () -> cache.stats().abandonedJobs() == 0);
      assertThat(cache.get("x")).isEqualTo(201);
      assertThat(cache.sync().updated()).isOne();
      assertThat(log.entries()).isNotEmpty();
    }
  }
}
