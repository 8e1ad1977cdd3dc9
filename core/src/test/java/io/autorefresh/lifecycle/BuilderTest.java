package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemNotFoundException;
import io.autorefresh.Ticker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The builder: bounds, reports and defaults. */
@Timeout(60)
class BuilderTest {

  private static final Duration MS = Duration.ofMillis(1);
  private static final Duration YEAR = Duration.ofDays(365);

  private static AutoRefreshBuilder<String, Integer> empty() {
    return AutoRefresh.builder();
  }

  private static AutoRefreshBuilder<String, Integer> batches() {
    return empty().refreshBatch(items -> Map.of()).refreshEvery(Duration.ofSeconds(10));
  }

  private static AutoRefreshBuilder<String, Integer> single() {
    return empty().refresh((id, n) -> n).refreshEvery(Duration.ofSeconds(10));
  }

  private static Arguments wrong(
      String setting, String value, List<String> bounds, UnaryOperator<AutoRefreshBuilder<String, Integer>> set) {
    return arguments(setting, value, bounds, set);
  }

  static Stream<Arguments> wrongSettings() {
    List<String> durations = List.of(MS.toString(), YEAR.toString());
    List<String> toTheYear = List.of(Duration.ZERO.toString(), YEAR.toString());
    List<String> million = List.of("1", "1000000");
    List<String> size = List.of("1", "1073741824");
    return Stream.of(
        wrong("name", "\"\"", List.of("blank"), b -> b.name("")),
        wrong("name", "\" \t\"", List.of("blank"), b -> b.name(" \t")),
        wrong("refreshEvery", "PT0S", durations, b -> b.refreshEvery(Duration.ZERO)),
        wrong("refreshEvery", "PT-1S", durations, b -> b.refreshEvery(Duration.ofSeconds(-1))),
        wrong("refreshEvery", "PT0.000999999S", durations, b -> b.refreshEvery(MS.minusNanos(1))),
        wrong("refreshEvery", "PT8760H0.000000001S", durations, b -> b.refreshEvery(YEAR.plusNanos(1))),
        wrong("refreshEvery", Duration.ofSeconds(Long.MAX_VALUE).toString(), durations,
            b -> b.refreshEvery(Duration.ofSeconds(Long.MAX_VALUE))),
        wrong("maximumSize", "0", size, b -> b.maximumSize(0)),
        wrong("maximumSize", "-1", size, b -> b.maximumSize(-1)),
        wrong("maximumSize", "1073741825", size, b -> b.maximumSize((1L << 30) + 1)),
        wrong("maximumSize", "9223372036854775807", size, b -> b.maximumSize(Long.MAX_VALUE)),
        wrong("batchSize", "0", million, b -> b.batchSize(0)),
        wrong("batchSize", "-5", million, b -> b.batchSize(-5)),
        wrong("batchSize", "1000001", million, b -> b.batchSize(1_000_001)),
        wrong("deletedAfter", "0", List.of("1", "2147483647"), b -> b.deletedAfter(0)),
        wrong("deletedAfter", "-3", List.of("1", "2147483647"), b -> b.deletedAfter(-3)),
        wrong("keepTerminal", "PT-0.000000001S", List.of("PT0S", "PT8760H"), b -> b.keepTerminal(Duration.ofNanos(-1))),
        wrong("keepTerminal", "PT8760H0.000000001S", List.of("PT0S", "PT8760H"),
            b -> b.keepTerminal(YEAR.plusNanos(1))),
        wrong("maxConcurrency", "0", million, b -> b.maxConcurrency(0)),
        wrong("maxConcurrency", "-16", million, b -> b.maxConcurrency(-16)),
        wrong("maxConcurrency", "1000001", million, b -> b.maxConcurrency(1_000_001)),
        wrong("maxCallsPerSecond", "0.0", List.of("0", "1000000"), b -> b.maxCallsPerSecond(0)),
        wrong("maxCallsPerSecond", "-0.5", List.of("0", "1000000"), b -> b.maxCallsPerSecond(-0.5)),
        wrong("maxCallsPerSecond", "NaN", List.of("0", "1000000"), b -> b.maxCallsPerSecond(Double.NaN)),
        wrong("maxCallsPerSecond", "Infinity", List.of("0", "1000000"),
            b -> b.maxCallsPerSecond(Double.POSITIVE_INFINITY)),
        wrong("maxCallsPerSecond", "1000000.5", List.of("0", "1000000"), b -> b.maxCallsPerSecond(1_000_000.5)),
        wrong("refreshTimeout", "PT0S", durations, b -> b.refreshTimeout(Duration.ZERO)),
        wrong("refreshTimeout", "PT0.000999999S", durations, b -> b.refreshTimeout(MS.minusNanos(1))),
        wrong("refreshTimeout", "PT8760H0.000000001S", durations, b -> b.refreshTimeout(YEAR.plusNanos(1))),
        wrong("backoff", "PT0S", durations, b -> b.backoff(Duration.ZERO, Duration.ofSeconds(1))),
        wrong("backoff", "PT0.000999999S", durations, b -> b.backoff(MS.minusNanos(1), Duration.ofSeconds(1))),
        wrong("backoff", "PT8760H0.000000001S", durations, b -> b.backoff(MS, YEAR.plusNanos(1))),
        wrong("backoff max", "PT0S", durations, b -> b.backoff(YEAR.plusNanos(1), Duration.ZERO)),
        wrong("backoff", "PT3S", List.of("PT5S", YEAR.toString()),
            b -> b.backoff(Duration.ofSeconds(5), Duration.ofSeconds(3))),
        wrong("closeTimeout", "PT-0.000000001S", toTheYear, b -> b.closeTimeout(Duration.ofNanos(-1))),
        wrong("closeTimeout", "PT8760H0.000000001S", toTheYear, b -> b.closeTimeout(YEAR.plusNanos(1))));
  }

