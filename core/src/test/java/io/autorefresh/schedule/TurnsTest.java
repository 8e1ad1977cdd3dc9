package io.autorefresh.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * R1 under overrun: what a cycle did not hand out goes first in the next, whose walk continues where that stopped. So
 * between two calls of an item every other due item of its group is called once.
 */
@Timeout(60)
class TurnsTest {

  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int ITEMS = 37;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, Integer> jobs(int callsPerSecond) {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .batchSize(1).refreshOnCreate(false).maxCallsPerSecond(callsPerSecond).refreshTimeout(Duration.ofDays(1));
  }

  private static Set<String> create(AutoRefresh<String, Integer> cache, String prefix, int items) {
    List<String> ids = IntStream.range(0, items).mapToObj(i -> prefix + i).toList();
    ids.forEach(id -> cache.getOrCreate(id, 0));
    return new HashSet<>(ids);
  }

  private void forward(AutoRefresh<String, Integer> cache, int periods) throws Exception {
    ticker.advance(PERIOD.multipliedBy(periods));
  }

  /** Between two calls of one of these items each other one of them is called once. */
  private void takeTurns(Set<String> ids, int rounds) {
    List<String> calls =
        remote.refreshes().stream().flatMap(call -> call.ids().stream()).filter(ids::contains).toList();
    assertThat(calls.size()).as("calls").isGreaterThan(rounds * ids.size());
    for (int from = 0; from + ids.size() <= calls.size(); from++) {
      assertThat(calls.subList(from, from + ids.size())).as("from call %s on", from).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest(name = "spread: {0}, {1} calls a second")
  @CsvSource({"false, 10", "true, 10", "false, 20", "true, 7"})
  void R1_whereTheRateIsTooLow_itemsTakeTurns(boolean spread, int rate) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(rate).spread(spread).build()) {
      Set<String> ids = create(cache, "id-", ITEMS);
      cache.start();
      forward(cache, 1 + 4 * ITEMS / rate);
      takeTurns(ids, 2);
      assertThat(cache.stats().overruns()).isPositive();
    }
  }

  /** The last batch of a round is not full: the next round begins with the next call. */
  @Test
  void R1_whereTheRateIsTooLow_batchesTakeTurns() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(10).batchSize(3).spread(false).build()) {
      Set<String> ids = create(cache, "id-", 3 * ITEMS);
      cache.start();
      forward(cache, 16);
      List<Set<String>> calls = remote.refreshes().stream().map(Remote.Call::ids).toList();
      assertThat(calls.size()).isGreaterThan(3 * ITEMS);
      for (int from = 0; from + ITEMS <= calls.size(); from++) {
        assertThat(calls.subList(from, from + ITEMS)).as("from call %s on", from).flatMap(Set::copyOf)
            .doesNotHaveDuplicates();
      }
      assertThat(ids).allMatch(id -> remote.refreshes(id) >= 3);
    }
  }

  @ParameterizedTest(name = "spread: {0}")
  @CsvSource({"false", "true"})
  void R1_withGroups_theItemsOfEachGroupTakeTurns(boolean spread) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(10).spread(spread).batchBy((id, item) -> id.substring(0, 4))
        .build()) {
      Set<String> east = create(cache, "east-", 24);
      Set<String> west = create(cache, "west-", 9);
      cache.start();
      forward(cache, 14);
      takeTurns(east, 1);
      takeTurns(west, 1);
    }
  }

  @Test
  void R1_whereSlotsAreScarce_itemsTakeTurns() throws Exception {
    Duration latency = PERIOD.dividedBy(10);
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).refreshBatch(remote).batchSize(1).refreshOnCreate(false).maxConcurrency(1).spread(false)
        .refreshTimeout(Duration.ofDays(1)).build()) {
      Set<String> ids = create(cache, "id-", ITEMS);
      remote.answers(items -> {
        ticker.jump(latency);
        return Remote.increments(items);
      });
      cache.start();
      ticker.jump(PERIOD);
      Await.until("all had their turns", () -> remote.refreshes().size() > 5 * ITEMS);
      takeTurns(ids, 4);
    }
  }

  /** The remote is slow at first: each period suffices for some of the items. */
  @Test
  void R1_whenTheRemoteIsQuickAgain_itemsTakeTurnsAsBefore() throws Exception {
    AtomicBoolean slow = new AtomicBoolean(true);
    remote.answers(items -> {
      if (slow.get()) {
        ticker.jump(PERIOD.dividedBy(20));
      }
      slow.set(remote.refreshes().size() < 3 * ITEMS + 5);
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).refreshBatch(remote).batchSize(1).refreshOnCreate(false).maxConcurrency(1).spread(false)
        .refreshTimeout(Duration.ofDays(1)).build()) {
      Set<String> ids = create(cache, "id-", ITEMS);
      cache.start();
      ticker.jump(PERIOD);
      Await.until("the remote is quick", () -> !slow.get());
      Await.until("nothing waits", () -> cache.stats().backlog() == 0 && cache.stats().runningJobs() == 0);
      for (int cycle = 0; cycle < 3; cycle++) {
        int before = remote.refreshes().size();
        ticker.jump(PERIOD);
        Await.until("each was called once more", () -> remote.refreshes().size() >= before + ITEMS);
      }
      takeTurns(ids, 5);
    }
  }
}
