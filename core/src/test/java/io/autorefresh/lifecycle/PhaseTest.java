package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L1: each cache chooses its phase at random, once, so that caches that are started together do not call together. */
@Timeout(60)
class PhaseTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int CACHES = 20;

  private final ManualTicker ticker = new ManualTicker();
  private final List<Remote> remotes = new ArrayList<>();
  private final List<AutoRefresh<String, Integer>> caches = new ArrayList<>();

  private void startTogether(boolean spread) {
    for (int i = 0; i < CACHES; i++) {
      Remote remote = new Remote(ticker);
      AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("cache " + i).spread(spread)
          .refreshEvery(PERIOD).refreshOnCreate(false).ticker(ticker).refreshBatch(remote).build();
      cache.getOrCreate("a", 0);
      remotes.add(remote);
      caches.add(cache);
    }
    caches.forEach(AutoRefresh::start);
  }

  @AfterEach
  void close() {
    caches.forEach(AutoRefresh::close);
  }

  private Duration call(int cache, int number) {
    List<Remote.Call> calls = remotes.get(cache).calls();
    assertThat(calls).as("calls of cache %s", cache).hasSizeGreaterThanOrEqualTo(number);
    return calls.get(number - 1).at();
  }

  @Test
  void L1_cachesThatStartTogether_doNotCallTogether() {
    startTogether(true);
    ticker.advance(PERIOD.multipliedBy(2));
    List<Duration> first = new ArrayList<>();
    for (int i = 0; i < CACHES; i++) {
      first.add(call(i, 1));
    }
    first.sort(null);
    assertThat(first.getFirst()).as("the first call of all").isGreaterThanOrEqualTo(PERIOD);
    assertThat(first.getLast()).as("the last first call").isLessThanOrEqualTo(PERIOD.multipliedBy(195).dividedBy(100));
    // All phases fall into one third of the gap once in some hundred million times.
    assertThat(first.getLast().minus(first.getFirst())).as("from the first to the last, of %s", first)
        .isGreaterThan(PERIOD.multipliedBy(3).dividedBy(10));
  }

  @Test
  void L1_aCacheKeepsThePhaseThatItChose() {
    startTogether(true);
    ticker.advance(PERIOD.multipliedBy(4));
    for (int i = 0; i < CACHES; i++) {
      for (int cycle = 2; cycle <= 3; cycle++) {
        assertThat(call(i, cycle).minus(call(i, cycle - 1))).as("the gap before call %s of cache %s", cycle, i)
            .isEqualTo(PERIOD);
      }
    }
  }

  @Test
  void L1_withoutSpread_theCallsOfACycleBeginAtItsTick() {
    startTogether(false);
    ticker.advance(PERIOD);
    for (int i = 0; i < CACHES; i++) {
      assertThat(call(i, 1)).isEqualTo(PERIOD);
    }
  }
}
