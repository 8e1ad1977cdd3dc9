package io.autorefresh.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R1 and S1: with {@code nextIn} the remote says when an item is due next, sooner or later than the period. */
@Timeout(60)
class NextInTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(250);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .batchSize(1).spread(false).refreshTimeout(Duration.ofDays(1));
  }

  private static Outcome<Integer> unchangedNextIn(Duration delay) {
    return Outcome.<Integer>unchanged().nextIn(delay);
  }

  /** Creates one item, and returns when its first refresh has ended. */
  private ManualTicker createOne(AutoRefresh<String, Integer> cache) throws Exception {
    cache.start();
    cache.getOrCreate("a", 0);
    Await.until("the first answer has come", () -> remote.refreshes().size() == 1 && cache.stats().runningJobs() == 0);
    return ticker;
  }

  private List<Long> seconds() {
    return remote.refreshes().stream().map(call -> call.at().toSeconds()).toList();
  }

  /** Row X of the faults: a token says when it expires. */
  @Test
  void R1_anItemThatIsDueSoonerThanThePeriod_isRefreshedThen() throws Exception {
    remote.answersAll(unchangedNextIn(Duration.ofSeconds(3)));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      createOne(cache).advance(PERIOD.multipliedBy(2).minus(STEP));
      assertThat(seconds()).as("and not at the tick, ten seconds after the start")
          .containsExactly(0L, 3L, 6L, 9L, 12L, 15L, 18L);
    }
  }

  @Test
  void R1_withSpread_anItemThatIsDueInTheCourseOfACycle_isRefreshedThen() throws Exception {
    remote.answers(items -> Remote.all(items, unchangedNextIn(Duration.ofSeconds(items.containsKey("a") ? 3 : 100))));
    try (AutoRefresh<String, Integer> cache = jobs().spread(true).build()) {
      for (int i = 0; i < 20; i++) {
        cache.getOrCreate("other " + i, 0);
      }
      cache.getOrCreate("a", 0);
      cache.start();
      Await.until("all have been refreshed", () -> cache.stats().unchanged() == 21 && cache.stats().runningJobs() == 0);
      remote.forget();
      ticker.advance(PERIOD.multipliedBy(2).minus(STEP));
      assertThat(seconds()).containsExactly(3L, 6L, 9L, 12L, 15L, 18L);
    }
  }

  @ParameterizedTest(name = "spread: {0}")
  @ValueSource(booleans = {true, false})
  void S1_anItemThatIsDueLaterThanThePeriod_isLeftOutUntilThen(boolean spread) throws Exception {
    remote.answersAll(unchangedNextIn(Duration.ofSeconds(25)));
    try (AutoRefresh<String, Integer> cache = jobs().spread(spread).build()) {
      createOne(cache).advance(PERIOD.multipliedBy(6).minus(STEP));
      assertThat(seconds()).containsExactly(0L, 25L, 50L);
      assertThat(cache.stats().overruns()).isZero();
    }
  }

  @ParameterizedTest(name = "{0} ms")
  @ValueSource(longs = {0, 1, 999, -5_000, Long.MIN_VALUE / 1_000_000})
  void R1_lessThanATenthOfThePeriodCountsAsThat(long millis) throws Exception {
    remote.answersAll(unchangedNextIn(Duration.ofMillis(millis)));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      createOne(cache).advance(PERIOD.minus(STEP));
      assertThat(seconds()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L);
    }
  }

  @Test
  void R1_anAnswerOfZeroDoesNotLoop() throws Exception {
    remote.answersAll(unchangedNextIn(Duration.ZERO));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      createOne(cache);
      ticker.settle().jump(PERIOD.dividedBy(10).minusNanos(1)).settle();
      assertThat(remote.refreshes()).hasSize(1);
      ticker.jump(Duration.ofNanos(1));
      Await.until("it is due", () -> remote.refreshes().size() == 2);
    }
  }

  @Test
  void R1_theTimeCountsFromTheAnswer() throws Exception {
    remote.answers(items -> {
      ticker.jump(Duration.ofSeconds(2));
      return Remote.all(items, unchangedNextIn(Duration.ofSeconds(3)));
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      createOne(cache);
      assertThat(cache.inspect("a").orElseThrow())
          .returns(ItemState.Due.OWN_TIME, ItemState::due).returns(Duration.ofSeconds(3), ItemState::dueIn);
    }
  }

  @Test
  void S1_itHoldsForAnUpdatedValueAndForAnEqualOne() throws Exception {
    Outcome<Integer> seven = Outcome.updated(7).nextIn(Duration.ofSeconds(25));
    remote.answersAll(seven);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      createOne(cache).advance(PERIOD.multipliedBy(6).minus(STEP));
      assertThat(cache.get("a")).isEqualTo(7);
      assertThat(seconds()).containsExactly(0L, 25L, 50L);
      assertThat(cache.stats()).returns(1L, Stats::updated).returns(2L, Stats::unchanged);
    }
  }

  @Test
  void S1_afterAnAnswerWithoutIt_theItemIsDueInEveryCycleAgain() throws Exception {
    remote.answersAll(unchangedNextIn(Duration.ofSeconds(25)));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      createOne(cache);
      remote.answersAll(Outcome.unchanged());
      ticker.advance(PERIOD.multipliedBy(5).minus(STEP));
      assertThat(seconds()).containsExactly(0L, 25L, 30L, 40L);
      assertThat(cache.inspect("a").orElseThrow().due()).isEqualTo(ItemState.Due.NEXT_CYCLE);
    }
  }

  @Test
  void S1_itHasNoEffectOnAFailure() throws Exception {
    remote.answersAll(Outcome.<Integer>failed(new IOException("of the test")).nextIn(Duration.ofDays(1)));
    try (AutoRefresh<String, Integer> cache = jobs().backoff(Duration.ofSeconds(2), Duration.ofSeconds(2)).build()) {
      createOne(cache);
      ItemState<Integer> state = cache.inspect("a").orElseThrow();
      assertThat(state).returns(ItemState.Due.BACKING_OFF, ItemState::due).returns(1, ItemState::failures);
      assertThat(state.dueIn()).isLessThanOrEqualTo(Duration.ofSeconds(2));
    }
  }

  @Test
  void C3_itHasNoEffectOnATerminalItem() throws Exception {
    remote.answersAll(Outcome.updated(100).nextIn(Duration.ofSeconds(2)));
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> item == 100).build()) {
      createOne(cache).advance(PERIOD.multipliedBy(2));
      assertThat(remote.refreshes()).hasSize(1);
      assertThat(cache.inspect("a").orElseThrow()).returns(ItemState.Due.NEVER, ItemState::due)
          .returns(null, ItemState::dueIn);
    }
  }

  @Test
  void R1_aSyncTakesWhatIsDue_andLeavesOutWhatIsNot() throws Exception {
    Duration delay = Duration.ofSeconds(25);
    remote.answersAll(unchangedNextIn(delay));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.sync().unchanged()).isOne();
      ticker.jump(delay.minusNanos(1));
      assertThat(cache.sync().items()).as("before its time").isZero();
      ticker.jump(Duration.ofNanos(1));
      assertThat(cache.sync().unchanged()).isOne();
    }
  }

  @Test
  void D3_aMarkedItemIsDeletedByTheNextCycle_howeverLateItIsDue() throws Exception {
    remote.answersAll(unchangedNextIn(Duration.ofDays(1)));
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      createOne(cache);
      cache.deleteDelayed("a");
      ticker.jump(PERIOD);
      Await.until("it is deleted", () -> cache.size() == 0);
      assertThat(remote.deletions()).containsExactly("a");
    }
  }

  /** S6: a batch that is not full is topped up with the items that are due soonest. */
  @Test
  void S6_aBatchOfTheWalkThatIsNotFull_takesWhatIsDueSoon() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(10).build()) {
      remote.answers(items -> {
        var outcomes = Remote.all(items, Outcome.<Integer>unchanged());
        outcomes.replace("a", unchangedNextIn(Duration.ofSeconds(14)));
        outcomes.replace("far", unchangedNextIn(Duration.ofDays(1)));
        return outcomes;
      });
      List.of("far", "b", "a").forEach(id -> cache.getOrCreate(id, 0));
      cache.start();
      Await.until("all have been refreshed", () -> cache.stats().unchanged() == 3);
      ticker.jump(PERIOD);
      Await.until("the cycle has ended", () -> cache.stats().cycles() == 1);
      assertThat(remote.refreshes().getLast().ids()).containsExactlyInAnyOrder("a", "b");
    }
  }
}
