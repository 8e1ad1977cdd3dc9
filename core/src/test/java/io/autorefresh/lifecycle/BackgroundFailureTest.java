package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.internal.cycle.WatchedTicker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R5: a ticker that throws ends the background with one line in the log, and shows in the stats. Reads go on. */
@Timeout(60)
class BackgroundFailureTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker manual = new ManualTicker();
  private final WatchedTicker watched = new WatchedTicker(manual, this::read);
  private final Remote remote = new Remote(watched);
  private volatile boolean broken;
  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");

  private void read() {
    if (broken) {
      throw new IllegalStateException("the clock is broken");
    }
  }

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(watched)
        .refreshBatch(remote);
  }

  private AutoRefresh<String, Integer> failed() throws Exception {
    AutoRefresh<String, Integer> cache = jobs().start();
    cache.getOrCreate("a", 0);
    Await.until("it is refreshed", () -> cache.get("a") == 1 && cache.stats().runningJobs() == 0);
    assertThat(cache.stats().hasFailed()).isFalse();
    broken = true;
    manual.jump(PERIOD);
    Await.until("the background has ended", () -> cache.stats().hasFailed());
    broken = false;
    return cache;
  }

  @Test
  void R5_aTickerThatThrows_endsTheBackground_withOneLine() throws Exception {
    try (AutoRefresh<String, Integer> cache = failed()) {
      assertThat(cache.toString()).contains("jobs").contains("failed");
      assertThat(cache.stats().toString()).contains("failed");
      Await.until("it is logged", () -> !log.entries().isEmpty());
      assertThat(log.entries()).hasSize(1).first().asString()
          .contains("jobs").contains("background").contains("the clock is broken");
    }
  }

  @Test
  void R5_afterTheBackgroundHasFailed_readsGoOn_andNothingIsRefreshed() throws Exception {
    try (AutoRefresh<String, Integer> cache = failed()) {
      assertThat(cache.get("a")).isOne();
      assertThat(cache.getOrThrow("a")).isOne();
      assertThat(cache.inspect("a")).isPresent();
      assertThat(cache.size()).isOne();
      assertThat(cache.freshness().count()).isOne();
      manual.jump(PERIOD.multipliedBy(3)).settle();
      assertThat(cache.get("a")).isOne();
      assertThatIllegalStateException().isThrownBy(cache::start);
    }
  }

  @Test
  void R5_afterTheBackgroundHasFailed_closeEndsAtOnce() throws Exception {
    AutoRefresh<String, Integer> cache = failed();
    Worker.start(() -> cache.close()).result();
    assertThat(cache.get("a")).isOne();
    assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("b", 0)).withMessageContaining("closed");
  }

  @Test
  void R5_aTickerThatThrowsAtTheClose_doesNotHoldItUp() throws Exception {
    for (boolean started : new boolean[] {false, true}) {
      broken = false;
      AutoRefresh<String, Integer> cache = jobs().onDelete(remote).closeTimeout(Duration.ofSeconds(5)).build();
      cache.getOrCreate("a", 0);
      if (started) {
        cache.start();
      }
      cache.deleteDelayed("a");
      broken = true;
      Worker.start(() -> cache.close()).result();
      broken = false;
      assertThat(cache.get("a")).isNotNull();
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("b", 0)).withMessageContaining("closed");
    }
  }

  @Test
  void R5_aCallerOfSync_isSentAway_whenTheTickerThrows() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      remote.answers(items -> {
        broken = true;
        return Remote.increments(items);
      });
      Worker<CycleReport> sync = Worker.start(cache::sync);
      assertThat(sync.failure()).isInstanceOf(IllegalStateException.class);
      broken = false;
      assertThat(cache.stats().hasFailed()).isTrue();
      assertThat(log.entries()).isNotEmpty();
    }
  }

  @Test
  void R5_aCallerOfSyncBesideABackground_isSentAway_whenTheTickerThrows() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      remote.answers(items -> {
        broken = true;
        return Remote.increments(items);
      });
      Worker<CycleReport> sync = Worker.start(cache::sync);
      assertThat(sync.failure()).isInstanceOf(IllegalStateException.class);
      broken = false;
      Await.until("the background has ended", () -> cache.stats().hasFailed());
    }
  }
}
