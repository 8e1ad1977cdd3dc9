package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L1: the builder's start, and how a cache that was never started says so. */
@Timeout(60)
class NeverStartedTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();

  @AutoClose
  private final LogCapture log = LogCapture.ofCache("parcels");

  private AutoRefreshBuilder<String, Integer> parcels() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(ticker)
        .refresh((id, n) -> n + 1);
  }

  @Test
  void L1_theBuildersStart_buildsAndStarts() throws Exception {
    try (AutoRefresh<String, Integer> cache = parcels().start()) {
      assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("started");
      cache.getOrCreate("a", 0);
      Await.until("the item is refreshed", () -> cache.get("a") == 1);
    }
  }

  @Test
  void L1_theBuildersStart_checksLikeBuild() {
    assertThatIllegalArgumentException().isThrownBy(() -> parcels().batchSize(0).maxConcurrency(0).start())
        .withMessageContaining("batchSize").withMessageContaining("maxConcurrency");
  }

  @Test
  void L1_aCacheThatWasNeverStarted_saysSoInToString() {
    try (AutoRefresh<String, Integer> cache = parcels().build()) {
      assertThat(cache.toString()).contains("parcels", "not started");
      cache.start();
      assertThat(cache.toString()).contains("parcels").doesNotContain("not started");
    }
  }

  @Test
  void L1_aCacheThatWasNeverStarted_saysSoWhenItIsInspected() {
    try (AutoRefresh<String, Integer> cache = parcels().build()) {
      cache.getOrCreate("a", 0);
      ItemState<Integer> before = cache.inspect("a").orElseThrow();
      assertThat(before.started()).isFalse();
      assertThat(before.dueIn()).isNull();
      assertThat(before.toString()).contains("never started");
      cache.start();
      ItemState<Integer> after = cache.inspect("a").orElseThrow();
      assertThat(after.started()).isTrue();
      assertThat(after.toString()).doesNotContain("never started");
    }
  }

  @Test
  void L1_aCacheWhoseRunWasInterrupted_wasStarted() {
    try (AutoRefresh<String, Integer> cache = parcels().build()) {
      cache.getOrCreate("a", 0);
      Thread.currentThread().interrupt();
      assertThatExceptionOfType(InterruptedException.class).isThrownBy(cache::run);
      assertThat(cache.inspect("a").orElseThrow().started()).isTrue();
      assertThat(cache.toString()).doesNotContain("not started");
    }
  }

  @Test
  void L1_aCacheThatWasNeverStarted_warnsOnceAPeriodAfterTheFirstItem() {
    try (AutoRefresh<String, Integer> cache = parcels().build()) {
      ticker.jump(PERIOD.multipliedBy(5));
      cache.getOrCreate("a", 0);
      ticker.jump(PERIOD.minusNanos(1));
      cache.getOrCreate("b", 0);
      assertThat(log.entries()).as("1 ns before").isEmpty();
      ticker.jump(Duration.ofNanos(1));
      assertThat(log.entries()).as("before an item is created").isEmpty();
      cache.getOrCreate("a", 0);
      assertThat(log.entries()).as("after a hit").isEmpty();
      cache.getOrCreate("c", id -> 0);
      assertThat(log.entries()).singleElement().asString().contains("WARNING", "parcels", "start()");
      ticker.jump(PERIOD.multipliedBy(5));
      cache.getOrCreate("d", 0);
      assertThat(log.entries()).as("once").hasSize(1);
    }
  }

  @Test
  void L1_aCacheThatIsStartedLater_doesNotWarn() {
    try (AutoRefresh<String, Integer> cache = parcels().build()) {
      cache.getOrCreate("a", 0);
      ticker.jump(PERIOD.multipliedBy(5));
      cache.start();
      ticker.jump(PERIOD.multipliedBy(5));
      cache.getOrCreate("b", 0);
      assertThat(log.entries()).isEmpty();
    }
  }
}
