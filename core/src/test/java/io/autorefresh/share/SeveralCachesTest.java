package io.autorefresh.share;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Three caches over one exchange ask the remote as often as one, and all have its answers. */
@Timeout(60)
class SeveralCachesTest {

  private static final Duration PERIOD = ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final MemoryExchange store = new MemoryExchange(ticker);
  private final Map<String, Integer> values = new ConcurrentHashMap<>(Map.of("a", 1, "b", 2));
  private final Remote remote = new Remote(ticker).answers(items -> {
    Map<String, Outcome<Integer>> outcomes = new ConcurrentHashMap<>();
    items.keySet().forEach(id ->
        outcomes.put(id, values.containsKey(id) ? Outcome.updated(values.get(id)) : Outcome.deleted()));
    return outcomes;
  });
  private final List<AutoRefresh<String, Integer>> caches = new ArrayList<>();

  private AutoRefresh<String, Integer> start(String name) {
    AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name(name).refreshEvery(PERIOD)
        .ticker(ticker).refreshBatch(remote).terminal(value -> value == 100)
        .share(store.connect(), new Others.Numbers()).start();
    caches.add(cache);
    cache.getOrCreate("a", 0);
    cache.getOrCreate("b", 0);
    ticker.settle();
    return cache;
  }

  private void startThree() {
    for (int i = 0; i < 3; i++) {
      start("cache-" + i);
      pass(100);
    }
  }

  @AfterEach
  void close() {
    caches.forEach(AutoRefresh::close);
  }

  private void pass(long millis) {
    ticker.advance(ofMillis(millis));
  }

  private void assertAllHave(String id, Integer value) {
    assertThat(caches).allSatisfy(cache -> assertThat(cache.get(id)).isEqualTo(value));
  }

  @Test
  void P5_cacheThatJoins_fillsItselfFromTheExchange() {
    startThree();
    assertAllHave("a", 1);
    assertAllHave("b", 2);
    assertThat(remote.refreshes("a")).isOne();
    assertThat(remote.refreshes("b")).isOne();
    assertThat(caches).allSatisfy(cache -> {
      assertThat(cache.inspect("a").orElseThrow().confirmed()).isTrue();
      assertThat(cache.awaitReady(Duration.ZERO)).isTrue();
    });
  }

  @Test
  void P1_P2_threeCaches_askAsOftenAsOne_andNothingIsOlderThanAPeriod() {
    startThree();
    remote.forget();
    for (int period = 0; period < 20; period++) {
      values.put("a", 10 + period);
      for (int i = 0; i < 10; i++) {
        pass(1_000);
        assertThat(caches).allSatisfy(
            cache -> assertThat(cache.freshness().max()).isLessThanOrEqualTo(PERIOD.multipliedBy(23).dividedBy(20)));
      }
    }
    assertThat(remote.refreshes("a")).isBetween(18L, 21L);
    assertThat(remote.refreshes("b")).isBetween(18L, 21L);
    pass(12_000);
    assertAllHave("a", 29);
  }

  /** Each cache goes on with parts of batches that it got when all started, and fills them. */
  @Test
  void S6_threeCaches_atASlowRemote_callFullBatches() {
    AtomicInteger calls = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("cache-" + i)
          .refreshEvery(PERIOD).ticker(ticker).batchSize(10).spread(false).refreshBatch(items -> {
            calls.incrementAndGet();
            ticker.sleep(ofSeconds(3));
            return Remote.all(items, Outcome.unchanged());
          }).share(store.connect(), new Others.Numbers()).build();
      caches.add(cache);
      for (int n = 0; n < 400; n++) {
        cache.getOrCreate("item-" + n, 0);
      }
      cache.start();
      pass(300);
    }
    pass(20_000);
    calls.set(0);
    pass(PERIOD.toMillis() * 5);
    assertThat(calls.get()).isBetween(200, 230);
  }

  @Test
  void changeTerminalAndDeletion_reachAll() {
    startThree();
    values.put("a", 100);
    values.remove("b");
    pass(13_000);
    assertAllHave("a", 100);
    assertAllHave("b", null);
    assertThat(caches).allSatisfy(cache -> assertThat(cache.inspect("a").orElseThrow().terminal()).isTrue());
    assertThat(remote.refreshes("a")).isEqualTo(2);
    assertThat(remote.refreshes("b")).isEqualTo(2);
  }

  @Test
  void W1_await_returnsWhatAnotherCacheWasTold() throws Exception {
    startThree();
    List<Worker<Integer>> waiting = new ArrayList<>();
    for (AutoRefresh<String, Integer> cache : caches) {
      waiting.add(Worker.start(() -> cache.await("a", value -> value == 5, ofSeconds(100))).awaitWaiting());
    }
    values.put("a", 5);
    pass(13_000);
    for (Worker<Integer> each : waiting) {
      assertThat(each.result()).isEqualTo(5);
    }
    assertThat(remote.refreshes("a")).isEqualTo(2);
  }

  @Test
  void P3_cacheThatAskedAndIsClosed_isTakenOverByTheOthers() {
    startThree();
    pass(5_000);
    caches.removeFirst().close();
    remote.forget();
    values.put("a", 7);
    pass(8_500);
    assertAllHave("a", 7);
    assertThat(remote.refreshes("a")).isOne();
  }

  @Test
  void P7_retryAfter_isObeyedByAll() {
    startThree();
    remote.forget();
    remote.answers(items -> {
      throw new RetryAfterException(ofSeconds(60));
    });
    pass(60_000);
    assertThat(remote.refreshes()).hasSize(1);
  }
}