  @ParameterizedTest(name = "{0} = {1}")
  @MethodSource("wrongSettings")
  void build_wrongSetting_isReportedWithNameBoundsAndValue(
      String setting, String value, List<String> bounds, UnaryOperator<AutoRefreshBuilder<String, Integer>> set) {
    assertThatIllegalArgumentException().isThrownBy(() -> set.apply(batches()).build()).satisfies(e -> {
      String message = e.getMessage().replace(",", "").replace("'", "\"");
      assertThat(message).contains(setting).contains(value).contains(bounds);
    });
  }

  @Test
  void build_allWrongSettings_areReportedAtOnce() {
    AutoRefreshBuilder<String, Integer> builder = batches()
        .name(" ")
        .refreshEvery(Duration.ZERO)
        .maximumSize(-2)
        .batchSize(-3)
        .maxConcurrency(-4)
        .maxCallsPerSecond(-5.5)
        .refreshTimeout(Duration.ofSeconds(-6))
        .backoff(Duration.ofSeconds(-7), Duration.ofSeconds(-8))
        .closeTimeout(Duration.ofSeconds(-9));
    assertThatIllegalArgumentException().isThrownBy(builder::build).satisfies(e -> assertThat(e.getMessage()).contains(
        "name", "refreshEvery", "maximumSize", "-2", "batchSize", "-3", "maxConcurrency", "-4", "maxCallsPerSecond",
        "-5.5", "refreshTimeout", "PT-6S", "backoff", "PT-7S", "PT-8S", "closeTimeout", "PT-9S"));
  }

  @Test
  void build_rightSettings_areNotReported() {
    assertThatIllegalArgumentException().isThrownBy(() -> single().maxConcurrency(0).build())
        .withMessageContaining("maxConcurrency")
        .satisfies(e -> assertThat(e.getMessage())
            .doesNotContain("refreshEvery", "maximumSize", "maxCallsPerSecond", "refreshTimeout", "closeTimeout"));
  }

