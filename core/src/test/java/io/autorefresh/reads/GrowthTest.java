package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.Freshness;
import io.autorefresh.ItemEvent;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Growth: whatever the library hands out can grow without breaking callers. */
@Timeout(60)
class GrowthTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote);
  }

  @ParameterizedTest
  @ValueSource(classes = {Stats.class, CycleReport.class, ItemState.class, Freshness.class})
  void growth_snapshots_areFinalClassesThatCallersCannotMake(Class<?> snapshot) {
    assertThat(snapshot).isFinal().isPublic();
    assertThat(snapshot.isRecord()).isFalse();
    assertThat(snapshot.getConstructors()).isEmpty();
    assertThat(snapshot.getDeclaredConstructors())
        .noneMatch(constructor -> Modifier.isProtected(constructor.getModifiers()));
    assertThat(snapshot.getFields()).isEmpty();
  }

  @Test
  void growth_events_areOpenInterfaces() {
    assertThat(ItemEvent.class).isInterface();
    assertThat(ItemEvent.class.isSealed()).isFalse();
    assertThat(ItemEvent.class.getClasses()).hasSize(7).allMatch(Class::isInterface).noneMatch(Class::isSealed);
  }

  @Test
  void growth_outcomes_areSealed_andTheirImplementationsPrivate() {
    assertThat(Outcome.class.isSealed()).isTrue();
    assertThat(Outcome.class.getPermittedSubclasses())
        .noneMatch(implementation -> Modifier.isPublic(implementation.getModifiers()));
  }

  @Test
  void growth_outcomes_tellWhatTheyWereMadeOf() {
    IllegalStateException cause = new IllegalStateException("of the test");
    assertThat(Outcome.updated(5)).returns(Outcome.Kind.UPDATED, Outcome::kind).returns(5, Outcome::value)
        .returns(null, Outcome::cause).returns(Duration.ZERO, Outcome::age)
        .satisfies(outcome -> assertThat(outcome.nextIn()).isEmpty());
    assertThat(Outcome.<Integer>unchanged()).returns(Outcome.Kind.UNCHANGED, Outcome::kind)
        .returns(null, Outcome::value).isSameAs(Outcome.unchanged());
    assertThat(Outcome.<Integer>deleted()).returns(Outcome.Kind.DELETED, Outcome::kind).isSameAs(Outcome.deleted());
    assertThat(Outcome.<Integer>failed(cause)).returns(Outcome.Kind.FAILED, Outcome::kind)
        .returns(cause, Outcome::cause);
    Outcome<Integer> more = Outcome.updated(5).aged(Duration.ofSeconds(3)).nextIn(Duration.ofSeconds(4));
    assertThat(more).returns(5, Outcome::value).returns(Duration.ofSeconds(3), Outcome::age);
    assertThat(more.nextIn()).contains(Duration.ofSeconds(4));
    assertThat(more.toString()).contains("updated", "5", "PT3S", "PT4S");
    assertThat(Outcome.unchanged().nextIn(Duration.ofSeconds(4)).aged(Duration.ofSeconds(3)).nextIn())
        .contains(Duration.ofSeconds(4));
  }

  @Test
  void growth_statsMinus_givesWhatHappenedBetween_andTheLaterGauges() throws Exception {
    try (AutoRefresh<String, Integer> cache =
        jobs().recordStats().maximumSize(12).refreshOnCreate(false).build()) {
      IntStream.range(0, 10).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.sync();
      Stats earlier = cache.stats();
      IntStream.range(10, 15).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.deleteDelayed("id-14");
      cache.get("id-13");
      cache.get("absent");
      remote.answersAll(Outcome.failed(new IllegalStateException("of the test")));
      cache.sync();
      Stats later = cache.stats();

      Stats between = later.minus(earlier);
      assertThat(between).returns(5L, Stats::creations).returns(3L, Stats::evictions).returns(1L, Stats::deletions)
          .returns(1L, Stats::cycles).returns(1L, Stats::refreshCalls).returns(11L, Stats::failed)
          .returns(0L, Stats::updated).returns(1L, Stats::hitCount);
      assertThat(between.hitRate()).isEqualTo(1.0 / (1 + between.missCount()));
      assertThat(between).as("gauges").returns(11L, Stats::size).returns(11L, Stats::failing)
          .returns(later.period(), Stats::period).returns(0L, Stats::pendingDeletion);
      assertThat(later.minus(later)).returns(0L, Stats::creations).returns(0L, Stats::cycles).returns(11L, Stats::size);
    }
  }

  @Test
  void growth_everySnapshot_tellsItselfInWords() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 41);
      assertThat(cache.inspect("a").orElseThrow().toString()).contains("41", "never confirmed", "never started");
      CycleReport report = cache.sync();
      assertThat(report.toString()).contains("1 updated").contains("1 items");
      assertThat(cache.stats().toString()).contains("1 creations");
      assertThat(cache.freshness().toString()).contains("p50", "p99", "a");
      assertThat(List.of(cache.toString())).allMatch(text -> text.contains("jobs") && text.contains("not started"));
    }
  }
}
