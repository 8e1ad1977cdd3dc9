package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Outcome;
import io.autorefresh.testing.FakeRemote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R7, M2: bad items in the only batch, each call with which throws, cost their good neighbours little. */
@Timeout(60)
class ManyBadItemsTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final FakeRemote<Integer, Integer> remote = new FakeRemote<>(ticker, 1, (id, version) -> version);

  private Map<Integer, Outcome<Integer>> refresh(Map<Integer, Integer> items, Set<Integer> bad) throws Exception {
    if (items.keySet().stream().anyMatch(bad::contains)) {
      throw new IllegalStateException("of the test");
    }
    return remote.refresh(items);
  }

  @ParameterizedTest(name = "{0} of {1} items are bad")
  @CsvSource({"1, 10", "2, 10", "3, 20", "5, 100", "10, 40"})
  void R7_M2_badItemsInTheOnlyBatch_doNotKeepTheOthersFromBeingFresh(int count, int items) {
    Set<Integer> bad = IntStream.range(0, count).mapToObj(i -> i * items / count).collect(Collectors.toSet());
    try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder().refreshEvery(PERIOD)
        .ticker(ticker).refreshBatch(all -> refresh(all, bad)).start()) {
      IntStream.range(0, items).forEach(id -> cache.getOrCreate(id, 0));
      ticker.advance(PERIOD.multipliedBy(100));
      assertThat(IntStream.range(0, items).filter(id -> !bad.contains(id)))
          .allMatch(id -> cache.inspect(id).orElseThrow().age().compareTo(PERIOD.multipliedBy(2)) <= 0);
      assertThat(cache.stats().suspects()).isLessThanOrEqualTo(count);
    }
  }
}
