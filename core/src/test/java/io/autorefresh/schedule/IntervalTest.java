package io.autorefresh.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState.Due;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** S2: how long after its confirmation an item is due. */
@Timeout(60)
class IntervalTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker).answersAll(Outcome.unchanged());

  private AutoRefreshBuilder<String, Integer> builder(BiFunction<String, Integer, Duration> interval) {
    return AutoRefresh.<String, Integer>builder()
        .name("jobs").refreshBatch(remote).refreshEvery(PERIOD).spread(false).ticker(ticker).interval(interval);
  }

  private static Due due(AutoRefresh<String, Integer> cache) { return cache.inspect("a").orElseThrow().due(); }

  @Test
  void S2_anItemIsDueThatLongAfterItsConfirmation_alsoBetweenTwoCycles() throws Exception {
    try (var cache = builder((id, value) -> Duration.ofSeconds(25)).start()) {
      cache.getOrCreate("a", 0);
      Await.until("the first refresh", () -> due(cache) == Due.INTERVAL);
      ticker.advance(Duration.ofSeconds(24));
      assertThat(remote.refreshes("a")).isEqualTo(1);
      assertThat(cache.inspect("a").orElseThrow().dueIn()).isEqualTo(Duration.ofSeconds(1));
      ticker.advance(Duration.ofSeconds(1));
      Await.until("it is due", () -> remote.refreshes("a") == 2);
    }
  }

  @Test
  void S2_shorterThanThePeriod_countsAsThePeriod() throws Exception {
    try (var cache = builder((id, value) -> Duration.ofNanos(1)).build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      assertThat(due(cache)).isEqualTo(Due.NEXT_CYCLE);
      cache.sync();
      assertThat(remote.refreshes("a")).isEqualTo(2);
    }
  }

  @Test
  void S2_nullNegativeOrAThrow_leavesThePeriodInForce_andIsReported() throws Exception {
    for (BiFunction<String, Integer, Duration> wrong : List.<BiFunction<String, Integer, Duration>>of(
        (id, value) -> null, (id, value) -> Duration.ofSeconds(-1), (id, value) -> {
          throw new IllegalStateException("no idea");
        })) {
      try (LogCapture log = LogCapture.open(); var cache = builder(wrong).build()) {
        cache.getOrCreate("a", 0);
        assertThat(cache.sync().failed()).isZero();
        assertThat(due(cache)).isEqualTo(Due.NEXT_CYCLE);
        assertThat(cache.stats().callbackFailures()).as("at the creation, and at the outcome").isEqualTo(2);
        assertThat(log.entries()).anyMatch(entry -> entry.contains("the interval failed"));
      }
    }
  }

  @Test
  void S2_itIsAskedOnceAfterTheCreation_andOnceAfterEachOutcome() throws Exception {
    List<Integer> asked = new CopyOnWriteArrayList<>();
    remote.answers(Remote::increments);
    try (var cache = builder((id, value) -> {
      asked.add(value);
      return PERIOD.multipliedBy(3);
    }).build()) {
      cache.getOrCreate("a", 0);
      assertThat(asked).containsExactly(0);
      assertThat(due(cache)).as("which no interval holds up").isEqualTo(Due.FIRST_REFRESH);
      cache.sync();
      assertThat(asked).containsExactly(0, 1);
      assertThat(due(cache)).isEqualTo(Due.INTERVAL);
    }
  }

  @Test
  void S2_withoutAFirstRefresh_theIntervalOfTheCreatedValueHolds() throws Exception {
    List<Integer> asked = new CopyOnWriteArrayList<>();
    remote.answers(Remote::increments);
    try (var cache = builder((id, value) -> {
      asked.add(value);
      return PERIOD.multipliedBy(3);
    }).refreshOnCreate(false).build()) {
      cache.getOrCreate("a", 0);
      assertThat(due(cache)).isEqualTo(Due.INTERVAL);
      cache.sync();
      assertThat(remote.refreshes()).as("not due").isEmpty();
      ticker.jump(PERIOD.multipliedBy(3));
      cache.sync();
      assertThat(asked).containsExactly(0, 1);
    }
  }

  @Test
  void S2_theRemotesWordGoesBefore_andAFailureBacksOff() throws Exception {
    try (var cache = builder((id, value) -> PERIOD.multipliedBy(5)).build()) {
      cache.getOrCreate("a", 0);
      remote.answersAll(Outcome.<Integer>unchanged().nextIn(Duration.ofSeconds(2)));
      cache.sync();
      assertThat(due(cache)).isEqualTo(Due.OWN_TIME);
      ticker.jump(Duration.ofSeconds(2));
      remote.answersAll(Outcome.failed(new IllegalStateException("down")));
      cache.sync();
      assertThat(due(cache)).isEqualTo(Due.BACKING_OFF);
    }
  }

  @Test
  void S2_W1_anItemForWhichACallerWaits_isDueInEveryCycle_andNotAfterwards() throws Exception {
    remote.answers(Remote::increments);
    try (var cache = builder((id, value) -> PERIOD.multipliedBy(100)).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      cache.sync();
      Worker<Integer> waiter = Worker.start(() -> cache.await("a", value -> value == 4, Duration.ofDays(1)));
      waiter.awaitWaiting();
      for (int i = 0; i < 3; i++) {
        cache.sync();
      }
      assertThat(waiter.result()).isEqualTo(4);
      assertThat(cache.get("b")).as("another one").isEqualTo(1);
      cache.sync();
      assertThat(cache.get("a")).as("once more, and then its interval holds again").isEqualTo(5);
      cache.sync();
      assertThat(cache.get("a")).isEqualTo(5);
    }
  }

  @Test
  void S2_aTerminalItem_isNeverDue() throws Exception {
    try (var cache = builder((id, value) -> PERIOD.multipliedBy(2)).terminal(value -> value == 1).build()) {
      cache.getOrCreate("a", 0);
      remote.answersAll(Outcome.updated(1));
      cache.sync();
      assertThat(due(cache)).isEqualTo(Due.NEVER);
      ticker.jump(PERIOD.multipliedBy(3));
      cache.sync();
      assertThat(remote.refreshes("a")).isEqualTo(1);
    }
  }

  @Test
  void R3_unchangedWhen_saysWhatCountsAsUnchanged() throws Exception {
    remote.answers(items -> Map.of("a", Outcome.updated(items.get("a") + 1)));
    try (var cache = AutoRefresh.<String, Integer>builder().refreshBatch(remote).refreshEvery(PERIOD)
        .unchangedWhen((before, now) -> before / 10 == now / 10).build()) {
      Integer first = cache.getOrCreate("a", 1_000);
      assertThat(cache.sync()).returns(1L, CycleReport::unchanged).returns(0L, CycleReport::updated);
      assertThat(cache.get("a")).isSameAs(first);
      remote.answersAll(Outcome.updated(1_010));
      assertThat(cache.sync().updated()).isEqualTo(1);
    }
  }

  @Test
  void R3_unchangedWhenThatThrows_failsTheItem() throws Exception {
    remote.answersAll(Outcome.updated(1));
    try (var cache = AutoRefresh.<String, Integer>builder().refreshBatch(remote).refreshEvery(PERIOD)
        .unchangedWhen((before, now) -> {
          throw new IllegalStateException("no idea");
        }).build()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.sync().failed()).isEqualTo(1);
      assertThat(cache.get("a")).isZero();
    }
  }
}
