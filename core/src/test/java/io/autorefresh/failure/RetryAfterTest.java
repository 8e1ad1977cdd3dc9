package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R6: a remote that asks to be left alone until a time in the past, or for a very long time. */
@Timeout(60)
class RetryAfterTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration YEAR = Duration.ofDays(365);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).spread(false)
        .refreshBatch(remote);
  }

  /** Row R of the faults: the header's date has passed when the exception is made. */
  private static RetryAfterException past() {
    Instant now = Instant.parse("2026-11-30T12:00:00Z");
    return new RetryAfterException(Duration.between(now, Instant.parse("2026-11-30T11:59:58Z")));
  }

  @Test
  void R6_aDelayInThePast_countsAsZero() {
    assertThat(past().delay()).isZero();
    assertThat(past().getMessage()).contains("PT-2S");
    assertThat(new RetryAfterException(Duration.ofSeconds(Long.MIN_VALUE)).delay()).isZero();
    assertThat(new RetryAfterException(Duration.ZERO).delay()).isZero();
    assertThat(new RetryAfterException(Duration.ofNanos(1)).delay()).isEqualTo(Duration.ofNanos(1));
  }

  @Test
  void R6_aDelayOfMoreThanAYear_countsAsAYear() {
    assertThat(new RetryAfterException(YEAR).delay()).isEqualTo(YEAR);
    assertThat(new RetryAfterException(YEAR.plusNanos(1)).delay()).isEqualTo(YEAR);
    assertThat(new RetryAfterException(Duration.ofSeconds(Long.MAX_VALUE), new Exception()).delay()).isEqualTo(YEAR);
  }

  @Test
  void R6_anItemWhoseDelayIsInThePast_failsByThatException_andIsDueAtOnce_thenEachTenthOfThePeriod() throws Exception {
    RetryAfterException past = past();
    remote.answersAll(Outcome.failed(past));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.sync().failed()).isOne();
      for (int failures = 2; failures <= 4; failures++) {
        assertThat(cache.sync().failed()).as("due again").isOne();
        assertThat(cache.inspect("a").orElseThrow()).returns(failures, ItemState::failures)
            .returns(past.toString(), state -> state.lastFailure().orElseThrow().toString()).returns(ItemState.Due.RETRY_AFTER, ItemState::due);
        assertThat(cache.sync().failed()).as("at once again").isZero();
        ticker.jump(PERIOD.dividedBy(10));
      }
      remote.answers(Remote::increments);
      assertThat(cache.sync().updated()).isOne();
    }
  }

  @Test
  void R6_aCallThatThrowsADelayInThePast_failsItsItems_whichAreDueAtOnce() throws Exception {
    remote.answers(items -> {
      throw past();
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      assertThat(cache.sync().failed()).isEqualTo(2);
      remote.answers(Remote::increments);
      assertThat(cache.sync().updated()).isEqualTo(2);
    }
  }

  @Test
  void D3_aDeletionWhoseDelayIsInThePast_isTriedAgainInTheNextCycle() throws Exception {
    remote.releases((id, item) -> {
      throw past();
    });
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      assertThat(cache.sync().deletionFailures()).isOne();
      remote.releases((id, item) -> {});
      assertThat(cache.sync().deletions()).isOne();
    }
  }

  /** A delay that is code of the user's. */
  private static final class Odd extends RetryAfterException {
    private static final long serialVersionUID = 1;

    private final int kind;

    Odd(int kind) {
      super(Duration.ofDays(30));
      this.kind = kind;
    }

    @Override
    public Duration delay() {
      return switch (kind) {
        case 0 -> throw new IllegalStateException("no delay");
        case 1 -> null;
        case 2 -> Duration.ofSeconds(-5);
        default -> Duration.ofSeconds(Long.MAX_VALUE);
      };
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void R5_aDelayThatIsNone_leavesTheItemToItsBackOff(int kind) throws Exception {
    remote.answersAll(Outcome.failed(new Odd(kind)));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      assertThat(cache.sync().failed()).isEqualTo(2);
      assertThat(cache.inspect("a").orElseThrow().failures()).isOne();
      remote.answers(Remote::increments);
      ticker.jump(PERIOD.multipliedBy(2));
      assertThat(cache.sync().updated()).isEqualTo(2);
    }
  }

  private Map<String, Outcome<Integer>> allButTheBad(Map<String, Integer> items) {
    Map<String, Outcome<Integer>> outcomes = new HashMap<>();
    items.forEach((id, item) ->
        outcomes.put(id, id.equals("bad") ? Outcome.failed(past()) : Outcome.updated(item + 1)));
    return outcomes;
  }

  private static List<String> create(AutoRefresh<String, Integer> cache) {
    cache.getOrCreate("bad", 0);
    List<String> good = IntStream.range(0, 9).mapToObj(i -> "good-" + i).toList();
    good.forEach(id -> cache.getOrCreate(id, 0));
    return good;
  }

  @Test
  void R1_syncEnds_thoughAnItemAsksForNoDelayAtAll() throws Exception {
    remote.answers(this::allButTheBad);
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).build()) {
      create(cache);
      for (int cycle = 1; cycle <= 3; cycle++) {
        remote.forget();
        CycleReport report = Worker.start(cache::sync).result();
        assertThat(report).returns(9L, CycleReport::updated);
        assertThat(remote.refreshes("bad")).as("it may be due again in the cycle's course").isBetween(0L, 2L);
      }
    }
  }

  @Test
  void R1_anItemThatAsksForNoDelayAtAll_keepsNoOtherItemFromItsTurn() throws Exception {
    remote.answers(this::allButTheBad);
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).refreshOnCreate(false).build()) {
      List<String> good = create(cache);
      cache.start();
      for (int cycle = 1; cycle <= 3; cycle++) {
        int expected = cycle;
        ticker.jump(PERIOD);
        Await.until("the others are refreshed", () -> good.stream().allMatch(id -> cache.get(id) == expected));
      }
    }
  }

  /** A remote that always says zero must not be called as fast as it answers. */
  @Test
  void R1_anItemThatAsksForNoDelayAtAll_isNotCalledWithoutEnd() throws Exception {
    remote.answers(this::allButTheBad);
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).refreshOnCreate(false).build()) {
      List<String> good = create(cache);
      cache.start();
      ticker.jump(PERIOD);
      Await.until("all are called", () -> good.stream().allMatch(id -> cache.get(id) == 1)
          && remote.refreshes("bad") > 0);
      ticker.settle();
      assertThat(remote.refreshes("bad")).as("calls while the clock stands still").isLessThan(20);
    }
  }
}
