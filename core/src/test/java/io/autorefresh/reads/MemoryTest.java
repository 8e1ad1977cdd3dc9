package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.testing.ManualTicker;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R8: what is gone from the cache is not held by it. */
@Timeout(60)
class MemoryTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final List<WeakReference<Object>> gone = new ArrayList<>();
  private final AtomicReference<Outcome<Object>> outcome = new AtomicReference<>(Outcome.unchanged());

  private AutoRefreshBuilder<Integer, Object> jobs() {
    return AutoRefresh.<Integer, Object>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).spread(false)
        .refreshTimeout(Duration.ofDays(1)).refreshBatch(items -> all(items, outcome.get()));
  }

  private static Map<Integer, Outcome<Object>> all(Map<Integer, Object> items, Outcome<Object> outcome) {
    Map<Integer, Outcome<Object>> outcomes = new HashMap<>();
    items.keySet().forEach(id -> outcomes.put(id, outcome));
    return outcomes;
  }

  private void create(AutoRefresh<Integer, Object> cache, int from, int to) {
    for (int id = from; id < to; id++) {
      Object item = new Object();
      gone.add(new WeakReference<>(item));
      cache.getOrCreate(id, item);
    }
  }

  private void isReleased() throws Exception {
    Await.until("what is gone can be collected", () -> {
      System.gc();
      return gone.stream().allMatch(item -> item.get() == null);
    });
  }

  @Test
  void R8_deletedItemsAreReleasedThoughTheCacheWasNeverStarted() throws Exception {
    try (AutoRefresh<Integer, Object> cache = jobs().build()) {
      create(cache, 0, 50);
      for (int id = 0; id < 50; id++) {
        cache.deleteDelayed(id);
      }
      assertThat(cache.sync().deletions()).isEqualTo(50);
      isReleased();
      assertThat(cache.size()).isZero();
    }
  }

  @Test
  void R8_deletedItemsAreReleasedByTheLoop() throws Exception {
    try (AutoRefresh<Integer, Object> cache = jobs().onDelete((id, item) -> {}).build()) {
      cache.start();
      create(cache, 0, 50);
      Await.until("they are refreshed", () -> cache.stats().unchanged() == 50);
      for (int id = 0; id < 50; id++) {
        cache.deleteDelayed(id);
      }
      ticker.jump(PERIOD);
      Await.until("they are gone", () -> cache.size() == 0);
      isReleased();
    }
  }

  @Test
  void R8_itemsThatTheRemoteNoLongerHasAreReleased() throws Exception {
    try (AutoRefresh<Integer, Object> cache = jobs().build()) {
      create(cache, 0, 50);
      outcome.set(Outcome.deleted());
      assertThat(cache.sync().deletedByRemote()).isEqualTo(50);
      isReleased();
      assertThat(cache.size()).isZero();
    }
  }

  @Test
  void R8_evictedItemsAreReleasedThoughTheCacheWasNeverStarted() throws Exception {
    try (AutoRefresh<Integer, Object> cache = jobs().maximumSize(10).build()) {
      create(cache, 0, 60);
      Await.until("what is gone can be collected", () -> {
        System.gc();
        return gone.stream().filter(item -> item.get() != null).count() == 10;
      });
      assertThat(cache.size()).isEqualTo(10);
    }
  }

  @Test
  void R8_valuesThatWereReplacedAreReleased() throws Exception {
    try (AutoRefresh<Integer, Object> cache = jobs().build()) {
      create(cache, 0, 50);
      outcome.set(Outcome.updated(new Object()));
      assertThat(cache.sync().updated()).isEqualTo(50);
      isReleased();
      assertThat(cache.size()).isEqualTo(50);
    }
  }

  @Test
  void R8_aStragglerHoldsNothingButItsOwnItems() throws Exception {
    Gate gate = new Gate(ticker);
    try (AutoRefresh<Integer, Object> cache = jobs().batchSize(1).refreshBatch(items -> {
      if (items.containsKey(1_000)) {
        gate.pass();
      }
      return all(items, Outcome.unchanged());
    }).build()) {
      cache.getOrCreate(1_000, new Object());
      create(cache, 0, 50);
      cache.start();
      gate.awaitArrived(1);
      Await.until("the others are refreshed", () -> cache.stats().unchanged() == 50);
      for (int id = 0; id < 50; id++) {
        cache.deleteDelayed(id);
      }
      ticker.jump(PERIOD);
      Await.until("they are gone", () -> cache.size() == 1);
      isReleased();
      gate.open();
    }
  }
}
