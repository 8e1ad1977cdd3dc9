package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R1 and R6: an item whose back-off ends in the course of a cycle is due from that moment on. */
@Timeout(60)
class RetryTest {

  private static final Duration PERIOD = Duration.ofSeconds(6);
  private static final Duration BACKOFF = Duration.ofMillis(500);
  private static final Duration STEP = Duration.ofMillis(10);
  private static final Outcome<Integer> FAILED = Outcome.failed(new IOException("of the test"));

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .batchSize(1).backoff(BACKOFF, BACKOFF).refreshTimeout(Duration.ofDays(1));
  }

  private List<Duration> times() {
    return remote.refreshes().stream().map(Remote.Call::at).toList();
  }

  /** Row I of the faults: a delay is not rounded up to the grid. */
  @ParameterizedTest(name = "spread: {0}")
  @ValueSource(booleans = {true, false})
  void R1_aFirstRefreshThatFails_isRetriedWhenItsBackOffEnds(boolean spread) throws Exception {
    remote.answersAll(FAILED);
    try (AutoRefresh<String, Integer> cache = jobs().spread(spread).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      Await.until("the first call has failed", () -> cache.stats().failed() == 1 && cache.stats().runningJobs() == 0);
      ticker.advance(BACKOFF.plus(STEP));
      assertThat(times()).hasSizeGreaterThan(1);
      assertThat(times().get(1)).isBetween(BACKOFF.dividedBy(2), BACKOFF.plus(STEP));
    }
  }

  @ParameterizedTest(name = "spread: {0}")
  @ValueSource(booleans = {true, false})
  void R1_aPeriodicRefreshThatFails_isRetriedInItsCycle(boolean spread) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(spread).refreshOnCreate(false).build()) {
      IntStream.range(0, 10).forEach(i -> cache.getOrCreate("id-" + i, 0));
      remote.answers(items -> items.containsKey("id-4") && remote.refreshes("id-4") == 1
          ? Remote.all(items, FAILED) : Remote.increments(items));
      cache.start();
      ticker.jump(PERIOD);
      for (Duration gone = Duration.ZERO; remote.refreshes("id-4") == 0; gone = gone.plus(STEP)) {
        assertThat(gone).isLessThan(PERIOD);
        ticker.advance(STEP);
      }
      Duration failed = remote.now();
      ticker.advance(BACKOFF.plus(STEP.multipliedBy(2)));
      assertThat(cache.get("id-4")).as("after its back-off").isOne();
      assertThat(times().getLast()).isLessThan(PERIOD.multipliedBy(2));
      assertThat(remote.refreshes().stream().filter(call -> call.ids().contains("id-4")).toList().getLast().at())
          .isGreaterThanOrEqualTo(failed.minus(STEP).plus(BACKOFF.dividedBy(2)));
    }
  }

  @Test
  void R1_anItemThatFailsAgainAndAgain_isRetriedAgainAndAgainWithinOnePeriod() throws Exception {
    remote.answersAll(FAILED);
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      Await.until("the first call has failed", () -> cache.stats().failed() == 1 && cache.stats().runningJobs() == 0);
      ticker.advance(PERIOD.minus(STEP));
      assertThat(remote.refreshes()).as("every 250 to 510 ms").hasSizeBetween(11, 25);
    }
  }

  @Test
  void R1_anItemThatRecovers_isDueInTheNextCycle() throws Exception {
    remote.answersAll(FAILED);
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      Await.until("the first call has failed", () -> cache.stats().failed() == 1 && cache.stats().runningJobs() == 0);
      remote.answers(Remote::increments);
      ticker.advance(BACKOFF.plus(STEP));
      assertThat(cache.get("a")).isOne();
      ticker.jump(PERIOD.minus(remote.now()).minusNanos(1));
      ticker.settle();
      assertThat(cache.get("a")).as("before the tick").isOne();
      ticker.jump(Duration.ofNanos(1));
      Await.until("it is refreshed at the tick", () -> cache.get("a") == 2);
    }
  }

  /** Back-offs that end in one period end in the next one, too, where a tick lies between. */
  @Test
  void R1_aBackOffThatEndsAfterTheNextTick_isDueInTheCourseOfThatCycle() throws Exception {
    Duration delay = PERIOD.plus(PERIOD.dividedBy(3));
    remote.answersAll(Outcome.failed(new RetryAfterException(delay)));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      Await.until("the first call has failed", () -> cache.stats().failed() == 1 && cache.stats().runningJobs() == 0);
      ticker.jump(PERIOD);
      ticker.settle();
      ticker.jump(delay.minus(PERIOD).minusNanos(1));
      ticker.settle();
      assertThat(remote.refreshes()).hasSize(1);
      ticker.jump(Duration.ofNanos(1));
      Await.until("it is retried", () -> remote.refreshes().size() == 2);
    }
  }

  /** The second meter: at most the rate at which all live items are called. */
  @Test
  void R9_retriesOfManyItems_comeEvenly() throws Exception {
    int items = 60;
    double rate = items / (0.9 * PERIOD.toSeconds());
    remote.answersAll(FAILED);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.start();
      Await.until("all first calls have failed", () -> cache.stats().failed() == items);
      remote.forget();
      ticker.advance(PERIOD.minus(STEP));
      List<Duration> times = times();
      assertThat(times).as("the rate is used").hasSizeGreaterThan((int) (0.8 * rate * PERIOD.toSeconds()));
      for (Duration from : times) {
        Duration end = from.plusSeconds(1).minus(STEP);
        assertThat(times.stream().filter(at -> at.compareTo(from) >= 0 && at.compareTo(end) < 0).count())
            .as("calls from %s on", from).isLessThanOrEqualTo((long) (1 + 1.05 * rate));
      }
    }
  }
}
