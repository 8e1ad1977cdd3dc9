package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RemovalCause;
import io.autorefresh.Stats;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R3 for {@code deletedAfter}: the outcome deleted is believed when it came so many times in a row. */
@Timeout(60)
class DeletedAfterTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).onDelete(remote).listener(event -> events.add(Told.of(event)));
  }

  private void gone() {
    remote.answersAll(Outcome.deleted());
  }

  @Test
  void R3_byDefault_theFirstDeletedIsBelieved() throws Exception {
    gone();
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 5);
      assertThat(cache.sync()).returns(1L, CycleReport::deletedByRemote).returns(0L, CycleReport::unanswered);
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void R3_aDisbelievedDeleted_countsAsUnanswered_untilTheNthInARow() throws Exception {
    gone();
    try (AutoRefresh<String, Integer> cache = jobs().deletedAfter(3).build()) {
      cache.getOrCreate("a", 5);
      for (int time = 1; time < 3; time++) {
        ticker.jump(PERIOD);
        assertThat(cache.sync()).returns(0L, CycleReport::deletedByRemote).returns(1L, CycleReport::unanswered)
            .returns(0L, CycleReport::failed);
        assertThat(cache.get("a")).isEqualTo(5);
        assertThat(cache.inspect("a").orElseThrow()).returns(time, ItemState::unanswered)
            .returns(0, ItemState::failures).returns(PERIOD.multipliedBy(time), ItemState::age)
            .returns(ItemState.Due.NEXT_CYCLE, ItemState::due);
      }
      assertThat(events).containsExactly(Told.created("a", 5));
      assertThat(cache.sync()).returns(1L, CycleReport::deletedByRemote).returns(0L, CycleReport::unanswered);
      assertThat(cache.get("a")).isNull();
      assertThat(cache.stats()).returns(2L, Stats::unanswered).returns(1L, Stats::deletedByRemote);
      assertThat(events).containsExactly(
          Told.created("a", 5), Told.removed("a", 5, RemovalCause.DELETED_BY_REMOTE));
      assertThat(remote.deletions()).isEmpty();
    }
  }

  @Test
  void R3_aConfirmation_resetsTheCount() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().deletedAfter(2).build()) {
      cache.getOrCreate("a", 5);
      for (Outcome<Integer> confirmation : List.of(Outcome.<Integer>unchanged(), Outcome.updated(6))) {
        gone();
        cache.sync();
        remote.answersAll(confirmation);
        cache.sync();
        assertThat(cache.inspect("a").orElseThrow().unanswered()).isZero();
      }
      gone();
      cache.sync();
      assertThat(cache.get("a")).as("after one more deleted").isEqualTo(6);
      cache.sync();
      assertThat(cache.get("a")).as("after two in a row").isNull();
    }
  }

  @Test
  void R3_neitherFailuresNorAnswersWithoutTheItem_resetTheCount() throws Exception {
    try (LogCapture log = LogCapture.open(); AutoRefresh<String, Integer> cache = jobs().deletedAfter(3).build()) {
      cache.getOrCreate("a", 5);
      gone();
      cache.sync();
      remote.answers(items -> Map.of());
      cache.sync();
      gone();
      cache.sync();
      remote.answersAll(Outcome.failed(new IllegalStateException("of the test")));
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow()).returns(3, ItemState::unanswered).returns(1, ItemState::failures);
      gone();
      ticker.jump(PERIOD.multipliedBy(2));
      assertThat(cache.sync().deletedByRemote()).as("the third deleted").isOne();
      assertThat(log.entries()).filteredOn(entry -> entry.contains("WARNING")).hasSizeLessThanOrEqualTo(1);
    }
  }

  /** Row J of the faults: a remote that forgets everything for a moment when it restarts. */
  @Test
  void R3_oneEmptyMomentOfTheRemote_costsNoItem() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().deletedAfter(2).build()) {
      IntStream.range(0, 1_000).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.sync();
      gone();
      assertThat(cache.sync().unanswered()).isEqualTo(1_000);
      remote.answers(Remote::increments);
      assertThat(cache.sync().updated()).isEqualTo(1_000);
      assertThat(cache.size()).isEqualTo(1_000);
    }
  }

  /** Row J of the faults: a remote that knows a new job only after a while. */
  @Test
  void R3_aNewItemThatTheRemoteDoesNotKnowYet_stays() throws Exception {
    Duration known = Duration.ofSeconds(15);
    try (AutoRefresh<String, Integer> cache = jobs().deletedAfter(3).build()) {
      cache.getOrCreate("a", 0);
      remote.answers(items -> Remote.all(items, remote.now().compareTo(known) < 0
          ? Outcome.deleted() : Outcome.updated(7)));
      for (int cycle = 0; cycle < 3; cycle++) {
        cache.sync();
        ticker.jump(PERIOD);
      }
      assertThat(cache.get("a")).isEqualTo(7);
    }
  }

  @Test
  void R3_nullOfASingleRefresh_countsLikeDeleted() throws Exception {
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().refreshEvery(PERIOD)
        .ticker(ticker).deletedAfter(2).refresh((id, item) -> null).build()) {
      cache.getOrCreate("a", 5);
      assertThat(cache.sync().unanswered()).isOne();
      assertThat(cache.sync().deletedByRemote()).isOne();
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void R3_aLaterGeneration_countsAnew() throws Exception {
    gone();
    try (AutoRefresh<String, Integer> cache = jobs().deletedAfter(2).build()) {
      cache.getOrCreate("a", 5);
      cache.sync();
      cache.sync();
      cache.getOrCreate("a", 6);
      cache.sync();
      assertThat(cache.get("a")).isEqualTo(6);
      assertThat(cache.inspect("a").orElseThrow().unanswered()).isOne();
    }
  }
}
