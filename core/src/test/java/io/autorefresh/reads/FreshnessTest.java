package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Freshness;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How old the live items are: {@code freshness()}. */
@Timeout(60)
class FreshnessTest {

  private static final Duration PERIOD = Duration.ofHours(1);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .terminal(item -> item == 100);
  }

  /** Creates so many items, a second one after the other, the last of which has an age of a second then. */
  private void createEachSecond(AutoRefresh<String, Integer> cache, int items) {
    for (int i = 0; i < items; i++) {
      cache.getOrCreate("id-" + i, 0);
      ticker.jump(SECOND);
    }
  }

  @Test
  void freshness_ofNoItems_isZero() {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      assertThat(cache.freshness()).returns(0L, Freshness::count).returns(Duration.ZERO, Freshness::p50)
          .returns(Duration.ZERO, Freshness::p90).returns(Duration.ZERO, Freshness::p99)
          .returns(Duration.ZERO, Freshness::max).returns(List.of(), Freshness::oldest);
    }
  }

  @ParameterizedTest(name = "of {0} items")
  @CsvSource({"1, 1, 1, 1", "2, 1, 2, 2", "10, 5, 9, 10", "11, 6, 10, 11", "100, 50, 90, 99", "1000, 500, 900, 990"})
  void freshness_percentiles_areTheNearestRanks(int items, int p50, int p90, int p99) {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      createEachSecond(cache, items);
      assertThat(cache.freshness()).returns((long) items, Freshness::count)
          .returns(Duration.ofSeconds(p50), Freshness::p50).returns(Duration.ofSeconds(p90), Freshness::p90)
          .returns(Duration.ofSeconds(p99), Freshness::p99).returns(Duration.ofSeconds(items), Freshness::max);
    }
  }

  @Test
  void freshness_oldest_areTheTenOldestIds_theOldestFirst() {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      createEachSecond(cache, 4);
      assertThat(cache.freshness().oldest()).isEqualTo(List.of("id-0", "id-1", "id-2", "id-3"));
      createEachSecond(cache, 500);
      List<Object> oldest = cache.freshness().oldest();
      assertThat(oldest).isEqualTo(IntStream.range(0, 10).mapToObj(i -> "id-" + i).toList());
    }
  }

  @Test
  void freshness_ageOfAnItem_isThatOfInspect() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("confirmed", 0);
      cache.getOrCreate("aged", 0);
      cache.getOrCreate("unanswered", 0);
      remote.answers(items -> Map.of("confirmed", Outcome.unchanged(),
          "aged", Outcome.<Integer>unchanged().aged(Duration.ofMinutes(29))));
      ticker.jump(SECOND);
      cache.sync();
      ticker.jump(SECOND);
      assertThat(cache.freshness().oldest()).isEqualTo(List.of("aged", "unanswered", "confirmed"));
      assertThat(cache.freshness()).returns(cache.inspect("aged").orElseThrow().age(), Freshness::max)
          .returns(cache.inspect("unanswered").orElseThrow().age(), Freshness::p50)
          .returns(Duration.ofMinutes(29).plus(SECOND), Freshness::max).returns(SECOND.multipliedBy(2), Freshness::p50);
    }
  }

  @Test
  void freshness_terminalAndMarkedItems_areLeftOut() {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("final", 100);
      cache.getOrCreate("marked", 0);
      cache.deleteDelayed("marked");
      ticker.jump(SECOND);
      cache.getOrCreate("live", 0);
      ticker.jump(SECOND);
      assertThat(cache.freshness()).returns(1L, Freshness::count).returns(SECOND, Freshness::max)
          .returns(List.of("live"), Freshness::oldest);
    }
  }

  @Test
  void freshness_worksAfterTheClose_andDoesNotChangeAfterwards() {
    AutoRefresh<String, Integer> cache = jobs().build();
    createEachSecond(cache, 3);
    cache.close();
    Freshness before = cache.freshness();
    ticker.jump(SECOND);
    assertThat(before.max()).isEqualTo(SECOND.multipliedBy(3));
    assertThat(cache.freshness().max()).as("ages run on").isEqualTo(SECOND.multipliedBy(4));
  }

  @Test
  void freshness_isNoAccess() {
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(100).build()) {
      IntStream.range(0, 100).forEach(i -> cache.getOrCreate("id-" + i, 0));
      for (int time = 0; time < 3; time++) {
        IntStream.range(0, 20).forEach(i -> cache.get("id-" + i));
        cache.freshness();
        cache.freshness();
      }
      IntStream.range(0, 60).forEach(i -> cache.getOrCreate("new-" + i, 0));
      assertThat(IntStream.range(0, 20)).allMatch(i -> cache.get("id-" + i) != null);
    }
  }
}
