package io.autorefresh.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R10: the first overrun of a row is logged with its arithmetic, and the end of the row at INFO. */
@Timeout(60)
class OverrunLogTest {

  private static final Duration PERIOD = Duration.ofSeconds(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote)
        .batchSize(1).spread(false).refreshOnCreate(false).refreshTimeout(Duration.ofDays(1));
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  private void forward(AutoRefresh<String, Integer> cache, int periods) throws Exception {
    ticker.advance(PERIOD.multipliedBy(periods));
  }

  private List<String> logged(String level) {
    return log.entries().stream().filter(entry -> entry.contains(level)).toList();
  }

  @Test
  void R10_aRowOfOverruns_isCountedEachTime_andLoggedOnceWithItsArithmetic() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(10).build()) {
      create(cache, 1_000);
      cache.start();
      forward(cache, 6);
      assertThat(cache.stats().overruns()).isEqualTo(5);
      assertThat(log.entries()).hasSize(1);
      assertThat(log.entries().getFirst())
          .contains("WARNING", log.name() + ": ", "1,000 items", "need 1,000 calls/s",
              "maxCallsPerSecond is 10: a cycle takes ")
          .containsPattern("a cycle takes (9\\d|100)(\\.\\d)? s");
      Duration takes = cache.stats().period();
      assertThat(takes).as("1,000 items, 10 or 11 calls a second")
          .isBetween(Duration.ofSeconds(90), Duration.ofSeconds(112));
    }
  }

  @Test
  void R10_theArithmeticIsOfBatches() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(10).maxCallsPerSecond(10).build()) {
      create(cache, 1_000);
      cache.start();
      forward(cache, 3);
      assertThat(log.entries()).hasSize(1);
      assertThat(log.entries().getFirst()).contains("1,000 items in batches of 10", "need 100 calls/s");
    }
  }

  @Test
  void R10_theEndOfARowIsLoggedAtInfo_andTheNextRowAgain() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(10).build()) {
      create(cache, 30);
      cache.start();
      forward(cache, 4);
      assertThat(logged("WARNING")).hasSize(1);
      assertThat(logged("INFO")).isEmpty();
      IntStream.range(0, 25).forEach(i -> cache.deleteDelayed("id-" + i));
      forward(cache, 5);
      assertThat(logged("WARNING")).hasSize(1);
      assertThat(logged("INFO")).as("the row has ended").hasSize(1);
      long overruns = cache.stats().overruns();
      forward(cache, 3);
      assertThat(cache.stats().overruns()).isEqualTo(overruns);
      assertThat(log.entries()).as("no news").hasSize(2);
      create(cache, 30);
      forward(cache, 3);
      assertThat(cache.stats().overruns()).isGreaterThan(overruns);
      assertThat(logged("WARNING")).as("a new row").hasSize(2);
      assertThat(logged("INFO")).hasSize(1);
    }
  }

  @Test
  void R10_aLackOfSlots_isNamedToo() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(3).build()) {
      create(cache, 40);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(3);
      ticker.jump(PERIOD);
      Await.until("the overrun is counted", () -> cache.stats().overruns() == 1);
      Await.until("and logged", () -> log.entries().size() == 1);
      assertThat(log.entries().getFirst()).contains("40 items", "maxConcurrency is 3")
          .doesNotContain("maxCallsPerSecond");
      gate.open();
    }
  }

  /** The first period has no periodic cycle: new items that wait for it are no overrun of one. */
  @Test
  void R10_newItemsThatTakeLongerThanAPeriod_areNoOverrun() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(true).maxCallsPerSecond(10)
        .terminal(item -> item > 0).build()) {
      create(cache, 30);
      cache.start();
      forward(cache, 5);
      assertThat(cache.stats()).returns(30L, Stats::updated).returns(0L, Stats::overruns);
      assertThat(log.entries()).isEmpty();
    }
  }

  @Test
  void R10_aCycleThatIsHandedOutInTime_isNoOverrun_howeverLongItsCallsTake() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 10);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(10);
      for (int cycle = 0; cycle < 5; cycle++) {
        ticker.settle().jump(PERIOD);
      }
      ticker.settle();
      assertThat(cache.stats()).returns(0L, Stats::overruns).returns(PERIOD, Stats::period)
          .returns(10L, Stats::inFlight);
      assertThat(log.entries()).isEmpty();
      gate.open();
    }
  }
}
