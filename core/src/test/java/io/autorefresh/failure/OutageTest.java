package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Stats;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R9 and R10 after an outage: items of many groups that backed off do not make a cycle last for many periods. */
@Timeout(60)
class OutageTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int STEPS = 40;
  private static final int ITEMS = 1_000;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private void forward(int periods) {
    for (int step = 0; step < periods * STEPS; step++) {
      ticker.jump(PERIOD.dividedBy(STEPS)).settle();
    }
  }

  @ParameterizedTest(name = "{0} groups, an outage of {1} periods")
  @CsvSource({"20, 1", "20, 2", "20, 3"})
  void R10_manyGroupsAfterAnOutage_areRefreshedOncePerPeriodAgain(int groups, int periods) throws Exception {
    AtomicBoolean down = new AtomicBoolean(true);
    remote.answers(items -> {
      if (down.get()) {
        throw new IllegalStateException("down");
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).batchSize(ITEMS / groups).refreshOnCreate(false).refreshBatch(remote)
        .batchBy((id, item) -> Integer.parseInt(id) % groups).build()) {
      IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate(String.valueOf(i), 0));
      cache.start();
      forward(1 + periods);
      down.set(false);
      forward(3);
      Stats before = cache.stats();
      assertThat(before.failing()).as("items that fail still").isZero();
      remote.forget();
      forward(4);
      Stats after = cache.stats();
      assertThat(after.cycles() - before.cycles()).as("cycles of four periods").isBetween(3L, 5L);
      assertThat(remote.refreshes().size()).as("calls of four periods").isBetween(3 * groups, 5 * groups);
      assertThat(cache.freshness().max()).as("the age of the oldest").isLessThanOrEqualTo(PERIOD.multipliedBy(2));
      assertThat(IntStream.range(0, ITEMS)).allMatch(i -> cache.get(String.valueOf(i)) >= 3);
    }
  }
}
