package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The age of an item counts how old the answer was that confirmed it; row W of the faults. */
@Timeout(60)
class AgedTest {

  private static final Duration OLD = Duration.ofMinutes(29);
  private static final Duration PART = Duration.ofSeconds(3);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefresh<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(Duration.ofSeconds(10)).ticker(ticker)
        .refreshBatch(remote).build();
  }

  private static Duration age(AutoRefresh<String, Integer> cache, String id) {
    return cache.inspect(id).orElseThrow().age();
  }

  @Test
  void aged_anAnswerThatIsOldAlready_countsItsAge() throws Exception {
    for (Outcome<Integer> outcome : List.of(Outcome.updated(1).aged(OLD), Outcome.<Integer>unchanged().aged(OLD))) {
      try (AutoRefresh<String, Integer> cache = jobs()) {
        remote.answersAll(outcome);
        cache.getOrCreate("a", 0);
        cache.sync();
        assertThat(age(cache, "a")).isEqualTo(OLD);
        assertThat(cache.inspect("a").orElseThrow().confirmed()).isTrue();
        ticker.jump(PART);
        assertThat(age(cache, "a")).as("it grows with the time").isEqualTo(OLD.plus(PART));
        assertThat(cache.freshness().max()).isEqualTo(OLD.plus(PART));
      }
    }
  }

  @Test
  void aged_anEqualValue_countsItsAgeToo() throws Exception {
    remote.answersAll(Outcome.updated(0).aged(OLD));
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.sync().unchanged()).isOne();
      assertThat(age(cache, "a")).isEqualTo(OLD);
    }
  }

  @Test
  void aged_theNextAnswerCountsAnew() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      remote.answersAll(Outcome.<Integer>unchanged().aged(OLD));
      cache.sync();
      remote.answersAll(Outcome.<Integer>unchanged().aged(PART));
      cache.sync();
      assertThat(age(cache, "a")).isEqualTo(PART);
      remote.answersAll(Outcome.unchanged());
      cache.sync();
      assertThat(age(cache, "a")).isZero();
    }
  }

  @Test
  void aged_itIsOfTheItemAndNotOfItsBatch() throws Exception {
    Map<String, Outcome<Integer>> answer = new HashMap<>();
    answer.put("old", Outcome.<Integer>unchanged().aged(OLD));
    answer.put("new", Outcome.updated(1));
    answer.put("failed", Outcome.<Integer>failed(new IOException("of the test")).aged(OLD));
    remote.answers(items -> answer);
    try (AutoRefresh<String, Integer> cache = jobs()) {
      answer.keySet().forEach(id -> cache.getOrCreate(id, 0));
      cache.sync();
      assertThat(age(cache, "old")).isEqualTo(OLD);
      assertThat(age(cache, "new")).isZero();
      assertThat(age(cache, "failed")).as("a failure confirms nothing").isZero();
      assertThat(cache.inspect("failed").orElseThrow()).returns(false, ItemState::confirmed);
      assertThat(cache.freshness().oldest()).first().isEqualTo("old");
    }
  }

  @Test
  void aged_lessThanZeroCountsAsZero_andMoreThanAYearAsAYear() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      remote.answersAll(Outcome.<Integer>unchanged().aged(Duration.ofSeconds(Long.MIN_VALUE)));
      cache.sync();
      assertThat(age(cache, "a")).isZero();
      remote.answersAll(Outcome.<Integer>unchanged().aged(Duration.ofSeconds(Long.MAX_VALUE)));
      cache.sync();
      assertThat(age(cache, "a")).isEqualTo(Duration.ofDays(365));
    }
  }

  /** The age is no due time: the item keeps its place in the cycles. */
  @Test
  void aged_doesNotChangeWhenTheItemIsDue() throws Exception {
    remote.answersAll(Outcome.<Integer>unchanged().aged(OLD));
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      for (int cycle = 0; cycle < 3; cycle++) {
        assertThat(cache.sync().unchanged()).isOne();
        assertThat(cache.inspect("a").orElseThrow().due()).isEqualTo(ItemState.Due.NEXT_CYCLE);
      }
    }
  }

  @Test
  void aged_andNextIn_holdTogether() throws Exception {
    remote.answersAll(Outcome.<Integer>unchanged().nextIn(OLD).aged(PART));
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      assertThat(age(cache, "a")).isEqualTo(PART);
      assertThat(cache.sync().items()).as("it is due later").isZero();
      ticker.jump(OLD);
      assertThat(cache.sync().unchanged()).isOne();
    }
  }
}
