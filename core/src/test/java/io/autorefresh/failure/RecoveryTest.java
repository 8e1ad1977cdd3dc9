package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * R6, R7 with the default back-off: after the remote has recovered, every item is confirmed within two periods and the
 * longest back-off, which is two more.
 */
@Timeout(60)
class RecoveryTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int STEPS = 400;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private void forward(int steps) {
    for (int step = 0; step < steps; step++) {
      ticker.jump(PERIOD.dividedBy(STEPS)).settle();
    }
  }

  @ParameterizedTest(name = "{0} items, {1} groups, batches of {2}, down for {3} hundredths of a period")
  @CsvSource({"40, 1, 1, 240", "1000, 20, 50, 300"})
  void R6_R7_afterAnOutage_everyItemIsConfirmedWithinTwoPeriodsAndTheLongestBackoff(
      int items, int groups, int batch, int hundredths) throws Exception {
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).batchSize(batch).refreshOnCreate(false).refreshBatch(remote)
        .batchBy((id, item) -> Integer.parseInt(id) % groups).build()) {
      IntStream.range(0, items).forEach(i -> cache.getOrCreate(String.valueOf(i), 0));
      remote.answers(down -> {
        throw new IllegalStateException("down");
      });
      cache.start();
      forward(STEPS + STEPS * hundredths / 100);
      remote.answers(Remote::increments);
      remote.forget();
      forward(4 * STEPS);
      // What began by then also ends.
      ticker.settle();
      assertThat(IntStream.range(0, items)).as("confirmed").allMatch(i -> cache.get(String.valueOf(i)) > 0);
      assertThat(cache.stats().failing()).isZero();
      assertThat(remote.refreshes()).as("items that failed together need a call or two again, not one each")
          .hasSizeLessThan(8 * items / batch);
    }
  }
}
