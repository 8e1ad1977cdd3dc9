package io.autorefresh.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MockClock;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AutoRefreshMetricsTest {

  private final MockClock clock = new MockClock();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, new PrometheusRegistry(), clock);
  private final AtomicInteger snapshots = new AtomicInteger();
  private final AtomicInteger walks = new AtomicInteger();

  @AfterEach
  void closeRegistry() {
    registry.close();
  }

  @Test
  void scrape_afterOneCycle_hasEveryFigureWithUnitHelpAndTags() throws InterruptedException {
    try (AutoRefresh<String, Integer> cache = builder().build()) {
      for (String id : List.of("up", "same", "gone", "bad", "end")) {
        cache.getOrCreate(id, 1);
      }
      cache.sync();
      cache.deleteDelayed("up");
      cache.get("up");
      cache.get("absent");
      new AutoRefreshMetrics(cache, "jobs", Tag.of("zone", "b")).bindTo(registry);

      assertThat(registry.scrape().lines()).contains(
          "# HELP autorefresh_refreshes_total Refreshes of items, by outcome",
          "# TYPE autorefresh_refreshes_total counter",
          "autorefresh_refreshes_total{cache=\"jobs\",outcome=\"updated\",zone=\"b\"} 2.0",
          "autorefresh_refreshes_total{cache=\"jobs\",outcome=\"unchanged\",zone=\"b\"} 1.0",
          "autorefresh_refreshes_total{cache=\"jobs\",outcome=\"deleted\",zone=\"b\"} 1.0",
          "autorefresh_refreshes_total{cache=\"jobs\",outcome=\"failed\",zone=\"b\"} 1.0",
          "autorefresh_refreshes_total{cache=\"jobs\",outcome=\"unanswered\",zone=\"b\"} 0.0",
          "autorefresh_refreshes_total{cache=\"jobs\",outcome=\"stale\",zone=\"b\"} 0.0",
          "autorefresh_calls_total{cache=\"jobs\",callback=\"refresher\",zone=\"b\"} 1.0",
          "autorefresh_calls_total{cache=\"jobs\",callback=\"deleter\",zone=\"b\"} 0.0",
          "autorefresh_timeouts_total{cache=\"jobs\",zone=\"b\"} 0.0",
          "autorefresh_creations_total{cache=\"jobs\",outcome=\"created\",zone=\"b\"} 5.0",
          "autorefresh_deletions_total{cache=\"jobs\",outcome=\"deleted\",zone=\"b\"} 0.0",
          "autorefresh_evictions_total{cache=\"jobs\",zone=\"b\"} 0.0",
          "autorefresh_cycles_total{cache=\"jobs\",zone=\"b\"} 1.0",
          "autorefresh_overruns_total{cache=\"jobs\",zone=\"b\"} 0.0",
          "autorefresh_dropped_events_total{cache=\"jobs\",zone=\"b\"} 0.0",
          "autorefresh_callback_failures_total{cache=\"jobs\",zone=\"b\"} 0.0",
          "autorefresh_unknown_ids_total{cache=\"jobs\",zone=\"b\"} 0.0",
          "autorefresh_reads_total{cache=\"jobs\",result=\"hit\",zone=\"b\"} 1.0",
          "# TYPE autorefresh_size_items gauge",
          "autorefresh_size_items{cache=\"jobs\",zone=\"b\"} 4.0",
          "# HELP autorefresh_items Items by state; an item counts for each that is true of it",
          "autorefresh_items{cache=\"jobs\",state=\"terminal\",zone=\"b\"} 1.0",
          "autorefresh_items{cache=\"jobs\",state=\"pending-deletion\",zone=\"b\"} 1.0",
          "autorefresh_items{cache=\"jobs\",state=\"failing\",zone=\"b\"} 1.0",
          "autorefresh_groups{cache=\"jobs\",state=\"paused\",zone=\"b\"} 0.0",
          "autorefresh_groups{cache=\"jobs\",state=\"down\",zone=\"b\"} 0.0",
          "autorefresh_jobs{cache=\"jobs\",state=\"running\",zone=\"b\"} 0.0",
          "autorefresh_creators{cache=\"jobs\",state=\"running\",zone=\"b\"} 0.0",
          "autorefresh_waiting_events{cache=\"jobs\",zone=\"b\"} 0.0",
          "autorefresh_ready{cache=\"jobs\",zone=\"b\"} 0.0",
          "autorefresh_background_failed{cache=\"jobs\",zone=\"b\"} 0.0",
          "# TYPE autorefresh_period_seconds gauge",
          "autorefresh_period_seconds{cache=\"jobs\",zone=\"b\"} 3600.0");
      assertThat(registry.scrape())
          .containsPattern("autorefresh_age_seconds\\{cache=\"jobs\",quantile=\"0.99\",zone=\"b\"} \\d");
    }
  }

  @Test
  void scrape_manyMeters_takeOneSnapshotAndOneWalk() {
    try (AutoRefresh<String, Integer> cache = builder().build()) {
      new AutoRefreshMetrics(counting(cache), "jobs").bindTo(registry);
      snapshots.set(0);
      walks.set(0);

      clock.add(Duration.ofSeconds(6));
      registry.scrape();
      assertThat(snapshots).hasValue(1);
      assertThat(walks).hasValue(1);

      clock.add(Duration.ofSeconds(1));
      registry.scrape();
      assertThat(snapshots).hasValue(2);
      assertThat(walks).as("ages may be five seconds old").hasValue(1);

      clock.add(Duration.ofSeconds(4));
      registry.scrape();
      assertThat(snapshots).hasValue(3);
      assertThat(walks).hasValue(2);
    }
  }

  @Test
  void bindTo_closedCacheThatNothingElseHolds_doesNotKeepIt() throws InterruptedException {
    WeakReference<Object> cache = bindAndClose();
    while (cache.get() != null) {
      System.gc();
      Thread.sleep(10);
    }
    assertThat(registry.scrape())
        .as("counters stay, gauges are unknown")
        .contains("autorefresh_creations_total{cache=\"jobs\",outcome=\"created\"} 1.0")
        .contains("autorefresh_size_items{cache=\"jobs\"} NaN");
  }

  private WeakReference<Object> bindAndClose() {
    AutoRefresh<String, Integer> cache = builder().start();
    cache.getOrCreate("up", 1);
    new AutoRefreshMetrics(cache, "jobs").bindTo(registry);
    registry.scrape();
    cache.close();
    return new WeakReference<>(cache);
  }

  @Test
  void bindTo_runningCacheThatNothingElseHolds_doesNotLoseIt() {
    WeakReference<AutoRefresh<?, ?>> cache = bindAndForget();
    WeakReference<Object> other = new WeakReference<>(new Object());
    while (other.get() != null) {
      System.gc();
    }
    assertThat(registry.scrape()).contains("autorefresh_size_items{cache=\"jobs\"} 1.0");
    cache.get().close();
  }

  private WeakReference<AutoRefresh<?, ?>> bindAndForget() {
    AutoRefresh<String, Integer> cache = builder().start();
    cache.getOrCreate("up", 1);
    new AutoRefreshMetrics(cache, "jobs").bindTo(registry);
    return new WeakReference<>(cache);
  }

  @Test
  void close_boundToTwoRegistries_removesItsOwnMetersFromBoth() {
    var other = new SimpleMeterRegistry();
    try (AutoRefresh<String, Integer> jobs = builder().build();
        AutoRefresh<String, Integer> prices = builder().build()) {
      var metrics = new AutoRefreshMetrics(jobs, "jobs");
      metrics.bindTo(registry);
      metrics.bindTo(other);
      new AutoRefreshMetrics(prices, "prices").bindTo(registry);
      int each = other.getMeters().size();
      assertThat(registry.getMeters()).hasSize(2 * each);

      metrics.close();
      metrics.close();

      assertThat(other.getMeters()).isEmpty();
      assertThat(registry.getMeters()).hasSize(each).extracting(Meter::getId)
          .allSatisfy(id -> assertThat(id.getTag("cache")).isEqualTo("prices"));
      metrics.bindTo(other);
      assertThat(other.getMeters()).hasSize(each);
    }
  }

  @Test
  void bindTo_sameTagsTwice_isRefused() {
    try (AutoRefresh<String, Integer> cache = builder().build()) {
      new AutoRefreshMetrics(cache, "jobs").bindTo(registry);
      assertThatThrownBy(() -> new AutoRefreshMetrics(cache, "jobs").bindTo(registry))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("cache=jobs");
      new AutoRefreshMetrics(cache, "jobs", Tag.of("zone", "b")).bindTo(new SimpleMeterRegistry());
    }
  }

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder()
        .name("jobs")
        .refreshBatch(AutoRefreshMetricsTest::answer)
        .refreshEvery(Duration.ofHours(1))
        .terminal(value -> value == 9)
        .recordStats();
  }

  private static Map<String, Outcome<Integer>> answer(Map<String, Integer> current) {
    var outcomes = new HashMap<String, Outcome<Integer>>();
    current.forEach((id, value) -> outcomes.put(id, switch (id) {
      case "up" -> Outcome.updated(value + 1);
      case "end" -> Outcome.updated(9);
      case "gone" -> Outcome.deleted();
      case "bad" -> Outcome.failed(new IllegalStateException("bad"));
      default -> Outcome.unchanged();
    }));
    return outcomes;
  }

  /** Counts what it is asked for. */
  private AutoRefresh<?, ?> counting(AutoRefresh<?, ?> cache) {
    return (AutoRefresh<?, ?>) Proxy.newProxyInstance(
        AutoRefresh.class.getClassLoader(), new Class<?>[] {AutoRefresh.class}, (proxy, method, arguments) -> {
          switch (method.getName()) {
            case "stats" -> snapshots.incrementAndGet();
            case "freshness" -> walks.incrementAndGet();
            default -> {}
          }
          return method.invoke(cache, arguments);
        });
  }
}
