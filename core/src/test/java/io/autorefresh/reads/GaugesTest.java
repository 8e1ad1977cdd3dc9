package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.internal.items.Invariants;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** C4, D3, R1 and R6 in figures: the gauges count what {@code inspect} tells of each item, marked or not. */
@Timeout(60)
class GaugesTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final List<String> IDS =
      List.of("live", "live, marked", "failing", "failing, marked", "final", "final, marked", "final, failing, marked");

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefresh<String, Integer> jobs() throws InterruptedException {
    AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).refreshBatch(remote).batchSize(1).onDelete(remote).terminal(item -> item == 100).build();
    remote.answers(items -> {
      boolean fails = items.keySet().iterator().next().contains("failing");
      return Remote.all(items, fails ? Outcome.failed(new IllegalStateException("of the test")) : Outcome.unchanged());
    });
    remote.releases((id, item) -> {
      throw new IllegalStateException("of the test");
    });
    IDS.forEach(id -> cache.getOrCreate(id, id.startsWith("final") ? 100 : 0));
    IDS.stream().filter(id -> id.contains("failing, marked")).forEach(cache::deleteDelayed);
    cache.sync();
    ticker.jump(Duration.ofSeconds(1));
    IDS.stream().filter(id -> id.contains("marked")).forEach(cache::deleteDelayed);
    return cache;
  }

  private static long count(AutoRefresh<String, Integer> cache, Predicate<ItemState<Integer>> which) {
    return IDS.stream().map(cache::inspect).flatMap(Optional::stream).filter(which).count();
  }

  @Test
  void D3_terminalItemsAreCountedWhetherTheyAreMarkedOrNot() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      assertThat(cache.stats().pendingDeletion()).isEqualTo(count(cache, ItemState::marked)).isEqualTo(4);
      assertThat(cache.stats().terminal()).isEqualTo(count(cache, ItemState::terminal)).isEqualTo(3);
    }
  }

  @Test
  void R6_D3_failingItemsAreCountedWhetherTheyAreMarkedOrNot_untilTheySucceed() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      assertThat(cache.stats().failing()).isEqualTo(count(cache, item -> item.failures() > 0)).isEqualTo(3);
      ticker.jump(PERIOD.multipliedBy(20));
      assertThat(cache.stats().failing()).as("time alone changes nothing").isEqualTo(3);
      remote.answersAll(Outcome.unchanged());
      remote.releases((id, item) -> {});
      cache.sync();
      assertThat(cache.stats()).returns(0L, Stats::failing).returns(0L, Stats::pendingDeletion);
      assertThat(count(cache, item -> item.failures() > 0)).isZero();
    }
  }

  /** The age of an item that is not to be refreshed says nothing. */
  @Test
  void R1_onlyItemsThatAreToBeRefreshed_haveAnAgeInFreshness() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      remote.answersAll(Outcome.unchanged());
      ticker.jump(PERIOD.multipliedBy(2));
      cache.sync();
      assertThat(cache.inspect("final").orElseThrow().age()).isEqualTo(PERIOD.multipliedBy(2).plusSeconds(1));
      assertThat(cache.inspect("live, marked").orElseThrow().age()).isEqualTo(PERIOD.multipliedBy(2).plusSeconds(1));
      ticker.jump(Duration.ofSeconds(3));
      assertThat(cache.freshness().max()).isEqualTo(Duration.ofSeconds(3));
      assertThat(cache.freshness().count()).isEqualTo(2);
    }
  }

  private static void areTrue(AutoRefresh<String, Integer> cache, List<String> ids) {
    Map<String, ItemState<Integer>> states = new HashMap<>();
    ids.forEach(id -> cache.inspect(id).ifPresent(state -> states.put(id, state)));
    Stats stats = cache.stats();
    assertThat(stats.size()).isEqualTo(states.size()).isEqualTo(cache.size());
    assertThat(stats.terminal()).isEqualTo(count(states, ItemState::terminal));
    assertThat(stats.pendingDeletion()).isEqualTo(count(states, ItemState::marked));
    assertThat(stats.failing()).isEqualTo(count(states, state -> state.failures() > 0));
    assertThat(stats.neverRefreshed()).isEqualTo(count(states, state -> state.due() == ItemState.Due.FIRST_REFRESH));
    assertThat(stats.inFlight()).isZero();
  }

  private static long count(Map<String, ItemState<Integer>> states, Predicate<ItemState<Integer>> which) {
    return states.values().stream().filter(which).count();
  }

  /** What {@code stats()} tells without a walk is what a walk would find, whatever happens to items. */
  @ParameterizedTest(name = "refreshOnCreate = {0}")
  @ValueSource(booleans = {true, false})
  void C4_D3_R6_gaugesAreExact_whateverHappens(boolean refreshOnCreate) throws Exception {
    Random random = new Random(7);
    List<String> ids = IntStream.range(0, 60).mapToObj(i -> "id-" + i).toList();
    remote.answers(items -> {
      Map<String, Outcome<Integer>> outcomes = new HashMap<>();
      items.forEach((id, item) -> {
        switch (random.nextInt(8)) {
          case 0 -> outcomes.put(id, Outcome.failed(new IllegalStateException("of the test")));
          case 1 -> outcomes.put(id, Outcome.deleted());
          case 2 -> outcomes.put("foreign", Outcome.unchanged());
          case 3 -> outcomes.put(id, Outcome.<Integer>unchanged().nextIn(Duration.ofSeconds(random.nextInt(60))));
          case 4 -> outcomes.put(id, null);
          default -> outcomes.put(id, Outcome.updated(item + 1));
        }
      });
      return outcomes;
    });
    remote.releases((id, item) -> {
      if (random.nextInt(3) == 0) {
        throw new IllegalStateException("of the test");
      }
    });
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
            .ticker(ticker).maximumSize(40).batchSize(7).maxConcurrency(1).refreshOnCreate(refreshOnCreate)
            .refreshBatch(remote).onDelete(remote).terminal(item -> item >= 5).build()) {
      for (int step = 0; step < 3_000; step++) {
        String id = ids.get(random.nextInt(60));
        switch (random.nextInt(12)) {
          case 0, 1 -> cache.deleteDelayed(id);
          case 2 -> {
            cache.sync();
            ticker.jump(Duration.ofSeconds(random.nextInt(20)));
          }
          default -> cache.getOrCreate(id, random.nextInt(6));
        }
        areTrue(cache, ids);
      }
      assertThat(Invariants.check(cache)).isEmpty();
      assertThat(List.of(cache.stats().evictions(), cache.stats().deletions(), cache.stats().deletionFailures(),
          cache.stats().failed(), cache.stats().becameTerminal(), cache.stats().deletedByRemote()))
          .allMatch(count -> count > 20);
      assertThat(log.entries()).isNotEmpty();
    }
  }
}
