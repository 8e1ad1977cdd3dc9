package io.autorefresh.share;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;

/** One cache whose refreshes are shared with caches that the test plays; at 100 an item is terminal. */
abstract class SharedCache {

  static final Duration PERIOD = Duration.ofSeconds(10);

  final ManualTicker ticker = new ManualTicker();
  final Remote remote = new Remote(ticker).answersAll(Outcome.unchanged());
  final Others others = new Others(ticker);
  final List<Told> events = new CopyOnWriteArrayList<>();
  AutoRefresh<String, Integer> cache;

  AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder().name("shared").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .terminal(value -> value == 100).onDelete(remote).listener(event -> events.add(Told.of(event)))
        .share(others, new Others.Numbers());
  }

  /** Starts the cache with an item that the remote has confirmed. */
  void start() {
    start(builder());
  }

  void start(AutoRefreshBuilder<String, Integer> builder) {
    cache = builder.start();
    cache.getOrCreate("a", 1);
    pass(0);
  }

  @AfterEach
  void close() {
    if (cache != null) {
      cache.close();
    }
  }

  void pass(long millis) {
    ticker.advance(Duration.ofMillis(millis));
  }

  ItemState<Integer> state() { return cache.inspect("a").orElseThrow(); }

  Duration age() { return state().age(); }
}
