package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R3: outcomes are applied one by one. */
@Timeout(60)
class OutcomeTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();
  private final IOException failure = new IOException("of the test");

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).onDelete(remote).listener(event -> events.add(Told.of(event)));
  }

  private static void isTrue(CycleReport report) {
    assertThat(report.items()).isEqualTo(report.updated() + report.unchanged() + report.deletedByRemote()
        + report.failed() + report.unanswered() + report.staleOutcomes() + report.skipped());
  }

  @Test
  void R3_outcomesAreAppliedOneByOne() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> item == 100).build()) {
      for (String id : List.of("updated", "final", "unchanged", "deleted", "failed", "unmentioned")) {
        cache.getOrCreate(id, 1_000);
      }
      Integer unchanged = cache.get("unchanged");
      Map<String, Outcome<Integer>> result = Map.of("updated", Outcome.updated(2_000), "final", Outcome.updated(100),
          "unchanged", Outcome.unchanged(), "deleted", Outcome.deleted(), "failed", Outcome.failed(failure));
      remote.answers(items -> result);
      ticker.jump(SECOND);
      CycleReport report = cache.sync();

      assertThat(report).returns(6L, CycleReport::items).returns(1L, CycleReport::refreshCalls)
          .returns(2L, CycleReport::updated).returns(1L, CycleReport::unchanged)
          .returns(1L, CycleReport::becameTerminal).returns(1L, CycleReport::deletedByRemote)
          .returns(1L, CycleReport::failed).returns(1L, CycleReport::unanswered).returns(0L, CycleReport::timedOut)
          .returns(0L, CycleReport::staleOutcomes).returns(0L, CycleReport::skipped)
          .returns(0L, CycleReport::unknownIds);
      isTrue(report);
      assertThat(cache.stats()).returns(2L, Stats::updated).returns(1L, Stats::unchanged)
          .returns(1L, Stats::becameTerminal).returns(1L, Stats::deletedByRemote).returns(1L, Stats::failed)
          .returns(1L, Stats::unanswered).returns(5L, Stats::size).returns(1L, Stats::terminal)
          .returns(1L, Stats::failing).returns(0L, Stats::callbackFailures);
      assertThat(cache.get("updated")).isEqualTo(2_000);
      assertThat(cache.get("unchanged")).isSameAs(unchanged);
      assertThat(cache.get("deleted")).isNull();
      assertThat(cache.get("failed")).isEqualTo(1_000);
      assertThat(cache.get("unmentioned")).isEqualTo(1_000);
      assertThat(cache.inspect("final").orElseThrow().terminal()).isTrue();
      assertThat(remote.deletions()).as("the outcome deleted does not call onDelete").isEmpty();
    }
  }

  @Test
  void R3_updatedAndUnchangedConfirmAnItem() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      for (Outcome<Integer> outcome : List.of(Outcome.updated(5), Outcome.<Integer>unchanged())) {
        cache.getOrCreate("a", 0);
        ticker.jump(SECOND);
        assertThat(cache.inspect("a").orElseThrow().age()).isEqualTo(SECOND);
        remote.answersAll(outcome);
        cache.sync();
        assertThat(cache.inspect("a").orElseThrow().age()).isZero();
        assertThat(cache.freshness().max()).isZero();
      }
    }
  }

  @Test
  void R3_anUnmentionedIdIsUnconfirmed() throws Exception {
    remote.answers(items -> Map.of());
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 1_000);
      for (int cycle = 1; cycle <= 3; cycle++) {
        ticker.jump(SECOND);
        assertThat(cache.sync()).as("it is no failure, and not backed off")
            .returns(1L, CycleReport::unanswered).returns(0L, CycleReport::failed);
        assertThat(cache.get("a")).isEqualTo(1_000);
        assertThat(cache.inspect("a").orElseThrow())
            .returns(SECOND.multipliedBy(cycle), ItemState::age).returns(0, ItemState::failures)
            .returns(cycle, ItemState::unanswered).returns(false, ItemState::confirmed);
        assertThat(cache.freshness().max()).isEqualTo(SECOND.multipliedBy(cycle));
      }
      assertThat(cache.stats()).returns(3L, Stats::unanswered).returns(0L, Stats::failing);
      assertThat(events).containsExactly(Told.created("a", 1_000));
      remote.answersAll(Outcome.unchanged());
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow()).returns(0, ItemState::unanswered)
          .returns(true, ItemState::confirmed);
    }
  }

  @Test
  void R3_unansweredItemsAreCountedOneByOne() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      remote.answers(items -> Map.of("b", Outcome.unchanged()));
      cache.sync();
      remote.answers(items -> Map.of());
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow().unanswered()).isEqualTo(2);
      assertThat(cache.inspect("b").orElseThrow().unanswered()).isOne();
      assertThat(cache.stats().unanswered()).isEqualTo(3);
    }
  }

  @Test
  void R3_aFailureDoesNotConfirmAnItem() throws Exception {
    remote.answersAll(Outcome.failed(failure));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 1_000);
      ticker.jump(SECOND);
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow()).returns(SECOND, ItemState::age).returns(1, ItemState::failures)
          .returns(failure.toString(), state -> state.lastFailure().orElseThrow().toString()).returns(false, ItemState::confirmed);
      assertThat(events).containsExactly(Told.created("a", 1_000), Told.refreshFailed("a", 1_000, 1));
    }
  }

  @Test
  void R3_idsThatWereNotInTheBatchAreIgnoredAndCounted() throws Exception {
    remote.answers(items -> {
      Map<String, Outcome<Integer>> outcomes = new HashMap<>();
      for (String id : new String[] {"a", "b", "unknown", null}) {
        outcomes.put(id, Outcome.updated(99));
      }
      return outcomes;
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      cache.getOrCreate("c", 0);
      CycleReport report = cache.sync();

      assertThat(report).returns(3L, CycleReport::refreshCalls).returns(2L, CycleReport::updated)
          .returns(1L, CycleReport::unanswered).returns(3L + 3L + 4L, CycleReport::unknownIds);
      isTrue(report);
      assertThat(cache.stats().unknownIds()).isEqualTo(10);
      assertThat(cache.size()).isEqualTo(3);
      assertThat(cache.get("unknown")).isNull();
      assertThat(cache.get("c")).isZero();
      assertThat(events).extracting(Told::kind)
          .containsExactlyInAnyOrder("created", "created", "created", "updated", "updated");
    }
  }

  /** Row G of the faults: ids are Long, and the answer's keys Integer. */
  @Test
  void R3_anAnswerOfOtherIdsOnly_isLoggedOnce_withOneIdOfEachKindAndTheirTypes() throws Exception {
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<Object, Integer> cache = AutoRefresh.<Object, Integer>builder().name(log.name())
            .refreshEvery(PERIOD).ticker(ticker).refreshBatch(items -> {
          Map<Object, Outcome<Integer>> outcomes = new HashMap<>();
          items.keySet().forEach(id -> outcomes.put(((Long) id).intValue(), Outcome.unchanged()));
          return outcomes;
        }).build()) {
      cache.getOrCreate(1_017L, 0);
      cache.getOrCreate(1_018L, 0);
      for (int cycle = 0; cycle < 3; cycle++) {
        assertThat(cache.sync()).returns(2L, CycleReport::unanswered).returns(2L, CycleReport::unknownIds);
      }
      assertThat(log.entries()).hasSize(1).first().asString().contains("WARNING").contains("jobs")
          .contains("101").contains("java.lang.Long").contains("java.lang.Integer");
    }
  }

  @Test
  void R3_anAnswerOfNoIds_orOfSomeOfThoseAskedFor_isNotLogged() throws Exception {
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Integer> cache = jobs().name(log.name()).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      remote.answers(items -> Map.of());
      cache.sync();
      remote.answers(items -> Map.of("a", Outcome.unchanged(), "unknown", Outcome.unchanged()));
      assertThat(cache.sync()).returns(1L, CycleReport::unanswered).returns(1L, CycleReport::unknownIds);
      assertThat(log.entries()).isEmpty();
    }
  }

  @Test
  void R3_aNullOutcomeIsAFailureOfThatItem() throws Exception {
    remote.answers(items -> {
      Map<String, Outcome<Integer>> outcomes = Remote.increments(items);
      outcomes.put("a", null);
      return outcomes;
    });
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Integer> cache = jobs().name(log.name()).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      assertThat(cache.sync()).returns(1L, CycleReport::failed).returns(1L, CycleReport::updated);
      assertThat(cache.get("a")).isZero();
      assertThat(cache.inspect("a").orElseThrow()).returns(1, ItemState::failures);
      assertThat(cache.inspect("a").orElseThrow().lastFailure()).isPresent();
      assertThat(cache.get("b")).isOne();
      assertThat(log.entries()).hasSizeLessThanOrEqualTo(1);
    }
  }

  @Test
  void R3_aNullResultIsAFailureOfAllItems() throws Exception {
    remote.answers(items -> null);
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Integer> cache = jobs().name(log.name()).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      assertThat(cache.sync()).returns(2L, CycleReport::failed);
      assertThat(cache.inspect("b").orElseThrow().lastFailure()).isPresent();
      assertThat(log.entries()).hasSizeLessThanOrEqualTo(1);
    }
  }

  /** A map that cannot be looked into. */
  private static final class Broken<K, V> extends AbstractMap<K, V> {
    @Override
    public Set<Entry<K, V>> entrySet() {
      throw new IllegalStateException("of the test");
    }
  }

  @Test
  void R3_aResultThatCannotBeReadIsAFailureOfAllItems() throws Exception {
    remote.answers(items -> new Broken<>());
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Integer> cache = jobs().name(log.name()).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      assertThat(cache.sync()).returns(2L, CycleReport::failed);
      assertThat(cache.inspect("b").orElseThrow().lastFailure().orElseThrow().message()).contains("of the test");
      assertThat(cache.stats()).returns(0L, Stats::inFlight).returns(0L, Stats::runningJobs);
      assertThat(log.entries()).hasSize(1);
    }
  }

  @Test
  void R3_theFinalStateIsLookedForInUpdatedAndInUnchangedItems() throws Exception {
    Integer[] end = {1_000};
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> end[0].equals(item)).build()) {
      cache.getOrCreate("updated", 0);
      cache.getOrCreate("unchanged", 5);
      remote.answers(items -> Map.of("updated", Outcome.updated(5), "unchanged", Outcome.unchanged()));
      end[0] = 5;
      assertThat(cache.sync()).returns(1L, CycleReport::updated).returns(1L, CycleReport::unchanged)
          .returns(2L, CycleReport::becameTerminal);
      assertThat(cache.stats()).returns(2L, Stats::terminal).returns(2L, Stats::becameTerminal);
      assertThat(events).containsExactlyInAnyOrder(Told.created("updated", 0), Told.created("unchanged", 5),
          Told.updated("updated", 0, 5), Told.becameTerminal("updated", 5), Told.becameTerminal("unchanged", 5));
      assertThat(cache.sync().items()).isZero();
    }
  }

  @Test
  void R3_ofASingleItemAnEqualOneIsUnchangedAndNullIsDeleted() throws Exception {
    String same = "same";
    try (AutoRefresh<String, String> cache = AutoRefresh.<String, String>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).refresh((id, current) -> switch (id) {
          case "unchanged" -> current;
          case "equal" -> new StringBuilder(current).toString();
          case "deleted" -> null;
          case "failed" -> throw failure;
          default -> "new";
        }).build()) {
      for (String id : List.of("unchanged", "equal", "deleted", "failed", "updated")) {
        cache.getOrCreate(id, same);
      }
      CycleReport report = cache.sync();
      assertThat(report).returns(5L, CycleReport::refreshCalls).returns(1L, CycleReport::updated)
          .returns(2L, CycleReport::unchanged).returns(1L, CycleReport::deletedByRemote)
          .returns(1L, CycleReport::failed);
      assertThat(cache.get("unchanged")).isSameAs(same);
      assertThat(cache.get("equal")).as("an equal value leaves the instance that was there").isSameAs(same);
      assertThat(cache.get("deleted")).isNull();
      assertThat(cache.get("failed")).isSameAs(same);
      assertThat(cache.get("updated")).isEqualTo("new");
    }
  }

  @Test
  void R3_everyItemOfACycleIsCountedOnce() throws Exception {
    Random random = new Random(17);
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(8).maxConcurrency(1)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(1)).build()) {
      remote.answers(items -> {
        Map<String, Outcome<Integer>> outcomes = new HashMap<>();
        items.forEach((id, item) -> {
          switch (random.nextInt(7)) {
            case 0 -> outcomes.put(id, Outcome.unchanged());
            case 1 -> outcomes.put(id, Outcome.deleted());
            case 2 -> outcomes.put(id, Outcome.failed(failure));
            case 3 -> outcomes.put("foreign", Outcome.unchanged());
            case 4 -> {
              cache.deleteDelayed(id);
              outcomes.put(id, Outcome.updated(item + 1));
            }
            case 5 -> cache.deleteDelayed("id-" + random.nextInt(40));
            default -> outcomes.put(id, Outcome.updated(item + 1));
          }
        });
        return outcomes;
      });
      long items = 0;
      for (int cycle = 0; cycle < 200; cycle++) {
        IntStream.range(0, 40).forEach(i -> cache.getOrCreate("id-" + i, 0));
        CycleReport report = cache.sync();
        isTrue(report);
        items += report.items();
        ticker.jump(SECOND);
      }
      Stats stats = cache.stats();
      assertThat(items).isGreaterThan(stats.updated() + stats.unchanged() + stats.deletedByRemote() + stats.failed()
          + stats.unanswered());
      assertThat(List.of(stats.updated(), stats.unchanged(), stats.deletedByRemote(), stats.failed(),
          stats.unanswered(), stats.staleOutcomes(), stats.unknownIds(), stats.deletions()))
          .allMatch(count -> count > 20);
      assertThat(stats.cycles()).isEqualTo(200);
    }
  }
}
