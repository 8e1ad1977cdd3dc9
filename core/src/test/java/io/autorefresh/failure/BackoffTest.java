package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R6: consecutive failures of an item back it off. */
@Timeout(60)
class BackoffTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration INITIAL = Duration.ofSeconds(2);
  private static final Duration MAX = Duration.ofSeconds(30);
  private static final Duration INSTANT = Duration.ofNanos(1);
  private static final Outcome<Integer> FAILED = Outcome.failed(new IOException("of the test"));

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).backoff(INITIAL, MAX);
  }

  /** Fails one more time after the delay, and not before its half. */
  private void failsAgainAfter(Duration delay, AutoRefresh<String, Integer> cache) throws Exception {
    ticker.jump(delay.dividedBy(2).minus(INSTANT));
    assertThat(cache.sync().items()).as("before the half of %s", delay).isZero();
    ticker.jump(delay.minus(delay.dividedBy(2)).plus(INSTANT));
    assertThat(cache.sync().failed()).as("after %s", delay).isOne();
  }

  @Test
  void R6_theBackOffDoublesWithEachConsecutiveFailureUpToItsMaximum() throws Exception {
    remote.answersAll(FAILED);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      int failures = 1;
      for (int seconds : new int[] {2, 4, 8, 16, 30, 30, 30}) {
        assertThat(cache.inspect("a").orElseThrow()).returns(failures, ItemState::failures)
            .returns(ItemState.Due.BACKING_OFF, ItemState::due);
        assertThat(cache.stats().failing()).isOne();
        failsAgainAfter(Duration.ofSeconds(seconds), cache);
        failures++;
      }
    }
  }

  @Test
  void R6_theDefaultIsTwoPeriodsBeforeItsJitter() throws Exception {
    remote.answersAll(FAILED);
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs")
        .refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote).build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      for (int failures = 1; failures < 5; failures++) {
        failsAgainAfter(PERIOD.multipliedBy(2), cache);
      }
    }
  }

  @Test
  void R6_theBackOffIsJittered() throws Exception {
    remote.answersAll(FAILED);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      IntStream.range(0, 1_000).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.sync();
      remote.answersAll(Outcome.unchanged());
      ticker.jump(INITIAL.dividedBy(2).minus(INSTANT));
      assertThat(cache.sync().items()).as("none before a half").isZero();
      Set<String> triedAgain = new HashSet<>();
      for (int part = 1; part <= 4; part++) {
        remote.forget();
        ticker.jump(INITIAL.dividedBy(8));
        cache.sync();
        int before = triedAgain.size();
        remote.refreshes().forEach(call -> triedAgain.addAll(call.ids()));
        assertThat(triedAgain.size() - before).as("about a quarter in each eighth").isBetween(150, 350);
      }
      ticker.jump(INSTANT);
      cache.sync();
      assertThat(cache.stats().failing()).as("all of them at the end").isZero();
    }
  }

  @Test
  void R6_aSuccessResetsIt() throws Exception {
    for (Outcome<Integer> success : List.of(Outcome.updated(1), Outcome.<Integer>unchanged())) {
      try (AutoRefresh<String, Integer> cache = jobs().build()) {
        cache.getOrCreate("a", 0);
        remote.answersAll(FAILED);
        cache.sync();
        failsAgainAfter(Duration.ofSeconds(2), cache);
        failsAgainAfter(Duration.ofSeconds(4), cache);
        remote.answersAll(success);
        ticker.jump(Duration.ofSeconds(8));
        cache.sync();
        assertThat(cache.inspect("a").orElseThrow()).returns(0, ItemState::failures)
            .returns(Optional.empty(), ItemState::lastFailure).returns(ItemState.Due.NEXT_CYCLE, ItemState::due);
        assertThat(cache.stats().failing()).isZero();
        remote.answersAll(FAILED);
        assertThat(cache.sync().failed()).as("due in the very next cycle").isOne();
        failsAgainAfter(Duration.ofSeconds(2), cache);
      }
    }
  }

  @Test
  void R6_theDelayCountsFromTheFailure() throws Exception {
    remote.answers(items -> {
      ticker.jump(Duration.ofMillis(1_800));
      return Remote.all(items, FAILED);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      IntStream.range(0, 100).forEach(i -> cache.getOrCreate("id-" + i, 0));
      assertThat(cache.sync().failed()).isEqualTo(100);
      remote.answersAll(FAILED);
      ticker.jump(INITIAL.dividedBy(2).minus(INSTANT));
      assertThat(cache.sync().items()).as("before the half of it").isZero();
      ticker.jump(INITIAL.dividedBy(2).plus(INSTANT));
      assertThat(cache.sync().failed()).as("after it").isEqualTo(100);
    }
  }

  @Test
  void R6_itIsOfTheItemAndNotOfItsBatch() throws Exception {
    remote.answers(items -> {
      Map<String, Outcome<Integer>> outcomes = Remote.increments(items);
      outcomes.replace("bad", FAILED);
      return outcomes;
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      for (String id : List.of("bad", "good", "better")) {
        cache.getOrCreate(id, 0);
      }
      for (int cycle = 0; cycle < 5; cycle++) {
        cache.sync();
      }
      assertThat(remote.refreshes("bad")).isOne();
      assertThat(cache.get("good")).isEqualTo(5);
      assertThat(cache.get("better")).isEqualTo(5);
    }
  }

  @Test
  void R6_aHundredFailuresOverflowNothing() throws Exception {
    remote.answersAll(FAILED);
    Duration year = Duration.ofDays(365);
    try (AutoRefresh<String, Integer> cache = jobs().backoff(Duration.ofMillis(1), year).build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      for (int failures = 1; failures < 100; failures++) {
        long millis = failures > 40 ? year.toMillis() : Math.min(year.toMillis(), 1L << (failures - 1));
        failsAgainAfter(Duration.ofMillis(millis), cache);
      }
      assertThat(cache.inspect("a").orElseThrow().failures()).isEqualTo(100);
    }
  }

  @Test
  void R6_aFailureMayCarryItsOwnDelay() throws Exception {
    Duration shorter = Duration.ofMillis(700);
    Duration longer = Duration.ofDays(3);
    Map<String, Outcome<Integer>> failures = Map.of(
        "at once", Outcome.failed(new RetryAfterException(Duration.ZERO)),
        "shorter", Outcome.failed(new RetryAfterException(shorter)),
        "longer", Outcome.failed(new IllegalStateException(new IOException(new RetryAfterException(longer)))));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      failures.keySet().forEach(id -> cache.getOrCreate(id, 0));
      remote.answers(items -> failures);
      assertThat(cache.sync().failed()).isEqualTo(3);
      for (String id : List.of("shorter", "longer")) {
        assertThat(cache.inspect(id).orElseThrow()).returns(ItemState.Due.RETRY_AFTER, ItemState::due)
            .returns(1, ItemState::failures);
      }
      remote.answersAll(Outcome.unchanged());
      remote.forget();
      assertThat(cache.sync().items()).as("the one without delay").isOne();
      ticker.jump(shorter.minus(INSTANT));
      cache.sync();
      assertThat(remote.refreshes("shorter")).isZero();
      ticker.jump(INSTANT);
      cache.sync();
      assertThat(remote.refreshes("shorter")).as("neither jittered nor raised").isOne();
      ticker.jump(longer.minus(shorter).minus(INSTANT));
      cache.sync();
      assertThat(remote.refreshes("longer")).as("not capped").isZero();
      ticker.jump(INSTANT);
      cache.sync();
      assertThat(remote.refreshes("longer")).isOne();
    }
  }

  @Test
  void R6_aThrownRetryAfterDelaysAllOfTheBatch() throws Exception {
    Duration delay = Duration.ofSeconds(100);
    remote.answers(items -> {
      throw new RetryAfterException(delay, new IOException("429"));
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      assertThat(cache.sync().failed()).isEqualTo(2);
      ticker.jump(delay.minus(INSTANT));
      assertThat(cache.sync().items()).isZero();
      ticker.jump(INSTANT);
      assertThat(cache.sync().failed()).isEqualTo(2);
    }
  }

  @Test
  void R6_aRetryAfterCountsAmongTheConsecutiveFailures() throws Exception {
    remote.answersAll(Outcome.failed(new RetryAfterException(Duration.ofSeconds(1))));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      remote.answersAll(FAILED);
      ticker.jump(Duration.ofSeconds(1));
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow().failures()).isEqualTo(2);
      failsAgainAfter(Duration.ofSeconds(4), cache);
    }
  }

  @Test
  void R6_withTheDefaultAllIsWellWithinThreePeriodsAfterAnOutage() throws Exception {
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs")
        .refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote).batchSize(2).refreshTimeout(Duration.ofDays(1))
        .build()) {
      IntStream.range(0, 40).forEach(i -> cache.getOrCreate("id-" + i, 0));
      remote.answersAll(FAILED);
      cache.start();
      ticker.advance(PERIOD.multipliedBy(4));
      assertThat(IntStream.range(0, 40)).allMatch(i -> cache.inspect("id-" + i).orElseThrow().failures() > 1);
      remote.answers(Remote::increments);
      ticker.advance(PERIOD.multipliedBy(3));
      assertThat(IntStream.range(0, 40)).allMatch(i -> cache.inspect("id-" + i).orElseThrow().failures() == 0);
    }
  }

  /** Gauges do not change by mere time. */
  @Test
  void R6_afterItsDelayAnItemCountsAsFailingUntilItSucceeds() throws Exception {
    remote.answersAll(FAILED);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      ticker.jump(INITIAL);
      assertThat(cache.stats().failing()).isOne();
      assertThat(cache.inspect("a").orElseThrow().failures()).isOne();
      remote.answersAll(Outcome.unchanged());
      cache.sync();
      assertThat(cache.stats().failing()).isZero();
    }
  }

  @Test
  void R6_aDelayInThePastCountsAsZero() throws Exception {
    remote.answersAll(Outcome.failed(new RetryAfterException(Duration.ofMinutes(-3))));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.sync().failed()).isOne();
      assertThat(cache.inspect("a").orElseThrow().lastFailure().orElseThrow().type())
          .isEqualTo(RetryAfterException.class.getName());
      remote.answers(Remote::increments);
      assertThat(cache.sync().updated()).as("due at once").isOne();
    }
  }

  @Test
  void R6_R7_itemsOfOneCallThatFailedAsAWhole_comeBackTogether_inHalves() throws Exception {
    remote.answers(items -> {
      throw new IOException("of the test");
    });
    try (LogCapture log = LogCapture.open(); AutoRefresh<String, Integer> cache = jobs().batchSize(10).build()) {
      IntStream.range(0, 20).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.sync();
      Set<Set<String>> failed = remote.refreshes().stream().map(Remote.Call::ids).collect(Collectors.toSet());
      assertThat(failed).hasSize(2);
      remote.answers(Remote::increments);
      remote.forget();
      for (Duration gone = Duration.ZERO; gone.compareTo(INITIAL) < 0; gone = gone.plusMillis(1)) {
        ticker.jump(Duration.ofMillis(1));
        cache.sync();
        assertThat(remote.refreshes().stream().map(Remote.Call::ids).limit(4)).as("halves of one call each")
            .allMatch(ids -> ids.size() == 5 && failed.stream().anyMatch(all -> all.containsAll(ids)));
        if (cache.stats().updated() >= 10) {
          break;
        }
      }
      assertThat(cache.stats().updated()).as("those of one call, or both").isIn(10L, 20L);
    }
  }
}
