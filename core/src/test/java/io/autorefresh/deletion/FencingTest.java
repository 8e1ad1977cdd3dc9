package io.autorefresh.deletion;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemEvent;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RemovalCause;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** D2 and D4 in races: a deletion beats every refresh in flight, and no late result touches a later generation. */
@Timeout(60)
class FencingTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .spread(false).refreshBatch(remote).onDelete(remote).listener(event -> events.add(Told.of(event)));
  }

  private static Stream<Outcome<Integer>> everyOutcome() {
    return Stream.of(Outcome.updated(99), Outcome.unchanged(), Outcome.deleted(), Outcome.failed(new IOException()));
  }

  /** Holds up the first call at the gate, and answers it with that outcome; others are answered as always. */
  private Gate holdUpTheFirst(Outcome<Integer> late) {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      if (items.get("a") != 0) {
        return Remote.increments(items);
      }
      gate.pass();
      return Remote.all(items, late);
    });
    return gate;
  }

  private static void awaitQuiet(AutoRefresh<?, ?> cache) throws Exception {
    Await.until("no job runs", () -> cache.stats().runningJobs() == 0 && cache.stats().inFlight() == 0);
  }

  @ParameterizedTest
  @MethodSource("everyOutcome")
  void D4_deletionBeatsRefreshInFlight(Outcome<Integer> late) throws Exception {
    Gate gate = holdUpTheFirst(late);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      gate.awaitArrived(1);
      cache.deleteDelayed("a");
      assertThat(cache.sync().deletions()).as("carried out while the refresh runs").isOne();
      assertThat(cache.get("a")).isNull();
      gate.open();
      awaitQuiet(cache);
      assertThat(cache.stats()).returns(1L, Stats::staleOutcomes).returns(1L, Stats::deletions)
          .returns(0L, Stats::updated).returns(0L, Stats::unchanged).returns(0L, Stats::deletedByRemote)
          .returns(0L, Stats::failed);
      assertThat(cache.get("a")).isNull();
      assertThat(cache.size()).isZero();
      Await.until("all is heard", () -> cache.stats().waitingEvents() == 0 && events.size() >= 2);
      assertThat(events).containsExactly(Told.created("a", 0), Told.removed("a", 0, RemovalCause.DELETED));
      assertThat(remote.deletions()).containsExactly("a");
    }
  }

  @ParameterizedTest
  @MethodSource("everyOutcome")
  void D4_aLateResultNeverTouchesALaterGeneration(Outcome<Integer> late) throws Exception {
    Gate gate = holdUpTheFirst(late);
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      cache.deleteDelayed("a");
      cache.sync();
      Integer second = cache.getOrCreate("a", 2_000);
      ticker.jump(Duration.ofSeconds(3));
      gate.open();
      awaitQuiet(cache);
      assertThat(cache.stats()).returns(1L, Stats::staleOutcomes).returns(0L, Stats::updated)
          .returns(0L, Stats::unchanged).returns(0L, Stats::deletedByRemote).returns(0L, Stats::failed);
      assertThat(cache.get("a")).isSameAs(second);
      assertThat(cache.inspect("a").orElseThrow())
          .returns(Duration.ofSeconds(3), ItemState::age)
          .returns(false, ItemState::confirmed)
          .returns(0, ItemState::failures)
          .returns(false, ItemState::inFlight);
      Await.until("all is heard", () -> cache.stats().waitingEvents() == 0 && events.size() >= 3);
      assertThat(events).containsExactly(Told.created("a", 0), Told.removed("a", 0, RemovalCause.DELETED),
          Told.created("a", 2_000));
      cache.sync();
      assertThat(cache.get("a")).isEqualTo(2_001);
    }
  }

  @Test
  void R2_aLaterGenerationIsNotRefreshedBeforeTheCallForAnEarlierOneHasEnded() throws Exception {
    Gate first = holdUpTheFirst(Outcome.unchanged());
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      ticker.jump(PERIOD);
      first.awaitArrived(1);
      cache.deleteDelayed("a");
      cache.sync();
      cache.getOrCreate("a", 2_000);
      assertThat(cache.sync().refreshCalls()).as("the id is in a running call").isZero();
      assertThat(cache.inspect("a").orElseThrow().due()).isEqualTo(ItemState.Due.IN_FLIGHT);
      first.open();
      awaitQuiet(cache);
      assertThat(cache.get("a")).isEqualTo(2_000);
      assertThat(cache.sync().updated()).isOne();
      assertThat(cache.get("a")).isEqualTo(2_001);
    }
  }

  @Test
  void R2_aLaterGenerationHasItsFirstRefreshAsSoonAsTheCallForAnEarlierOneHasEnded() throws Exception {
    Gate first = holdUpTheFirst(Outcome.unchanged());
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      first.awaitArrived(1);
      cache.deleteDelayed("a");
      cache.sync();
      cache.getOrCreate("a", 2_000);
      first.open();
      Await.until("it is refreshed with no tick of the clock", () -> cache.get("a") == 2_001);
    }
  }

  @Test
  void D4_aDeletionBeatsAFirstRefreshInFlight() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      gate.awaitArrived(1);
      cache.deleteDelayed("a");
      cache.sync();
      assertThat(cache.get("a")).isNull();
      gate.open();
      awaitQuiet(cache);
      assertThat(cache.get("a")).isNull();
      assertThat(cache.stats().staleOutcomes()).isOne();
    }
  }

  /** A value that tells its generation. */
  private record Step(int generation, int step) {}

  @Test
  void D4_noReaderEverSeesAnOlderGeneration() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    int ids = 4;
    try (AutoRefresh<Integer, Step> cache = AutoRefresh.<Integer, Step>builder().name("jobs")
        .refreshEvery(PERIOD).ticker(ticker).batchSize(2).refreshBatch(items -> {
          Map<Integer, Outcome<Step>> outcomes = new HashMap<>();
          Thread.yield();
          items.forEach((id, item) -> outcomes.put(id, Outcome.updated(new Step(item.generation(), item.step() + 1))));
          return outcomes;
        }).onDelete((id, item) -> Thread.yield()).build()) {
      List<Worker<Void>> syncing = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        syncing.add(Worker.start(() -> {
          while (!stop.get()) {
            cache.sync();
          }
        }));
      }
      try {
        Worker.together(ids, id -> {
          for (int generation = 0; generation < 300; generation++) {
            assertThat(cache.getOrCreate(id, new Step(generation, 0)).generation()).isEqualTo(generation);
            int steps = generation % 4;
            Await.until("it was refreshed", () -> cache.get(id).step() >= steps);
            assertThat(cache.get(id).generation()).isEqualTo(generation);
            assertThat(cache.deleteDelayed(id)).isTrue();
            Step marked = cache.get(id);
            for (Step seen = marked; seen != null; seen = cache.get(id)) {
              assertThat(seen).as("D2: the value after the mark").isSameAs(marked);
              Thread.yield();
            }
          }
          return null;
        });
      } finally {
        stop.set(true);
      }
      for (Worker<Void> worker : syncing) {
        worker.result();
      }
      assertThat(cache.size()).isZero();
      assertThat(cache.stats().deletions()).isEqualTo(ids * 300L);
    }
  }

  @Test
  void D4_marksInTheMomentOfTheOutcomeEitherSeeItOrStopIt() throws Exception {
    AtomicInteger told = new AtomicInteger();
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      if (event instanceof ItemEvent.Updated) {
        told.incrementAndGet();
      }
    }).build()) {
      int updated = 0;
      int marked = 0;
      for (int round = 0; round < 400; round++) {
        String id = "race-" + round;
        cache.getOrCreate(id, 0);
        List<Integer> seen = Worker.together(2, racer -> {
          if (racer == 0) {
            return (int) cache.sync().updated();
          }
          for (int pause = 0; pause < 50 && remote.refreshes(id) == 0; pause++) {
            Thread.onSpinWait();
          }
          cache.deleteDelayed(id);
          return cache.get(id);
        });
        updated += seen.get(0);
        Integer after = seen.get(1);
        Integer end = cache.get(id);
        if (end != null) {
          assertThat(end).as("the value at the mark stays").isSameAs(after);
        }
        marked += after == null ? 0 : after;
        cache.sync();
        assertThat(cache.get(id)).isNull();
      }
      assertThat(told).as("events").hasValue(updated);
      assertThat(marked).as("values at the mark").isEqualTo(updated);
    }
  }
}
