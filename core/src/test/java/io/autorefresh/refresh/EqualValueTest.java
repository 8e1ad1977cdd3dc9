package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Told;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R3: a new value that equals the one before counts as unchanged. */
@Timeout(60)
class EqualValueTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private record Job(String state, int step) {}

  private final ManualTicker ticker = new ManualTicker();
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();

  private <V> AutoRefreshBuilder<String, V> jobs() {
    return AutoRefresh.<String, V>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .listener(event -> events.add(Told.of(event)));
  }

  /** Row N of the faults: each poll brings a new instance that equals the one before. */
  @Test
  void R3_newInstancesThatAreEqual_areUnchanged_andMakeNoEvent() throws Exception {
    try (AutoRefresh<String, Job> cache = this.<Job>jobs().refreshBatch(items -> {
      Map<String, Outcome<Job>> outcomes = new HashMap<>();
      items.forEach((id, job) -> outcomes.put(id, Outcome.updated(new Job("running", 1))));
      return outcomes;
    }).build()) {
      Job first = cache.getOrCreate("a", new Job("running", 1));
      for (int poll = 1; poll <= 5; poll++) {
        ticker.jump(PERIOD);
        assertThat(cache.sync()).returns(1L, CycleReport::unchanged).returns(0L, CycleReport::updated);
        assertThat(cache.get("a")).isSameAs(first);
        assertThat(cache.inspect("a").orElseThrow()).returns(Duration.ZERO, ItemState::age)
            .returns(true, ItemState::confirmed);
      }
      assertThat(cache.stats()).returns(5L, Stats::unchanged).returns(0L, Stats::updated);
      assertThat(events).containsExactly(Told.created("a", first));
    }
  }

  @Test
  void R3_aValueThatDiffers_isUpdated() throws Exception {
    try (AutoRefresh<String, Job> cache =
        this.<Job>jobs().refresh((id, job) -> new Job("running", Math.min(2, job.step() + 1))).build()) {
      cache.getOrCreate("a", new Job("running", 1));
      assertThat(cache.sync().updated()).isOne();
      assertThat(cache.sync().unchanged()).isOne();
      assertThat(events).containsExactly(Told.created("a", new Job("running", 1)),
          Told.updated("a", new Job("running", 1), new Job("running", 2)));
    }
  }

  @Test
  void R3_anEqualValue_mayBeTheFinalOne_andKeepsWhatTheRemoteSaidBeside() throws Exception {
    boolean[] isFinal = {false};
    try (AutoRefresh<String, Job> cache = this.<Job>jobs().terminal(job -> isFinal[0]).refreshBatch(items -> Map.of(
        "a", Outcome.updated(new Job("done", 1)).aged(Duration.ofSeconds(7)).nextIn(Duration.ofMinutes(5)))).build()) {
      cache.getOrCreate("a", new Job("done", 1));
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow()).returns(Duration.ofSeconds(7), ItemState::age)
          .returns(ItemState.Due.OWN_TIME, ItemState::due);
      isFinal[0] = true;
      ticker.jump(Duration.ofMinutes(5));
      assertThat(cache.sync()).returns(1L, CycleReport::unchanged).returns(1L, CycleReport::becameTerminal);
      assertThat(events).extracting(Told::kind).containsExactly("created", "became terminal");
    }
  }

  @Test
  void R3_anEqualValue_endsARowOfFailures() throws Exception {
    boolean[] fails = {true};
    try (LogCapture log = LogCapture.open(); AutoRefresh<String, Job> cache = this.<Job>jobs().refresh((id, job) -> {
      if (fails[0]) {
        throw new IllegalStateException("of the test");
      }
      return new Job("running", 1);
    }).build()) {
      Job first = cache.getOrCreate("a", new Job("running", 1));
      cache.sync();
      fails[0] = false;
      ticker.jump(PERIOD.multipliedBy(2));
      assertThat(cache.sync().unchanged()).isOne();
      assertThat(events).containsExactly(
          Told.created("a", first), Told.refreshFailed("a", first, 1), Told.recovered("a", first, 1));
      assertThat(log.entries()).isNotEmpty();
    }
  }

  /** A value that cannot be compared. */
  private static final class Incomparable {

    @Override
    public boolean equals(Object other) {
      throw new IllegalStateException("of the test");
    }

    @Override
    public int hashCode() {
      return 1;
    }
  }

  @Test
  void R5_equalsThatThrows_failsItsItemOnly() throws Exception {
    Incomparable kept = new Incomparable();
    try (LogCapture log = LogCapture.ofCache("jobs");
        AutoRefresh<String, Object> cache = this.<Object>jobs().name(log.name())
        .refreshBatch(items -> {
          Map<String, Outcome<Object>> outcomes = new HashMap<>();
          items.forEach((id, item) -> outcomes.put(id, Outcome.updated(id.equals("bad") ? new Incomparable() : "new")));
          return outcomes;
        }).build()) {
      cache.getOrCreate("bad", kept);
      cache.getOrCreate("good", "old");
      assertThat(cache.sync()).returns(1L, CycleReport::failed).returns(1L, CycleReport::updated);
      assertThat(cache.get("bad") == kept).as("the value is kept").isTrue();
      assertThat(cache.get("good")).isEqualTo("new");
      assertThat(cache.inspect("bad").orElseThrow().failures()).isOne();
      assertThat(cache.stats().callbackFailures()).isOne();
      assertThat(log.entries()).hasSize(1);
    }
  }

  @Test
  void R3_theSameInstance_isUnchanged_andIsNotCompared() throws Exception {
    Incomparable same = new Incomparable();
    try (AutoRefresh<String, Incomparable> cache = this.<Incomparable>jobs()
        .refreshBatch(items -> Map.of("a", Outcome.updated(same))).build()) {
      cache.getOrCreate("a", same);
      assertThat(cache.sync()).returns(1L, CycleReport::unchanged).returns(0L, CycleReport::failed);
    }
  }
}
