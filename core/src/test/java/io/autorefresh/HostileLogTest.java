package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R5 of a logging handler that throws: it costs no slot, no thread and no cycle. */
@Timeout(60)
class HostileLogTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  /** Held here, as loggers are forgotten otherwise. */
  private static final Logger LOG = Logger.getLogger("io.autorefresh");

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Broken handler = new Broken();

  /** A handler whose backend is down. */
  private static final class Broken extends Handler {
    private final AtomicInteger calls = new AtomicInteger();

    @Override
    public void publish(LogRecord entry) {
      if (calls.incrementAndGet() % 2 == 0) {
        throw new AssertionError("of the handler");
      }
      throw new IllegalStateException("of the handler");
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void breakTheLog() throws Exception {
    LOG.setUseParentHandlers(false);
    LOG.addHandler(handler);
  }

  @AfterEach
  void mendTheLog() throws Exception {
    LOG.removeHandler(handler);
    LOG.setUseParentHandlers(true);
  }

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).batchSize(1).maxConcurrency(2).spread(false).refreshOnCreate(false)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(1));
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  @Test
  void R5_aHandlerThatThrowsWhenAJobFails_costsNoSlot() throws Exception {
    remote.answers(items -> {
      if (items.containsKey("id-0")) {
        throw new IllegalStateException("of the test");
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 10);
      cache.start();
      for (int cycle = 1; cycle <= 5; cycle++) {
        int expected = cycle;
        ticker.advance(PERIOD);
        Await.until("the cycle has ended", () -> cache.stats().cycles() == expected);
        assertThat(cache.stats()).returns(0, Stats::runningJobs).returns(0L, Stats::inFlight)
            .returns((long) cycle, Stats::failed).returns(0L, Stats::overruns);
        assertThat(IntStream.range(1, 10)).allMatch(i -> cache.get("id-" + i) == expected);
      }
      assertThat(handler.calls.get()).isPositive();
    }
  }

  @Test
  void R5_aHandlerThatThrowsOfWhatIsContained_costsNoItemAnything() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(10).listener(event -> {
      throw new IllegalStateException("of the listener");
    }).terminal(item -> {
      throw new IllegalStateException("of the predicate");
    }).batchBy((id, item) -> {
      if (id.equals("id-0")) {
        throw new IllegalStateException("of the group key");
      }
      return "group";
    }).onDelete((id, item) -> {
      throw new IllegalStateException("of the deleter");
    }).build()) {
      create(cache, 10);
      cache.deleteDelayed("id-9");
      for (int cycle = 1; cycle <= 3; cycle++) {
        assertThat(cache.sync()).returns(9L, CycleReport::failed).returns(1L, CycleReport::deletionsFailed);
        assertThat(cache.stats()).returns(0, Stats::runningJobs).returns(0L, Stats::inFlight);
        ticker.advance(PERIOD);
      }
      assertThat(handler.calls.get()).isPositive();
    }
  }

  @Test
  void R7_aHandlerThatThrowsOfAnAbandonedJob_costsNoSlotOrCycle() throws Exception {
    Gate gate = new Gate();
    remote.answers(items -> {
      if (items.containsKey("id-0")) {
        gate.passStubbornly();
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(4).refreshTimeout(PERIOD).build()) {
      create(cache, 5);
      cache.start();
      ticker.advance(PERIOD);
      gate.awaitArrived(1);
      Await.until("only that job runs", () -> cache.stats().updated() == 4 && cache.stats().runningJobs() == 1);
      ticker.awaitNoticed().advance(PERIOD);
      Await.until("the job is abandoned", () -> cache.stats().abandonedJobs() == 1);
      for (int cycle = 2; cycle <= 4; cycle++) {
        int expected = cycle;
        Await.until("the others are fresh",
            () -> IntStream.range(1, 5).allMatch(i -> cache.get("id-" + i) >= expected));
        ticker.advance(PERIOD);
      }
      gate.open();
      Await.until("no job is left", () -> cache.stats().abandonedJobs() == 0);
    }
  }
}
