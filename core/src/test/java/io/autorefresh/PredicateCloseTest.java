package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2: a cache that closes asks the terminal predicate about no further outcomes of a job. */
@Timeout(60)
class PredicateCloseTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int ITEMS = 100;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate();
  private final AtomicInteger begun = new AtomicInteger();
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

  @Test
  void L2_thePredicatesThatHaveNotBeenAsked_areNotAnyMoreAfterTheClose() throws Exception {
    AutoRefresh<String, Integer> cache = jobs().terminal(item -> {
      if (item > 0) {
        stopUntilInterrupted();
      }
      return false;
    }).build();
    create(cache);
    cache.start();
    gate.awaitArrived(1);
    Worker.start(cache::close).result();
    assertThat(begun).as("calls of the predicate that began").hasValue(1);
  }
}
