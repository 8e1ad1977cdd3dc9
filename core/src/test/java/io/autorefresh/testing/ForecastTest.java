package io.autorefresh.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.testing.Forecast.Limit;
import io.autorefresh.testing.FakeRemote.Trouble;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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
    assertThat(forecast.limit()).isEqualTo(Limit.REMOTE);
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

  // Beside the running library

  private record Case(
      String name,
      Limit limit,
      Consumer<FakeRemote<Integer, Integer>> remote,
      Consumer<AutoRefreshBuilder<Integer, Integer>> settings) {

    @Override
    public String toString() { return name; }
  }

  private static Stream<Case> cases() {
    Consumer<FakeRemote<Integer, Integer>> atOnce = remote -> remote.changesEvery(PERIOD);
    Consumer<FakeRemote<Integer, Integer>> slow =
        remote -> remote.takes(CALL, CALL).changesEvery(PERIOD.multipliedBy(3));
    Consumer<FakeRemote<Integer, Integer>> varied =
        remote -> remote.takes(Duration.ofMillis(20), CALL.multipliedBy(3)).changesEvery(PERIOD);
    Duration ages = PERIOD.multipliedBy(99);
    return Stream.of(
        fits("batches", slow, jobs -> jobs.batchSize(10)),
        fits("no spread", slow, jobs -> jobs.batchSize(10).spread(false)),
        fits("calls of one item", slow, jobs -> jobs.batchSize(1).maxConcurrency(ITEMS)),
        fits("calls that take no time", atOnce, jobs -> jobs.batchSize(7)),
        fits("neither time nor spread", atOnce, jobs -> jobs.spread(false)),
        fits("calls of any length", varied, jobs -> jobs.batchSize(25)),
        fits("a call rate", varied, jobs -> jobs.batchSize(10).maxCallsPerSecond(12)),
        fits("groups", slow, jobs -> jobs.batchSize(10).batchBy((id, item) -> id % 7)),
        fits("failures", slow.andThen(bad -> bad.trouble(Trouble.FAILS, 0.1)), jobs -> jobs.batchSize(10)),
        fits("hangs", slow.andThen(bad -> bad.trouble(Trouble.HANGS, 0.02)),
            jobs -> jobs.batchSize(10).refreshTimeout(CALL.multipliedBy(5))),
        fits("a replica that lags", slow.andThen(remote -> remote.lags(PERIOD)), jobs -> jobs.batchSize(10)),
        new Case("too low a call rate", Limit.CALL_RATE, slow, jobs -> jobs.batchSize(10).maxCallsPerSecond(5)),
        new Case("too few slots", Limit.CONCURRENCY, slow, jobs -> jobs.batchSize(10).maxConcurrency(2)),
        new Case("too few slots for calls of any length", Limit.CONCURRENCY, varied,
            jobs -> jobs.batchSize(10).maxConcurrency(2)),
        new Case("too few slots, no spread", Limit.CONCURRENCY, slow,
            jobs -> jobs.batchSize(10).maxConcurrency(2).spread(false)),
        new Case("too few slots, and too low a call rate", Limit.CONCURRENCY, slow,
            jobs -> jobs.batchSize(10).maxConcurrency(2).maxCallsPerSecond(7)),
        new Case("calls longer than a period", Limit.REMOTE, remote -> remote.takes(PERIOD, PERIOD.multipliedBy(2)),
            jobs -> jobs.maxConcurrency(100)),
        new Case("calls longer than the forecast", Limit.REMOTE, remote -> remote.takes(ages, ages),
            jobs -> jobs.refreshTimeout(ages.multipliedBy(2))),
        new Case("Retry-After", Limit.REMOTE, slow.andThen(bad -> bad.trouble(Trouble.THROTTLES, 0.02)),
            jobs -> jobs.batchSize(10)));
  }

  private static Case fits(
      String name,
      Consumer<FakeRemote<Integer, Integer>> remote,
      Consumer<AutoRefreshBuilder<Integer, Integer>> settings) {
    return new Case(name, Limit.NONE, remote, settings);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theFigures_areThoseOfTheRunningLibrary(Case given) {
    Consumer<AutoRefreshBuilder<Integer, Integer>> settings = given.settings.andThen(jobs -> jobs.refreshEvery(PERIOD));
    Forecast forecast = Forecast.of(ITEMS, 5, given.remote, settings);
    Observation observed = new Observation(ITEMS, 5, given.remote, settings);
    assertThat(forecast.age()).isEqualTo(observed.age());
    assertThat(forecast.delay()).isEqualTo(observed.delay());
    assertThat(forecast.callsPerSecond()).isEqualTo(observed.callsPerSecond());
    assertThat(forecast.fits()).isEqualTo(!observed.overruns() && observed.longest() <= PERIOD.toNanos());
    assertThat(forecast.limit()).isEqualTo(given.limit);
    if (!observed.overruns()) {
      assertThat(forecast.callsPerSecondNeeded()).isEqualTo(observed.callsPerSecond());
      assertThat(forecast.slotsNeeded()).isEqualTo(observed.slots());
    } else {
      Consumer<AutoRefreshBuilder<Integer, Integer>> slots = jobs -> jobs.spread(true).maxConcurrency(1_000_000);
      Observation more = new Observation(ITEMS, 5, given.remote, settings.andThen(slots));
      Observation all = new Observation(
          ITEMS, 5, given.remote, settings.andThen(slots).andThen(jobs -> jobs.maxCallsPerSecond(1_000_000)));
      assertThat(forecast.callsPerSecondNeeded()).isEqualTo(all.callsPerSecond());
      assertThat(forecast.slotsNeeded()).isEqualTo(all.slots());
      assertThat(more.callsPerSecond() > observed.callsPerSecond() * 1.1).isEqualTo(given.limit == Limit.CONCURRENCY);
      assertThat(all.callsPerSecond() > more.callsPerSecond() * 1.1).isEqualTo(
          given.limit == Limit.CALL_RATE || given.name.contains("and too low a call rate"));
    }
  }
}
