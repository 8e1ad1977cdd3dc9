package io.autorefresh.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Freshness;
import io.autorefresh.Stats;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.testing.Forecast.Limit;
import io.autorefresh.testing.FakeRemote.Trouble;
import java.time.Duration;
import java.util.function.Consumer;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The figures of a forecast, beside arithmetic and beside the library as it runs. */
@Timeout(120)
class ForecastTest {

  private static final int ITEMS = 1_000;
  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration CALL = Duration.ofMillis(400);

  @AutoClose
  private final LogCapture log = LogCapture.open();

  private static Forecast forecast(Consumer<AutoRefreshBuilder<Integer, Integer>> settings) {
    return Forecast.of(ITEMS, 5, remote -> remote.takes(CALL, CALL).changesEvery(PERIOD.multipliedBy(3)),
        settings.andThen(jobs -> jobs.refreshEvery(PERIOD)));
  }

  @Test
  void aLoadThatFits() {
    Forecast forecast = forecast(jobs -> jobs.batchSize(10));
    assertThat(forecast.limit()).isEqualTo(Limit.NONE);
    assertThat(forecast.fits()).isTrue();
    assertThat(forecast.callsPerSecond()).isEqualTo(10).isEqualTo(forecast.callsPerSecondNeeded());
    assertThat(forecast.slotsNeeded()).as("10 calls a second of .4 s").isEqualTo(4);
    assertThat(forecast.age().max()).isEqualTo(PERIOD);
    assertThat(forecast.age().p50()).isCloseTo(PERIOD.dividedBy(2), Duration.ofMillis(1));
    assertThat(forecast.age().p99()).isCloseTo(PERIOD.multipliedBy(99).dividedBy(100), Duration.ofMillis(1));
    // A change waits for half a period in the mean, and for the call that sees it.
    assertThat(forecast.delay().p50()).isCloseTo(PERIOD.dividedBy(2).plus(CALL), Duration.ofMillis(300));
    assertThat(forecast.delay().max()).isLessThanOrEqualTo(PERIOD.plus(CALL));
    assertThat(log.entries()).noneMatch(entry -> entry.contains("forecast"));
  }

  @Test
  void aLoadThatTheCallRateBinds() {
    Forecast forecast = forecast(jobs -> jobs.batchSize(10).maxCallsPerSecond(5));
    assertThat(forecast.limit()).isEqualTo(Limit.CALL_RATE);
    assertThat(forecast.fits()).isFalse();
    assertThat(forecast.callsPerSecond()).isCloseTo(5, within(0.1));
    assertThat(forecast.callsPerSecondNeeded()).isCloseTo(10, within(0.1));
    assertThat(forecast.slotsNeeded()).isBetween(4, 5);
    assertThat(forecast.age().max()).isCloseTo(PERIOD.multipliedBy(2), Duration.ofSeconds(1));
  }

  @Test
  void aLoadThatTheSlotsBind() {
    Forecast forecast = forecast(jobs -> jobs.batchSize(10).maxConcurrency(2).maxCallsPerSecond(7));
    assertThat(forecast.limit()).isEqualTo(Limit.CONCURRENCY);
    assertThat(forecast.callsPerSecond()).as("two slots of .4 s").isCloseTo(5, within(0.1));
    assertThat(forecast.callsPerSecondNeeded()).isCloseTo(10, within(0.1));
  }

  @Test
  void callsLongerThanAPeriod() {
    Forecast forecast = Forecast.of(10, 5, remote -> remote.takes(PERIOD.multipliedBy(2), PERIOD.multipliedBy(2)),
        jobs -> jobs.refreshEvery(PERIOD));
    assertThat(forecast.limit()).isEqualTo(Limit.CALL_TIME);
    assertThat(forecast.fits()).isFalse();
  }

  @Test
  void failures_showInTheAges() {
    Forecast forecast = Forecast.of(ITEMS, 5, remote -> remote.trouble(Trouble.FAILS, 0.05),
        jobs -> jobs.refreshEvery(PERIOD).batchSize(1));
    assertThat(forecast.age().p50()).isCloseTo(PERIOD.dividedBy(2), Duration.ofSeconds(1));
    assertThat(forecast.age().max()).isGreaterThan(PERIOD.multipliedBy(2));
  }

  @Test
  void theSameArguments_giveTheSameFigures() {
    Consumer<AutoRefreshBuilder<Integer, Integer>> settings = jobs -> jobs.maxConcurrency(3).batchSize(7);
    assertThat(forecast(settings)).hasToString(forecast(settings).toString());
  }

  @Test
  void wrongSettings_areNamed() {
    assertThatIllegalArgumentException().isThrownBy(() -> forecast(jobs -> jobs.batchSize(0)))
        .withMessageContaining("batchSize");
  }

  /** The same cache, started and read by its own means. */
  @Test
  void theFigures_areThoseOfTheRunningLibrary() {
    Forecast forecast = forecast(jobs -> jobs.batchSize(10));
    ManualTicker ticker = new ManualTicker(5, Duration.ofSeconds(10));
    FakeRemote<Integer, Integer> remote = new FakeRemote<Integer, Integer>(ticker, 5, (id, version) -> version)
        .takes(CALL, CALL).changesEvery(PERIOD.multipliedBy(3));
    try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder().ticker(ticker).refreshEvery(PERIOD)
        .batchSize(10).refreshBatch(remote).build()) {
      for (int id = 0; id < ITEMS; id++) {
        cache.getOrCreate(id, remote);
      }
      cache.start();
      ticker.advance(PERIOD.multipliedBy(4));
      Stats before = cache.stats();
      Duration max = Duration.ZERO;
      Duration p50 = Duration.ZERO;
      int samples = 1_000;
      for (int i = 0; i < samples; i++) {
        ticker.advance(PERIOD.dividedBy(samples / 10));
        Freshness now = cache.freshness();
        max = now.max().compareTo(max) > 0 ? now.max() : max;
        p50 = p50.plus(now.p50());
      }
      Stats after = cache.stats().minus(before);
      assertThat(forecast.callsPerSecond()).isEqualTo(after.refreshCalls() / (10.0 * PERIOD.toSeconds()));
      assertThat(forecast.age().max()).isGreaterThanOrEqualTo(max).isCloseTo(max, Duration.ofMillis(100));
      assertThat((double) forecast.age().p50().toNanos())
          .isCloseTo(p50.dividedBy(samples).toNanos(), Percentage.withPercentage(10));
    }
  }
}
