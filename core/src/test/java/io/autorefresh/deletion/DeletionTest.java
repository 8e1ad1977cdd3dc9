package io.autorefresh.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RemovalCause;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** D1 to D3: marking an item, what it is until the next cycle, and its end there. */
@Timeout(60)
class DeletionTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).listener(event -> events.add(Told.of(event)));
  }

  private static Stream<Outcome<Integer>> everyOutcome() {
    return Stream.of(Outcome.updated(99), Outcome.unchanged(), Outcome.deleted(), Outcome.failed(new IOException()));
  }

  @Test
  void D1_anAbsentIdIsAnsweredByFalseAndKillsNoLaterCreation() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      assertThat(cache.deleteDelayed("a")).isFalse();
      assertThat(cache.getOrCreate("a", 0)).isEqualTo(0);
      assertThat(cache.inspect("a").orElseThrow().marked()).isFalse();

      CycleReport report = cache.sync();

      assertThat(cache.get("a")).isEqualTo(1);
      assertThat(report.deletions()).isZero();
      assertThat(remote.deletions()).isEmpty();
      assertThat(cache.stats().deletions()).isZero();
    }
  }

  @Test
  void D1_aSecondDeletionAfterTheFirstWasCarriedOutKillsNoLaterCreation() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.deleteDelayed("a")).isTrue();
      cache.sync();
      assertThat(cache.deleteDelayed("a")).isFalse();
      cache.getOrCreate("a", 10);
      cache.sync();
      assertThat(cache.get("a")).isEqualTo(11);
      assertThat(remote.deletions()).containsExactly("a");
    }
  }

  @Test
  void D1_inARaceWithTheCreationTheAnswerTellsWhatBecomesOfTheItem() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      for (int round = 0; round < 500; round++) {
        String id = "race-" + round;
        List<Boolean> answers = Worker.<Boolean>together(2, racer -> racer == 0
            ? cache.deleteDelayed(id)
            : cache.getOrCreate(id, 0) == null);
        if (round % 10 == 9) {
          cache.sync();
        }
        if (answers.getFirst()) {
          assertThat(cache.inspect(id).map(ItemState::marked).orElse(true)).as("%s is marked", id).isTrue();
        } else {
          assertThat(cache.inspect(id).orElseThrow().marked()).as("%s is marked", id).isFalse();
        }
      }
    }
  }

  @Test
  void D2_untilTheNextCycleTheItemIsThereAsItWas() throws Exception {
    Integer item = 1_000;
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", item);
      assertThat(cache.deleteDelayed("a")).isTrue();
      assertThat(cache.deleteDelayed("a")).as("marked already").isTrue();
      assertThat(cache.get("a")).isSameAs(item);
      assertThat(cache.getOrThrow("a")).isSameAs(item);
      assertThat(cache.getOrCreate("a", 5)).isSameAs(item);
      assertThat(cache.getOrCreate("a", id -> {
        throw new AssertionError("called for an id that is there");
      })).isSameAs(item);
      assertThat(cache.inspect("a").orElseThrow())
          .returns(true, ItemState::marked).returns(ItemState.Due.DELETION, ItemState::due);
      assertThat(cache.stats().pendingDeletion()).isOne();
      cache.sync();
      assertThat(cache.get("a")).isNull();
    }
  }

  @ParameterizedTest
  @MethodSource("everyOutcome")
  void D2_aRefreshThatRunsAlreadyChangesNothingAnyMore(Outcome<Integer> late) throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.all(items, late);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      Integer item = cache.getOrCreate("a", 1_000);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      gate.awaitArrived(1);
      ticker.jump(Duration.ofSeconds(3));
      cache.deleteDelayed("a");
      gate.open();
      CycleReport report = cycle.result();

      assertThat(cache.get("a")).isSameAs(item);
      assertThat(cache.inspect("a").orElseThrow())
          .returns(true, ItemState::marked)
          .returns(Duration.ofSeconds(3), ItemState::age)
          .returns(0, ItemState::failures)
          .returns(Optional.empty(), ItemState::lastFailure);
      assertThat(report).returns(1L, CycleReport::items).returns(1L, CycleReport::staleOutcomes)
          .returns(0L, CycleReport::updated).returns(0L, CycleReport::deletedByRemote).returns(0L, CycleReport::failed);
      assertThat(events).containsExactly(Told.created("a", item));
    }
  }

  @Test
  void D2_anItemThatIsMarkedBeforeItsTurnIsSkipped() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      gate.awaitArrived(1);
      String running = remote.refreshes().getFirst().ids().iterator().next();
      String waiting = running.equals("a") ? "b" : "a";
      cache.deleteDelayed(waiting);
      gate.open();
      CycleReport report = cycle.result();

      assertThat(remote.refreshes(waiting)).isZero();
      assertThat(cache.get(waiting)).isZero();
      assertThat(report).returns(2L, CycleReport::items).returns(1L, CycleReport::skipped)
          .returns(1L, CycleReport::updated);
    }
  }

  @Test
  void D3_theNextCycleBeginsWithTheDeletionsAndCarriesOutAll() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).onDelete(remote).build()) {
      IntStream.range(0, 60).forEach(i -> cache.getOrCreate("gone-" + i, 0));
      IntStream.range(0, 60).forEach(i -> cache.getOrCreate("kept-" + i, 0));
      IntStream.range(0, 60).forEach(i -> cache.deleteDelayed("gone-" + i));
      CycleReport report = cache.sync();

      assertThat(remote.calls()).hasSize(120);
      assertThat(remote.calls().subList(0, 60)).allMatch(Remote.Call::deletion);
      assertThat(report).returns(60L, CycleReport::deletions).returns(60L, CycleReport::items);
      assertThat(cache.size()).isEqualTo(60);
      assertThat(remote.deletions()).hasSize(60).doesNotHaveDuplicates().allMatch(id -> id.startsWith("gone-"));
    }
  }

  @Test
  void D3_afterATenthOfThePeriodDeletionsAndRefreshesTakeTurns() throws Exception {
    // A rate that is never reached: with one, the clock is read for each call.
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).refreshOnCreate(false)
        .maxCallsPerSecond(1_000_000).onDelete(remote).build()) {
      IntStream.range(0, 30).forEach(i -> cache.getOrCreate("gone-" + i, 0));
      IntStream.range(0, 20).forEach(i -> cache.getOrCreate("kept-" + i, 0));
      IntStream.range(0, 30).forEach(i -> cache.deleteDelayed("gone-" + i));
      remote.releases((id, item) -> ticker.jump(PERIOD.dividedBy(100)));
      cache.sync();

      List<Boolean> deletions = remote.calls().stream().map(Remote.Call::deletion).toList();
      assertThat(deletions).hasSize(50);
      assertThat(deletions.subList(0, 10)).as("in the first tenth").containsOnly(true);
      for (int i = 12; i < 48; i += 2) {
        assertThat(deletions.subList(i, i + 2)).as("two turns in a row").containsExactlyInAnyOrder(true, false);
      }
    }
  }

  @Test
  void D3_aSlowDeletionHoldsUpNoRefresh() throws Exception {
    Gate gate = new Gate(ticker);
    remote.releases((id, item) -> gate.pass());
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      cache.deleteDelayed("a");
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      Await.until("the other item is refreshed", () -> cache.get("b") == 1);
      assertThat(cache.get("a")).isZero();
      gate.open();
      assertThat(cycle.result()).returns(1L, CycleReport::deletions).returns(1L, CycleReport::updated);
    }
  }

  @Test
  void D3_theItemIsRemovedWhenOnDeleteHasReturned() throws Exception {
    Gate gate = new Gate(ticker);
    remote.releases((id, item) -> gate.pass());
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      Integer item = cache.getOrCreate("a", 1_000);
      cache.deleteDelayed("a");
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      gate.awaitArrived(1);
      assertThat(cache.get("a")).isSameAs(item);
      assertThat(cache.getOrCreate("a", 5)).isSameAs(item);
      gate.open();
      assertThat(cycle.result().deletions()).isOne();
      assertThat(cache.get("a")).isNull();
      assertThat(cache.size()).isZero();
      assertThat(remote.calls().getFirst().items()).containsExactly(Map.entry("a", item));
      assertThat(events).containsExactly(Told.created("a", item), Told.removed("a", item, RemovalCause.DELETED));
      assertThat(cache.stats()).returns(1L, Stats::deletions).returns(1L, Stats::deleteCalls)
          .returns(0L, Stats::evictions).returns(0L, Stats::deletedByRemote);
    }
  }

  @Test
  void D3_withoutAnOnDeleteTheItemIsRemovedAtOnce() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      cache.deleteDelayed("a");
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      gate.awaitArrived(1);
      assertThat(cache.get("a")).as("removed before the refreshes begin").isNull();
      gate.open();
      assertThat(cycle.result().deletions()).isOne();
      assertThat(events).contains(Told.removed("a", 0, RemovalCause.DELETED));
      assertThat(cache.stats()).returns(1L, Stats::deletions).returns(0L, Stats::deleteCalls);
    }
  }

  @Test
  void D3_anItemMarkedInACycleIsDeletedInTheNext() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      cache.getOrCreate("a", 0);
      remote.answers(items -> {
        cache.deleteDelayed("a");
        return Map.of();
      });
      cache.sync();
      assertThat(cache.get("a")).isZero();
      assertThat(remote.deletions()).isEmpty();
      cache.sync();
      assertThat(cache.get("a")).isNull();
      assertThat(remote.deletions()).containsExactly("a");
    }
  }

  @Test
  void D3_terminalItemsAreDeletedToo() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).terminal(item -> true).build()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      assertThat(cache.sync()).returns(1L, CycleReport::deletions).returns(0L, CycleReport::items);
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void D3_evictionsAndTheOutcomeDeletedDoNotCallOnDelete() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).maximumSize(5).build()) {
      IntStream.range(0, 10).forEach(i -> cache.getOrCreate("id-" + i, 0));
      assertThat(cache.stats().evictions()).isEqualTo(5);
      assertThat(cache.sync()).returns(5L, CycleReport::updated);
      remote.answersAll(Outcome.deleted());
      assertThat(cache.sync()).returns(5L, CycleReport::deletedByRemote).returns(0L, CycleReport::deletions);
      assertThat(cache.size()).isZero();
      assertThat(remote.deletions()).isEmpty();
      assertThat(cache.stats()).returns(5L, Stats::evictions).returns(0L, Stats::deletions)
          .returns(5L, Stats::deletedByRemote).returns(0L, Stats::deleteCalls);
    }
  }

  @Test
  void D3_aDeletionThatRunsIsNotBegunByAnotherCycle() throws Exception {
    Gate gate = new Gate(ticker);
    remote.releases((id, item) -> gate.pass());
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      assertThat(cache.deleteDelayed("a")).isTrue();
      assertThat(cache.sync().deletions()).isZero();
      assertThat(cache.get("a")).isZero();
      gate.open();
      Await.until("the item is gone", () -> cache.get("a") == null);
      assertThat(cache.sync().deletions()).isZero();
      assertThat(remote.deletions()).containsExactly("a");
    }
  }

  @Test
  void D3_twoSyncsAtOnceCallOnDeleteOnce() throws Exception {
    Gate gate = new Gate(ticker);
    remote.releases((id, item) -> gate.pass());
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      Worker<CycleReport> first = Worker.start(cache::sync);
      gate.awaitArrived(1);
      Worker<CycleReport> second = Worker.<CycleReport>start(cache::sync).awaitWaiting();
      gate.open();
      assertThat(first.result().deletions()).isOne();
      assertThat(second.result().deletions()).isZero();
      assertThat(remote.deletions()).containsExactly("a");
    }
  }
}
