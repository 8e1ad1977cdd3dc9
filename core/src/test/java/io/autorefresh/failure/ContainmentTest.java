package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.internal.items.Invariants;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** R4 and R5: whatever callbacks throw costs their own items this cycle, and nothing else. */
@Timeout(60)
class ContainmentTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();
  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).backoff(Duration.ofMillis(1), Duration.ofMillis(1))
        .listener(event -> events.add(Told.of(event)));
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  private static Stream<Throwable> throwables() {
    return Stream.of(new IOException("of the test"), new IllegalStateException("of the test"),
        new InterruptedException("of the test"), new AssertionError("of the test"),
        new StackOverflowError("of the test"), new OutOfMemoryError("of the test"), new Throwable("of the test"),
        new Hostile(), circular());
  }

  /** Throws anything, declared or not. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> RuntimeException sneaky(Throwable e) throws T {
    throw (T) e;
  }

  /** An exception that throws when it is asked. */
  private static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }

    @Override
    public synchronized Throwable getCause() {
      throw new IllegalStateException("no cause");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("no text");
    }
  }

  /** An exception that is the cause of its cause. */
  private static Throwable circular() {
    IllegalStateException cause = new IllegalStateException("of the test");
    IllegalStateException effect = new IllegalStateException("of the test", cause);
    cause.initCause(effect);
    return effect;
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("throwables")
  void R4_aCallbackThatThrowsFailsEveryItemOfItsBatch(Throwable thrown) throws Exception {
    remote.answers(items -> {
      if (items.containsKey("id-0")) {
        throw ContainmentTest.<RuntimeException>sneaky(thrown);
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(2).batchBy((id, item) -> id.compareTo("id-2") < 0)
        .maxConcurrency(1).build()) {
      create(cache, 6);
      CycleReport report = cache.sync();

      assertThat(report).returns(2L, CycleReport::failed).returns(4L, CycleReport::updated);
      assertThat(cache.get("id-0")).isZero();
      assertThat(cache.get("id-1")).isZero();
      assertThat(IntStream.range(2, 6)).allMatch(i -> cache.get("id-" + i) == 1);
      assertThat(cache.inspect("id-1").orElseThrow()).returns(1, ItemState::failures);
      assertThat(cache.inspect("id-1").orElseThrow().lastFailure().orElseThrow().type()).as("what was thrown is shown")
          .isEqualTo(thrown.getClass().getName());
      assertThat(cache.stats()).returns(2L, Stats::failed).returns(0L, Stats::runningJobs).returns(0L, Stats::inFlight);
      assertThat(events.stream().filter(told -> told.kind().equals("refresh failed"))).hasSize(2);
      assertThat(log.entries()).as("what a hostile one throws itself is another cause")
          .hasSizeBetween(1, thrown instanceof Hostile ? 3 : 1);
    }
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("throwables")
  void R5_aGroupKeyOrAPredicateThatThrowsAnything_costsItsOwnItemsOnly(Throwable thrown) throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchBy((id, item) -> {
      if (id.equals("id-0")) {
        throw ContainmentTest.<RuntimeException>sneaky(thrown);
      }
      return "group";
    }).terminal(item -> {
      if (item == 100) {
        throw ContainmentTest.<RuntimeException>sneaky(thrown);
      }
      return false;
    }).build()) {
      create(cache, 4);
      assertThat(cache.getOrCreate("live", 100)).as("created all the same").isEqualTo(100);
      cache.getOrCreate("bad", 99);
      assertThat(cache.stats().callbackFailures()).isEqualTo(2);
      assertThat(cache.sync()).returns(6L, CycleReport::items).returns(2L, CycleReport::failed)
          .returns(4L, CycleReport::updated);
      assertThat(cache.get("id-0")).isZero();
      assertThat(cache.get("live")).isEqualTo(101);
      assertThat(cache.get("bad")).isEqualTo(99);
      assertThat(cache.stats().callbackFailures()).as("the causes of hostile ones were asked for as well")
          .isEqualTo(thrown instanceof Hostile ? 6 : 4);
      assertThat(cache.stats()).returns(2L, Stats::failing).returns(0L, Stats::inFlight);
      assertThat(Invariants.check(cache)).isEmpty();
    }
  }

  private static boolean isIdle(Stats stats) {
    return stats.runningJobs() == 0 && stats.backlog() == 0 && stats.inFlight() == 0;
  }

  @ParameterizedTest(name = "{index}")
  @MethodSource("throwables")
  void R5_noThrowableCostsASlotOrTheLoop(Throwable thrown) throws Exception {
    AtomicBoolean throwing = new AtomicBoolean(true);
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).batchSize(1).spread(false)
        .terminal(item -> {
          if (throwing.get() && item > 0) {
            throw ContainmentTest.<RuntimeException>sneaky(thrown);
          }
          return false;
        }).listener(event -> {
          if (throwing.get()) {
            throw ContainmentTest.<RuntimeException>sneaky(thrown);
          }
        }).onDelete((id, item) -> {
          if (throwing.get()) {
            throw ContainmentTest.<RuntimeException>sneaky(thrown);
          }
        }).build()) {
      remote.answers(items -> {
        if (throwing.get() && items.containsKey("id-1")) {
          throw ContainmentTest.<RuntimeException>sneaky(thrown);
        }
        return Remote.increments(items);
      });
      cache.start();
      create(cache, 4);
      cache.deleteDelayed("id-3");
      for (int cycle = 0; cycle < 5; cycle++) {
        int expected = cycle;
        Await.until("the refresher was called again", () -> remote.refreshes("id-1") > expected);
        Await.until("nothing runs, or will", () -> isIdle(cache.stats()));
        if (cycle < 4) {
          ticker.jump(PERIOD);
        }
      }
      throwing.set(false);
      ticker.jump(PERIOD);
      Await.until("all is well again", () -> cache.get("id-3") == null
          && IntStream.range(0, 3).allMatch(i -> cache.get("id-" + i) > 0));
      Await.until("nothing runs, or will", () -> isIdle(cache.stats()));
      assertThat(cache.stats()).returns(0L, Stats::inFlight).returns(0L, Stats::abandonedJobs);
    }
  }

  @Test
  void R5_aTerminalPredicateThatThrowsFailsItsItemOnly() throws Exception {
    IllegalStateException thrown = new IllegalStateException("of the test");
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> {
      if (item >= 100) {
        throw thrown;
      }
      return item == 50;
    }).build()) {
      cache.getOrCreate("bad", 99);
      cache.getOrCreate("unchanged", 1);
      cache.getOrCreate("good", 1);
      cache.getOrCreate("final", 49);
      CycleReport report = cache.sync();

      assertThat(report).returns(1L, CycleReport::failed).returns(3L, CycleReport::updated)
          .returns(1L, CycleReport::becameTerminal);
      assertThat(cache.get("bad")).as("the value is kept").isEqualTo(99);
      assertThat(cache.get("good")).isEqualTo(2);
      assertThat(cache.inspect("bad").orElseThrow())
          .returns(1, ItemState::failures)
          .extracting(state -> state.lastFailure().orElseThrow().type()).isEqualTo(thrown.getClass().getName());
      assertThat(events).contains(Told.refreshFailed("bad", 99, 1));
      assertThat(cache.stats()).returns(1L, Stats::callbackFailures);
      assertThat(log.entries()).hasSize(1);
    }
  }

  @Test
  void R5_aTerminalPredicateThatThrowsForACreatedItemTakesItForLive() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> {
      if (item == 0) {
        throw new AssertionError("of the test");
      }
      return false;
    }).build()) {
      assertThat(cache.getOrCreate("a", 0)).isZero();
      assertThat(cache.inspect("a").orElseThrow().terminal()).isFalse();
      assertThat(cache.stats().callbackFailures()).isOne();
      assertThat(cache.sync().updated()).isOne();
    }
  }

  @Test
  void R5_aListenerThatThrowsCostsNoItemAnything() throws Exception {
    Queue<String> told = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> item == 2).listener(event -> {
      told.add(Told.of(event).kind() + " " + event.id());
      throw new StackOverflowError("of the test");
    }).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 1);
      assertThat(cache.sync()).returns(2L, CycleReport::updated).returns(1L, CycleReport::becameTerminal)
          .returns(0L, CycleReport::failed);
      assertThat(told).containsExactlyInAnyOrder(
          "created a", "created b", "updated a", "updated b", "became terminal b");
      assertThat(cache.get("a")).isOne();
      assertThat(cache.inspect("a").orElseThrow().failures()).isZero();
      assertThat(cache.stats().callbackFailures()).isEqualTo(5);
      assertThat(log.entries()).as("one cause in one cycle").hasSize(1);
      cache.deleteDelayed("b");
      assertThat(cache.sync()).returns(1L, CycleReport::deletions).returns(1L, CycleReport::updated);
      assertThat(cache.get("b")).isNull();
    }
  }

  @Test
  void R5_aListenerThatThrowsDoesNotFailTheCreatorThatEvicts() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(2).listener(event -> {
      throw new AssertionError("of the test");
    }).build()) {
      create(cache, 10);
      assertThat(cache.size()).isEqualTo(2);
      assertThat(cache.sync().updated()).isEqualTo(2);
      assertThat(cache.stats()).returns(8L, Stats::evictions).returns(20L, Stats::callbackFailures);
    }
  }

  @Test
  void R5_aCauseIsLoggedOnce() throws Exception {
    remote.answers(items -> {
      int number = Integer.parseInt(items.keySet().iterator().next().substring(3));
      throw number % 2 == 0 ? new IllegalStateException("of the test") : new IOException("of the test");
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).listener(event -> {
      throw new IllegalStateException("of the listener");
    }).build()) {
      create(cache, 20);
      for (int cycle = 1; cycle <= 3; cycle++) {
        assertThat(cache.sync().failed()).isEqualTo(20);
        assertThat(log.entries()).as("two causes of the refresher, one of the listener")
            .filteredOn(entry -> entry.contains("failed for")).hasSize(3)
            .allMatch(entry -> entry.contains("WARNING") && entry.contains("jobs"))
            .anyMatch(entry -> entry.contains("IOException"))
            .anyMatch(entry -> entry.contains("of the listener"));
        ticker.jump(PERIOD);
      }
      assertThat(cache.stats()).returns(60L, Stats::failed).returns(80L, Stats::callbackFailures);
    }
  }

  @Test
  void R5_aCallbackThatInterruptsItsThread_harmsNoOther() throws Exception {
    remote.answers(items -> {
      Thread.currentThread().interrupt();
      return Remote.increments(items);
    });
    remote.releases((id, item) -> Thread.currentThread().interrupt());
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).batchSize(1).maxConcurrency(1)
        .listener(event -> Thread.currentThread().interrupt()).build()) {
      create(cache, 5);
      cache.deleteDelayed("id-0");
      assertThat(cache.sync()).returns(4L, CycleReport::updated).returns(1L, CycleReport::deletions);
      assertThat(cache.sync()).returns(4L, CycleReport::updated);
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  @Test
  void R5_anItemThatAlwaysFailsIsTriedAgainWhileAllElseStaysFresh() throws Exception {
    remote.answers(items -> {
      Map<String, Outcome<Integer>> outcomes = new HashMap<>(Remote.increments(items));
      if (items.containsKey("id-0")) {
        throw new IllegalStateException("of the test");
      }
      return outcomes;
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).build()) {
      create(cache, 5);
      for (int cycle = 1; cycle <= 30; cycle++) {
        cache.sync();
        ticker.jump(PERIOD);
      }
      assertThat(remote.refreshes("id-0")).isEqualTo(30);
      assertThat(cache.inspect("id-0").orElseThrow().failures()).isEqualTo(30);
      assertThat(IntStream.range(1, 5)).allMatch(i -> cache.get("id-" + i) == 30);
    }
  }
}
