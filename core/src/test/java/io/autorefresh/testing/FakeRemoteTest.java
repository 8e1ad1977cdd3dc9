package io.autorefresh.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.Stats;
import io.autorefresh.Ticker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.testing.FakeRemote.Trouble;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the remote of the test kit promises. */
@Timeout(60)
class FakeRemoteTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration CALL = Duration.ofMillis(300);

  private final ManualTicker ticker = new ManualTicker();
  private final FakeRemote<String, String> remote = new FakeRemote<>(ticker, 7, (id, version) -> id + "." + version);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, String> jobs() {
    return AutoRefresh.<String, String>builder().name("jobs").ticker(ticker).refreshEvery(PERIOD).spread(false)
        .refreshBatch(remote).create(remote).onDelete(remote);
  }

  private static void create(AutoRefresh<String, String> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i));
  }

  @Test
  void itemsHaveLivesOfTheirOwn_theSameForTheSameSeed() {
    assertThat(versions(1, 15)).isEqualTo(versions(1, 15)).doesNotHaveDuplicates();
    assertThat(versions(1, 15)).as("in whichever steps they are looked at").endsWith(versions(1, 1).getLast());
    assertThat(versions(1, 15)).isNotEqualTo(versions(2, 15));
  }

  /** The versions of some items, in so many steps of the same time in all. */
  private static List<List<Integer>> versions(long seed, int steps) {
    ManualTicker ticker = new ManualTicker();
    FakeRemote<String, Integer> remote = new FakeRemote<String, Integer>(ticker, seed, (id, version) -> version)
        .changesEvery(PERIOD);
    List<List<Integer>> seen = new ArrayList<>();
    for (int step = 0; step <= steps; step++) {
      seen.add(IntStream.range(0, 20).mapToObj(i -> remote.create("id-" + i)).toList());
      ticker.advance(PERIOD.multipliedBy(15).dividedBy(steps));
    }
    return seen;
  }

  @Test
  void anItemChangesAtItsOwnTime_orWhenTheTestSaysSo() {
    try (AutoRefresh<String, String> cache = jobs().start()) {
      create(cache, 1);
      ticker.advance(PERIOD);
      assertThat(cache.get("id-0")).isEqualTo("id-0.0");
      remote.change("id-0");
      ticker.advance(PERIOD);
      assertThat(cache.get("id-0")).isEqualTo("id-0.1");
      remote.changesEvery(Duration.ofSeconds(1));
      ticker.advance(PERIOD.multipliedBy(100));
      int version = Integer.parseInt(cache.getOrThrow("id-0").substring(5));
      assertThat(version).as("about a thousand changes").isBetween(850, 1_150);
    }
  }

  @Test
  void anItemThatHasEnded_isGone() {
    FakeRemote<String, Integer> mortal = new FakeRemote<>(ticker, 1, (id, version) -> version < 2 ? version : null);
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().ticker(ticker).refreshEvery(PERIOD)
        .refresh(mortal).create(mortal).start()) {
      cache.getOrCreate("a");
      mortal.change("a");
      ticker.advance(PERIOD.multipliedBy(2));
      assertThat(cache.get("a")).isEqualTo(1);
      mortal.change("a");
      ticker.advance(PERIOD.multipliedBy(2));
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void callsTakeTheirTime_andAreCounted() {
    remote.takes(CALL, CALL);
    try (AutoRefresh<String, String> cache = jobs().batchSize(1).maxConcurrency(3).build()) {
      create(cache, 6);
      cache.start();
      ticker.advance(CALL.minusNanos(1));
      assertThat(cache.stats()).returns(3L, Stats::runningJobs).returns(0L, Stats::unchanged);
      ticker.advance(CALL.plusNanos(1));
      assertThat(cache.stats()).returns(0L, Stats::runningJobs).returns(6L, Stats::unchanged);
      assertThat(remote.calls()).isEqualTo(6);
      assertThat(remote.atOnce()).isEqualTo(3);
      assertThat(IntStream.range(0, 6).mapToObj(i -> remote.calls("id-" + i))).containsOnly(1);
      assertThat(IntStream.range(0, 6).mapToObj(i -> remote.atOnce("id-" + i))).containsOnly(1);
      assertThat(remote.calls("nobody")).isZero();
    }
  }

  @Test
  void anIdInTrouble_failsAlone_andIsThrottledAsLongAsTheRemoteSays() {
    remote.trouble(Trouble.FAILS, "id-0").trouble(Trouble.THROTTLES, "id-1").retryAfter(PERIOD.multipliedBy(7));
    try (AutoRefresh<String, String> cache = jobs().build()) {
      create(cache, 3);
      cache.start();
      ticker.settle();
      assertThat(cache.stats()).returns(2L, Stats::failed).returns(1L, Stats::unchanged);
      assertThat(cache.inspect("id-1").orElseThrow()).returns(ItemState.Due.RETRY_AFTER, ItemState::due)
          .returns(PERIOD.multipliedBy(7), ItemState::dueIn);
      remote.heal();
      ticker.advance(PERIOD.multipliedBy(8));
      assertThat(cache.stats().failing()).isZero();
    }
  }

  @Test
  void aRateOfCalls_isInTrouble() {
    remote.trouble(Trouble.FAILS, 0.25);
    try (AutoRefresh<String, String> cache = jobs().batchSize(1).backoff(PERIOD, PERIOD).build()) {
      create(cache, 100);
      cache.start();
      ticker.advance(PERIOD.multipliedBy(20));
      assertThat((double) cache.stats().failed() / remote.calls()).isBetween(0.2, 0.3);
    }
  }

  @Test
  void aCallThatHangs_obeysItsInterruption() {
    remote.trouble(Trouble.HANGS, "id-0");
    try (AutoRefresh<String, String> cache = jobs().batchSize(1).refreshTimeout(CALL).start()) {
      create(cache, 2);
      ticker.settle();
      assertThat(cache.stats()).returns(1L, Stats::runningJobs).returns(1L, Stats::unchanged);
      ticker.advance(CALL);
      assertThat(cache.stats()).returns(0L, Stats::runningJobs).returns(1L, Stats::timedOutCalls)
          .returns(0L, Stats::abandonedJobs);
    }
  }

  @Test
  void aCallThatHangsOn_ignoresItsInterruption_untilTheRemoteHasHealed() {
    remote.trouble(Trouble.HANGS_ON, 1);
    try (AutoRefresh<String, String> cache = jobs().refreshTimeout(CALL).start()) {
      create(cache, 1);
      ticker.settle();
      assertThat(cache.stats().runningJobs()).isEqualTo(1);
      ticker.advance(CALL);
      assertThat(cache.stats()).returns(0L, Stats::runningJobs).returns(1L, Stats::abandonedJobs);
      remote.heal();
      ticker.settle();
      assertThat(cache.stats().abandonedJobs()).isZero();
      ticker.advance(PERIOD.multipliedBy(3));
      assertThat(cache.stats()).returns(0L, Stats::failing).returns(1L, Stats::timedOutCalls);
    }
  }

  @Test
  void aRemoteThatLags_doesNotKnowANewItem_andTakesAChangeBack() {
    remote.lags(Duration.ofSeconds(1));
    try (AutoRefresh<String, String> cache = jobs().build()) {
      create(cache, 1);
      cache.start();
      ticker.settle();
      assertThat(cache.size()).as("denied").isZero();
      ticker.advance(Duration.ofSeconds(1));
      create(cache, 1);
      ticker.settle();
      assertThat(cache.get("id-0")).as("born long ago").isEqualTo("id-0.0");
    }
    remote.change("id-0");
    Set<List<String>> pairs = new HashSet<>();
    String before = "id-0.0";
    for (int i = 0; i < 50; i++) {
      ticker.advance(Duration.ofMillis(20));
      String now = refreshed("id-0");
      pairs.add(List.of(before, now));
      before = now;
    }
    assertThat(pairs).contains(List.of("id-0.0", "id-0.1"), List.of("id-0.1", "id-0.0"));
    assertThat(refreshed("id-0")).as("a second after the change").isEqualTo("id-0.1");
  }

  private String refreshed(String id) {
    try {
      return remote.refresh(id, "");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aDeletedItem_isGone_andIsBornAnew() {
    try (AutoRefresh<String, String> cache = jobs().start()) {
      create(cache, 1);
      ticker.settle();
      remote.change("id-0");
      cache.deleteDelayed("id-0");
      ticker.advance(PERIOD);
      assertThat(cache.get("id-0")).isNull();
      assertThat(cache.getOrCreate("id-0")).isEqualTo("id-0.0");
      ticker.advance(PERIOD);
      assertThat(cache.get("id-0")).isEqualTo("id-0.0");
    }
  }

  @Test
  void inRealTime_allIsTheSame() throws Exception {
    FakeRemote<String, Integer> real =
        new FakeRemote<String, Integer>(Ticker.systemTicker(), 1, (id, version) -> version)
        .takes(Duration.ofMillis(1), Duration.ofMillis(3)).changesEvery(Duration.ofMillis(5));
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().refreshEvery(Duration.ofMillis(10))
        .refreshBatch(real).create(real).refreshTimeout(Duration.ofMillis(100)).start()) {
      cache.getOrCreate("a");
      Await.until("it has changed often", () -> cache.get("a") > 10);
      real.trouble(Trouble.HANGS_ON, "a");
      Await.until("a call is abandoned", () -> cache.stats().abandonedJobs() == 1);
      real.heal();
      Await.until("it has ended", () -> cache.stats().abandonedJobs() == 0);
    }
  }
}