  @Test
  void build_missingSettings_areAllReported() {
    assertThatIllegalArgumentException().isThrownBy(() -> empty().build())
        .withMessageContaining("refreshEvery").withMessageContaining("refreshBatch");
    assertThatIllegalArgumentException().isThrownBy(() -> empty().refresh((id, n) -> n).build())
        .withMessageContaining("refreshEvery");
    assertThatIllegalArgumentException().isThrownBy(() -> empty().refreshEvery(YEAR).build())
        .withMessageContaining("refresh").withMessageContaining("refreshBatch");
  }

  @Test
  void build_twoRefreshers_contradictEachOther() {
    assertThatIllegalArgumentException().isThrownBy(() -> single().refreshBatch(items -> Map.of()).build())
        .withMessageContaining("refresh").withMessageContaining("refreshBatch");
  }

  @Test
  void build_batchSizeBesideTheOneItemRefresher_isReported() throws Exception {
    assertThatIllegalArgumentException().isThrownBy(() -> single().batchSize(50).build())
        .withMessageContaining("batchSize").withMessageContaining("refresh").withMessageContaining("50");
    assertThatIllegalArgumentException().as("out of bounds as well").isThrownBy(() -> single().batchSize(0).build())
        .withMessageContaining("batchSize").withMessageContaining("1000000");
    assertThatIllegalArgumentException().as("with all that is wrong")
        .isThrownBy(() -> single().batchSize(50).maximumSize(0).build())
        .withMessageContaining("batchSize").withMessageContaining("maximumSize");
    try (var cache = single().build()) {
      cache.getOrCreate("a", 1);
      cache.getOrCreate("b", 1);
      assertThat(cache.sync().refreshCalls()).as("one item a call").isEqualTo(2);
    }
  }

  @Test
  void start_buildsAndStarts() throws Exception {
    try (var cache = single().refresh((id, n) -> n + 1).start()) {
      cache.getOrCreate("a", 1);
      Await.until("it is refreshed", () -> cache.get("a") == 2);
      assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("started");
    }
  }

  @Test
  void start_reportsWrongSettingsAsBuildDoes() {
    assertThatIllegalArgumentException().isThrownBy(() -> single().maximumSize(0).start())
        .withMessageContaining("maximumSize");
  }

  static Stream<Consumer<AutoRefreshBuilder<String, Integer>>> bounds() {
    return Stream.of(
        b -> b.name("x"),
        b -> b.refreshEvery(MS),
        b -> b.refreshEvery(YEAR),
        b -> b.maximumSize(1),
        b -> b.maximumSize(1L << 30),
        b -> b.batchSize(1),
        b -> b.batchSize(1_000_000),
        b -> b.deletedAfter(1),
        b -> b.deletedAfter(Integer.MAX_VALUE),
        b -> b.maxConcurrency(1),
        b -> b.maxConcurrency(1_000_000),
        b -> b.maxCallsPerSecond(Double.MIN_VALUE),
        b -> b.maxCallsPerSecond(1_000_000),
        b -> b.refreshTimeout(MS),
        b -> b.refreshTimeout(YEAR),
        b -> b.backoff(MS, MS),
        b -> b.backoff(YEAR, YEAR),
        b -> b.backoff(MS, YEAR),
        b -> b.closeTimeout(Duration.ZERO),
        b -> b.closeTimeout(YEAR));
  }

  @ParameterizedTest
  @MethodSource("bounds")
  void build_settingAtItsBound_works(Consumer<AutoRefreshBuilder<String, Integer>> set) {
    AutoRefreshBuilder<String, Integer> builder = batches();
    set.accept(builder);
    try (var cache = builder.build()) {
      cache.start();
      assertThat(cache.getOrCreate("a", 1)).isEqualTo(1);
      assertThat(cache.get("a")).isEqualTo(1);
    }
  }

