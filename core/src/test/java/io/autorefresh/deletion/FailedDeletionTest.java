package io.autorefresh.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** D3: if {@code onDelete} throws, the item stays marked, the failure is reported, and a later cycle tries again. */
@Timeout(60)
class FailedDeletionTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration INITIAL = Duration.ofSeconds(2);
  private static final Duration MAX = Duration.ofSeconds(16);
  private static final Duration INSTANT = Duration.ofNanos(1);

  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");
  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();
  private final IOException failure = new IOException("the remote is away");

  private AutoRefresh<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).onDelete(remote).backoff(INITIAL, MAX)
        .listener(event -> events.add(Told.of(event))).build();
  }

  private void failing() {
    remote.releases((id, item) -> {
      throw failure;
    });
  }

  @Test
  void D3_aFailedDeletionLeavesTheItemMarkedAndIsReported() throws Exception {
    failing();
    try (AutoRefresh<String, Integer> cache = jobs()) {
      Integer item = cache.getOrCreate("a", 1_000);
      cache.deleteDelayed("a");
      CycleReport report = cache.sync();

      assertThat(report).returns(0L, CycleReport::deletions).returns(1L, CycleReport::deletionFailures)
          .returns(0L, CycleReport::items);
      assertThat(cache.get("a")).isSameAs(item);
      assertThat(cache.inspect("a").orElseThrow())
          .returns(true, ItemState::marked)
          .returns(1, ItemState::failures)
          .returns(failure.toString(), state -> state.lastFailure().orElseThrow().toString())
          .returns(ItemState.Due.DELETION, ItemState::due);
      assertThat(events).containsExactly(Told.created("a", item), Told.deletionFailed("a", item, 1));
      assertThat(cache.stats()).returns(1L, Stats::deletionFailures).returns(0L, Stats::deletions)
          .returns(1L, Stats::deleteCalls).returns(1L, Stats::pendingDeletion).returns(0L, Stats::failed);
    }
  }

  @Test
  void D3_aFailedDeletionIsLogged() throws Exception {
    failing();
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      cache.sync();
      assertThat(log.entries()).hasSize(1).first().asString()
          .contains("WARNING").contains("jobs").contains("the remote is away");
    }
  }

  @Test
  void D3_itIsTriedAgainBackedOff() throws Exception {
    failing();
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      assertThat(cache.sync().deletionFailures()).isOne();
      Duration delay = INITIAL;
      for (int failures = 1; failures <= 6; failures++) {
        ticker.jump(delay.dividedBy(2).minus(INSTANT));
        assertThat(cache.sync().deletionFailures()).as("before half of %s", delay).isZero();
        ticker.jump(delay.dividedBy(2).plus(INSTANT));
        assertThat(cache.sync().deletionFailures()).as("after %s", delay).isOne();
        assertThat(cache.inspect("a").orElseThrow().failures()).isEqualTo(failures + 1);
        delay = delay.multipliedBy(2).compareTo(MAX) < 0 ? delay.multipliedBy(2) : MAX;
      }
      remote.releases((id, item) -> {});
      ticker.jump(MAX);
      assertThat(cache.sync().deletions()).isOne();
      assertThat(cache.get("a")).isNull();
      assertThat(remote.deletions()).hasSize(8);
    }
  }

  @Test
  void D3_markingAgainDoesNotShortenTheBackOff() throws Exception {
    failing();
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      cache.sync();
      assertThat(cache.deleteDelayed("a")).isTrue();
      assertThat(cache.sync().deletionFailures()).isZero();
      assertThat(cache.inspect("a").orElseThrow().failures()).isOne();
    }
  }

  @Test
  void D3_untilThenItIsNeitherRefreshedNorChanged() throws Exception {
    failing();
    try (AutoRefresh<String, Integer> cache = jobs()) {
      Integer item = cache.getOrCreate("a", 1_000);
      cache.deleteDelayed("a");
      for (int cycle = 0; cycle < 10; cycle++) {
        cache.sync();
        ticker.jump(PERIOD);
      }
      assertThat(cache.get("a")).isSameAs(item);
      assertThat(cache.getOrCreate("a", 5)).isSameAs(item);
      assertThat(remote.refreshes()).isEmpty();
    }
  }

  @Test
  void D3_aRetryAfterOfTheRemoteIsKeptExactly() throws Exception {
    Duration delay = Duration.ofSeconds(77);
    remote.releases((id, item) -> {
      throw new IllegalStateException(new RetryAfterException(delay));
    });
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      assertThat(cache.sync().deletionFailures()).isOne();
      ticker.jump(delay.minus(INSTANT));
      assertThat(cache.sync().deletionFailures()).isZero();
      ticker.jump(INSTANT);
      assertThat(cache.sync().deletionFailures()).isOne();
    }
  }

  @Test
  void D3_theBackOffOfItsRefreshesDoesNotDelayTheDeletion() throws Exception {
    remote.answersAll(Outcome.failed(failure));
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow().failures()).isOne();
      cache.deleteDelayed("a");
      assertThat(cache.inspect("a").orElseThrow().failures()).as("failures of the deletion").isZero();
      assertThat(cache.sync().deletions()).isOne();
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void D3_oneFailedDeletionHoldsUpNoOther() throws Exception {
    remote.releases((id, item) -> {
      if (id.equals("bad")) {
        throw new StackOverflowError("of the test");
      }
    });
    try (AutoRefresh<String, Integer> cache = jobs()) {
      for (String id : new String[] {"bad", "good", "better", "live"}) {
        cache.getOrCreate(id, 0);
        if (!id.equals("live")) {
          cache.deleteDelayed(id);
        }
      }
      assertThat(cache.sync()).returns(2L, CycleReport::deletions).returns(1L, CycleReport::deletionFailures)
          .returns(1L, CycleReport::updated);
      assertThat(cache.get("bad")).isZero();
      assertThat(cache.size()).isEqualTo(2);
      assertThat(log.entries()).hasSize(1);
    }
  }

  @Test
  void D3_theLoopTriesAgainInALaterCycle() throws Exception {
    failing();
    try (AutoRefresh<String, Integer> cache = jobs()) {
      cache.start();
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      ticker.jump(PERIOD);
      Await.until("the first deletion failed",
          () -> cache.stats().deletionFailures() == 1 && cache.stats().runningJobs() == 0);
      remote.releases((id, item) -> {});
      ticker.jump(PERIOD);
      Await.until("the item is gone", () -> cache.get("a") == null);
      assertThat(remote.deletions()).hasSize(2);
    }
  }

  @Test
  void R8_deletionsThatBackOff_takeNoCallsFromRefreshes() throws Exception {
    remote.releases((id, item) -> {
      throw new RetryAfterException(Duration.ofDays(1));
    });
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name(log.name())
        .refreshEvery(PERIOD)
        .ticker(ticker).refreshBatch(remote).onDelete(remote).backoff(INITIAL, MAX).maxCallsPerSecond(1)
        .closeTimeout(Duration.ZERO).build()) {
      for (int i = 0; i < 5; i++) {
        cache.getOrCreate("deleted-" + i, 0);
        cache.deleteDelayed("deleted-" + i);
      }
      cache.getOrCreate("live", 0);
      Worker<CycleReport> first = Worker.start(cache::sync);
      while (!first.isDone()) {
        ticker.jump(Duration.ofSeconds(1)).settle();
      }
      assertThat(first.result()).returns(5L, CycleReport::deletionFailures).returns(1L, CycleReport::updated);

      // The ticker stands still: there is one call that needs no waiting, and it is the refresh.
      ticker.jump(PERIOD);
      assertThat(Worker.start(cache::sync).result())
          .returns(0L, CycleReport::deletionFailures).returns(1L, CycleReport::updated);
      assertThat(cache.stats().deleteCalls()).isEqualTo(5);
    }
  }
}
