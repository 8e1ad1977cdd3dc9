package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D3, R1 and R6 in figures: the gauges count what {@code inspect} tells of each item, whether it is marked or not. */
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
    ticker.advance(Duration.ofSeconds(1));
    IDS.stream().filter(id -> id.contains("marked")).forEach(cache::deleteDelayed);
    return cache;
  }

  private static long count(AutoRefresh<String, Integer> cache, Predicate<ItemState<Integer>> which) {
    return IDS.stream().map(cache::inspect).flatMap(Optional::stream).filter(which).count();
  }

  @Test
  void D3_terminalItemsAreCountedWhetherTheyAreMarkedOrNot() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      assertThat(cache.stats().marked()).isEqualTo(count(cache, ItemState::marked)).isEqualTo(4);
      assertThat(cache.stats().terminal()).isEqualTo(count(cache, ItemState::terminal)).isEqualTo(3);
    }
  }

  @Test
  void R6_D3_whatBacksOffIsCountedWhetherItIsMarkedOrNot() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      assertThat(cache.stats().backingOff()).isEqualTo(count(cache, item -> item.failures() > 0)).isEqualTo(3);
      ticker.advance(PERIOD.multipliedBy(2));
      assertThat(cache.stats().backingOff()).as("all are due again").isZero();
    }
  }

  /** What is not to be refreshed has no age that says anything. */
  @Test
  void R1_theOldestIsOneThatIsToBeRefreshed() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs()) {
      remote.answersAll(Outcome.unchanged());
      ticker.advance(PERIOD.multipliedBy(2));
      cache.sync();
      assertThat(cache.inspect("final").orElseThrow().age()).isEqualTo(PERIOD.multipliedBy(2).plusSeconds(1));
      assertThat(cache.inspect("live, marked").orElseThrow().age()).isEqualTo(PERIOD.multipliedBy(2).plusSeconds(1));
      ticker.advance(Duration.ofSeconds(3));
      assertThat(cache.stats().oldest()).isEqualTo(Duration.ofSeconds(3));
    }
  }
}