  @Test
  void setters_returnTheBuilder() {
    AutoRefreshBuilder<String, Integer> b = empty();
    assertThat(Stream.of(b.name("x"), b.refresh((id, n) -> n), b.refreshBatch(items -> Map.of()), b.create(id -> 1),
        b.createBatch(ids -> Map.of()), b.onDelete((id, n) -> { }), b.terminal(n -> true), b.batchBy((id, n) -> n),
        b.listener(event -> { }),
        b.refreshEvery(MS), b.maximumSize(1), b.batchSize(1), b.maxConcurrency(1), b.maxCallsPerSecond(1),
        b.spread(true), b.refreshOnCreate(true), b.deletedAfter(1), b.refreshTimeout(MS), b.backoff(MS, MS),
        b.closeTimeout(MS), b.recordStats(), b.ticker(Ticker.systemTicker())))
        .allMatch(returned -> returned == b);
  }

  @Test
  void setters_checkForNothingButNull() {
    AutoRefreshBuilder<String, Integer> builder = batches()
        .maximumSize(-1).name("").refreshTimeout(Duration.ofDays(-1));
    assertThatIllegalArgumentException().isThrownBy(builder::build);
    assertThatNoException().as("corrected").isThrownBy(
        () -> builder.maximumSize(1).name("x").refreshTimeout(MS).build().close());
  }

  @Test
  void builder_buildsSeveralIndependentCaches() {
    AutoRefreshBuilder<String, Integer> builder = single().maximumSize(1);
    try (var one = builder.build(); var two = builder.maximumSize(2).build()) {
      for (String id : List.of("a", "b", "c")) {
        one.getOrCreate(id, 1);
        two.getOrCreate(id, 2);
      }
      assertThat(one.size()).as("built before the change").isEqualTo(1);
      assertThat(two.size()).isEqualTo(2);
      one.close();
      assertThat(two.getOrCreate("d", 2)).isEqualTo(2);
      assertThat(one.get("c")).isEqualTo(1);
    }
  }

  @Test
  void name_isAutorefreshByDefault() {
    try (var cache = single().build(); var named = single().name("parcels").build()) {
      assertThat(catchMessage(cache)).contains("autorefresh");
      assertThat(catchMessage(named)).contains("parcels").doesNotContain("autorefresh");
    }
  }

  private static String catchMessage(AutoRefresh<String, Integer> cache) {
    try {
      return "found " + cache.getOrThrow("absent");
    } catch (ItemNotFoundException e) {
      return e.getMessage();
    }
  }

  @Test
  void batchSize_isOneHundredByDefault() throws Exception {
    List<Integer> sizes = new CopyOnWriteArrayList<>();
    try (var cache = batches().refreshBatch(items -> {
      sizes.add(items.size());
      return Map.of();
    }).build()) {
      for (int i = 0; i < 250; i++) {
        cache.getOrCreate("item " + i, 0);
      }
      cache.sync();
      assertThat(sizes).containsExactlyInAnyOrder(100, 100, 50);
    }
  }

  @Test
  void maxConcurrency_isSixteenByDefault() throws Exception {
    ManualTicker ticker = new ManualTicker();
    Gate gate = new Gate(ticker);
    try (var cache = single().ticker(ticker).refresh((id, n) -> {
      gate.pass();
      return n;
    }).build()) {
      for (int i = 0; i < 40; i++) {
        cache.getOrCreate("item " + i, 0);
      }
      cache.start();
      gate.awaitArrived(16);
      ticker.settle();
      assertThat(gate.arrived()).isEqualTo(16);
      assertThat(cache.stats().runningJobs()).isEqualTo(16);
      gate.open();
    }
  }

  @Test
  void maximumSize_isHalfAMillionByDefault() {
    try (var cache = AutoRefresh.<Integer, Boolean>builder().refresh((id, x) -> x).refreshEvery(YEAR).build()) {
      for (int i = 0; i < 500_000; i++) {
        cache.getOrCreate(i, true);
      }
      assertThat(cache.stats().evictions()).isZero();
      cache.getOrCreate(-1, true);
      assertThat(cache.stats().evictions()).isEqualTo(1);
      assertThat(cache.size()).isEqualTo(500_000);
    }
  }
}
