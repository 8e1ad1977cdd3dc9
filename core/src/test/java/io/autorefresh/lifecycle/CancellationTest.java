package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * L2 and R7: from the moment of the close on no job begins. Those that run, or have taken too long, are interrupted,
 * also where they keep all processors.
 */
@Timeout(60)
class CancellationTest {

  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int ITEMS = 500;

  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");

  private AutoRefreshBuilder<Integer, Integer> jobs() {
    return AutoRefresh.<Integer, Integer>builder().name(log.name()).refreshEvery(Duration.ofHours(1))
        .maxConcurrency(1_000);
  }

  private static void create(AutoRefresh<Integer, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate(i, 0));
  }

  @Test
  void L2_onceACallbackHasClosedTheCacheNoOtherBegins() throws Exception {
    for (int round = 0; round < 20; round++) {
      AtomicInteger calls = new AtomicInteger();
      AtomicInteger late = new AtomicInteger();
      AtomicBoolean closed = new AtomicBoolean();
      AtomicReference<AutoRefresh<Integer, Integer>> self = new AtomicReference<>();
      try (AutoRefresh<Integer, Integer> cache = jobs().refresh((id, item) -> {
        if (closed.get()) {
          late.incrementAndGet();
        }
        if (calls.incrementAndGet() == 1) {
          self.get().close();
          closed.set(true);
        }
        return item;
      }).build()) {
        self.set(cache);
        create(cache, ITEMS);
        cache.start();
        Await.until("the cache is closed", closed::get);
      }
      assertThat(late.get()).as("calls after the close, except those about to begin").isLessThan(PROCESSORS);
    }
  }

  @Test
  void L2_onceTheThreadOfRunIsInterruptedNoCallBegins() throws Exception {
    for (int round = 0; round < 20; round++) {
      AtomicInteger calls = new AtomicInteger();
      AtomicInteger late = new AtomicInteger();
      AtomicBoolean interrupted = new AtomicBoolean();
      CountDownLatch running = new CountDownLatch(1);
      try (AutoRefresh<Integer, Integer> cache = jobs().refresh((id, item) -> {
        running.countDown();
        calls.incrementAndGet();
        if (interrupted.get()) {
          late.incrementAndGet();
        }
        return item;
      }).build()) {
        create(cache, ITEMS);
        Worker<Void> runner = Worker.start(cache::run);
        running.await();
        runner.interrupt();
        interrupted.set(true);
        assertThat(runner.failure()).isInstanceOf(InterruptedException.class);
      }
      assertThat(late.get()).as("calls after the interruption, except those about to begin, of %s", calls)
          .isLessThanOrEqualTo(PROCESSORS);
    }
  }

  private final AtomicInteger begun = new AtomicInteger();
  private final AtomicInteger interrupted = new AtomicInteger();

  /** Keeps a processor until it is interrupted. */
  private Integer compute(Integer id, Integer item) {
    begun.incrementAndGet();
    long enough = System.nanoTime() + Duration.ofSeconds(30).toNanos();
    while (!Thread.currentThread().isInterrupted() && System.nanoTime() - enough < 0) {
      Thread.onSpinWait();
    }
    interrupted.addAndGet(Thread.interrupted() ? 1 : 0);
    return item;
  }

  @Test
  void L2_callbacksThatKeepAllProcessorsAreInterruptedByTheClose() throws Exception {
    try (AutoRefresh<Integer, Integer> cache = jobs().closeTimeout(Duration.ofDays(1)).refresh(this::compute).build()) {
      create(cache, PROCESSORS);
      cache.start();
      Await.until("all processors are kept", () -> begun.get() == PROCESSORS);
    }
    assertThat(interrupted).hasValue(PROCESSORS);
    assertThat(log.entries()).isEmpty();
  }

  @Test
  void R7_callbacksThatKeepAllProcessorsAreInterruptedWhenTheirTimeIsOver() throws Exception {
    ManualTicker ticker = new ManualTicker();
    try (AutoRefresh<Integer, Integer> cache =
        jobs().refreshTimeout(Duration.ofSeconds(1)).ticker(ticker).refresh(this::compute).build()) {
      create(cache, PROCESSORS);
      cache.start();
      Await.until("all processors are kept", () -> begun.get() == PROCESSORS);
      ticker.jump(Duration.ofSeconds(1));
      Await.until("all are interrupted", () -> interrupted.get() == PROCESSORS);
      Await.until("all have timed out", () -> cache.stats().timedOutCalls() == PROCESSORS);
      Await.until("that is the failure of each", () -> IntStream.range(0, PROCESSORS)
          .allMatch(id -> cache.inspect(id).orElseThrow().lastFailure().stream()
              .anyMatch(failure -> failure.type().equals(TimeoutException.class.getName()))));
    }
  }
}
