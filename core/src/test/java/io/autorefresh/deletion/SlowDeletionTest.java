package io.autorefresh.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R1 and D3: deletions begin a cycle, but many slow ones do not keep the live items from their refreshes. */
@Timeout(60)
class SlowDeletionTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int STEPS = 10;
  private static final int PERIODS = 40;
  private static final int DELETIONS = 100;
  /** The slots are busy with deletions until their time-out; then it is the refreshes' turn. */
  private static final Duration TIMEOUT = PERIOD.multipliedBy(3);

  private final ManualTicker ticker = new ManualTicker();
  private final Gate gate = new Gate(ticker);
  private LogCapture log;

  @BeforeEach
  void takeTheLog() throws Exception {
    log = LogCapture.open();
  }

  @AfterEach
  void giveTheLogBack() throws Exception {
    gate.open();
    log.close();
  }

  private static void delete(AutoRefresh<String, Integer> cache) {
    IntStream.range(0, DELETIONS).forEach(i -> {
      cache.getOrCreate("gone-" + i, 0);
      cache.deleteDelayed("gone-" + i);
    });
  }

  /** Moves the ticker over many periods; returns the greatest age of an item meanwhile. */
  private Duration greatestAge(AutoRefresh<String, Integer> cache, String id) {
    Duration greatest = Duration.ZERO;
    for (int step = 0; step < PERIODS * STEPS; step++) {
      ticker.jump(PERIOD.dividedBy(STEPS)).settle();
      Duration age = cache.inspect(id).orElseThrow().age();
      greatest = age.compareTo(greatest) > 0 ? age : greatest;
    }
    return greatest;
  }

  @ParameterizedTest(name = "spread = {0}")
  @ValueSource(booleans = {false, true})
  void R1_manyDeletionsThatHang_doNotStopRefreshes(boolean spread) throws Exception {
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).spread(spread).maxConcurrency(2).refreshTimeout(TIMEOUT)
        .onDelete((id, item) -> gate.pass()).refresh((id, item) -> item + 1).build()) {
      cache.getOrCreate("live", 0);
      delete(cache);
      cache.start();
      assertThat(greatestAge(cache, "live")).as("the age of a live item while deletions hang")
          .isLessThan(PERIOD.multipliedBy(12));
      assertThat(cache.stats().deletionFailures()).as("deletions that hung").isGreaterThan(2);
      assertThat(cache.stats().deletions()).isZero();
      gate.open();
    }
  }

  @ParameterizedTest(name = "spread = {0}")
  @ValueSource(booleans = {false, true})
  void R1_moreSlowDeletionsThanAPeriodHasRoomFor_doNotStopRefreshes(boolean spread) throws Exception {
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).spread(spread).maxConcurrency(2).maxCallsPerSecond(1).refreshOnCreate(false)
        .onDelete((id, item) -> {}).refresh((id, item) -> item + 1).build()) {
      cache.getOrCreate("live", 0);
      delete(cache);
      cache.start();
      assertThat(greatestAge(cache, "live")).as("the age of a live item while deletions wait for the rate")
          .isLessThanOrEqualTo(PERIOD.multipliedBy(5));
      assertThat(cache.stats().deletions()).as("all were carried out in the end").isEqualTo(DELETIONS);
    }
  }

  /** Those that hang come first in each cycle, and nothing is done when it is their turn. */
  @Test
  void R1_deletionsDoNotTakeTheTurnOfARefresh_whereOthersHang() throws Exception {
    int hang = 6;
    NavigableSet<Integer> deletionsBefore = new ConcurrentSkipListSet<>();
    AtomicInteger deletions = new AtomicInteger();
    List<String> asked = new CopyOnWriteArrayList<>();
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD)
        .ticker(ticker).spread(false).maxConcurrency(hang + 2).maxCallsPerSecond(1).refreshOnCreate(false)
        .refreshTimeout(PERIOD.multipliedBy(PERIODS + 2))
        .onDelete((id, item) -> deletions.incrementAndGet()).refresh((id, item) -> {
          asked.add(id);
          if (asked.size() <= hang) {
            gate.pass();
          }
          deletionsBefore.add(deletions.get());
          return item + 1;
        }).build()) {
      IntStream.rangeClosed(0, hang).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.start();
      ticker.jump(PERIOD);
      for (int i = 0; i <= hang; i++) {
        int before = i;
        Await.until("one more was asked for", () -> asked.size() > before);
        ticker.jump(Duration.ofSeconds(1));
      }
      delete(cache);
      for (int step = 0; step < PERIODS * STEPS; step++) {
        ticker.jump(PERIOD.dividedBy(STEPS)).settle();
        Await.until("only what hangs runs", () -> cache.stats().runningJobs() <= hang);
      }
      assertThat(deletions).hasValue(DELETIONS);
      assertThat(deletionsBefore.higher(0)).as("deletions before the one that does not hang had its first turn")
          .isLessThanOrEqualTo(4);
    }
  }
}
