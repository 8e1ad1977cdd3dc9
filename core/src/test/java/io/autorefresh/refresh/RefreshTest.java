package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R1 and R2: what a cycle refreshes, with which values, and never twice at once. */
@Timeout(60)
class RefreshTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote);
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  /** Lets every refresh wait at the gate, and then add one. */
  private void stopAt(Gate gate) {
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
  }

  @Test
  void R1_eachCycleRefreshesEveryItemExactlyOnce() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(100).build()) {
      create(cache, 250);
      for (int cycle = 1; cycle <= 5; cycle++) {
        remote.forget();
        CycleReport report = cache.sync();
        assertThat(report).returns((long) cycle, CycleReport::number).returns(250L, CycleReport::items)
            .returns(3L, CycleReport::refreshCalls).returns(250L, CycleReport::updated);
        assertThat(remote.refreshes()).hasSize(3).allMatch(call -> call.ids().size() <= 100)
            .flatMap(Remote.Call::ids).hasSize(250).doesNotHaveDuplicates();
        int expected = cycle;
        assertThat(IntStream.range(0, 250)).allMatch(i -> cache.get("id-" + i) == expected);
      }
    }
  }

  @Test
  void R1_eachPeriodicCycleRefreshesEveryItemExactlyOnce() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).refreshOnCreate(false).batchSize(7).build()) {
      create(cache, 50);
      cache.start();
      ticker.settle();
      assertThat(remote.refreshes()).as("the first cycle begins one period after the start").isEmpty();
      for (int cycle = 1; cycle <= 5; cycle++) {
        remote.forget();
        ticker.jump(PERIOD);
        int expected = cycle;
        Await.until("cycle " + cycle + " has ended", () -> cache.stats().cycles() == expected);
        assertThat(remote.refreshes()).hasSize(8).flatMap(Remote.Call::ids).hasSize(50).doesNotHaveDuplicates();
        assertThat(IntStream.range(0, 50)).allMatch(i -> cache.get("id-" + i) == expected);
      }
      assertThat(cache.stats().overruns()).isZero();
    }
  }

  @Test
  void R1_terminalItemsAreLeftOut() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> item >= 3).build()) {
      cache.getOrCreate("final", 3);
      cache.getOrCreate("soon", 1);
      for (int cycle = 0; cycle < 4; cycle++) {
        cache.sync();
      }
      assertThat(remote.refreshes("final")).isZero();
      assertThat(remote.refreshes("soon")).isEqualTo(2);
      assertThat(cache.get("soon")).isEqualTo(3);
      assertThat(cache.inspect("soon").orElseThrow())
          .returns(true, ItemState::terminal).returns(ItemState.Due.NEVER, ItemState::due);
    }
  }

  @Test
  void R1_itemsInFlightAreLeftOut() throws Exception {
    Gate gate = new Gate(ticker);
    stopAt(gate);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 3);
      cache.start();
      gate.awaitArrived(1);
      assertThat(cache.inspect("id-0").orElseThrow())
          .returns(true, ItemState::inFlight).returns(ItemState.Due.IN_FLIGHT, ItemState::due);
      assertThat(cache.stats().inFlight()).isEqualTo(3);
      assertThat(cache.sync()).returns(0L, CycleReport::items).returns(0L, CycleReport::refreshCalls);
      gate.open();
      Await.until("the call has ended", () -> cache.stats().updated() == 3 && cache.stats().inFlight() == 0);
      assertThat(cache.sync().updated()).as("the next cycle takes them again").isEqualTo(3);
    }
  }

  @Test
  void R1_itemsBackingOffAreLeftOut() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 3);
      remote.answers(items -> Map.of("id-1", Outcome.failed(new IOException())));
      cache.sync();
      remote.answers(Remote::increments);
      assertThat(cache.sync()).returns(2L, CycleReport::items);
      assertThat(remote.refreshes("id-1")).isOne();
    }
  }

  @Test
  void R1_markedItemsAreLeftOut() throws Exception {
    remote.releases((id, item) -> {
      throw new IOException("of the test");
    });
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      create(cache, 3);
      cache.deleteDelayed("id-1");
      assertThat(cache.sync().items()).isEqualTo(2);
      assertThat(remote.refreshes("id-1")).isZero();
    }
  }

  @Test
  void R1_anItemIsNotRefreshedBecauseItIsRead() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).build()) {
      create(cache, 3);
      cache.start();
      for (int i = 0; i < 1_000; i++) {
        cache.get("id-1");
        cache.getOrCreate("id-1", 5);
        cache.inspect("id-1");
      }
      ticker.settle();
      assertThat(remote.refreshes()).isEmpty();
    }
  }

  @Test
  void R1_theCallbackGetsTheValuesOfItsCallAndNotThoseOfThePlan() throws Exception {
    Queue<String> stale = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).batchSize(1).build()) {
      remote.answers(items -> {
        items.forEach((id, item) -> {
          if (!item.equals(cache.get(id))) {
            stale.add(id);
          }
        });
        return Remote.increments(items);
      });
      create(cache, 10);
      cache.start();
      ticker.jump(PERIOD);
      Await.until("the cycle is planned", () -> cache.stats().backlog() > 0);
      for (int part = 1; part <= 10; part++) {
        cache.sync();
        ticker.jump(PERIOD.dividedBy(10)).settle();
      }
      Await.until("the periodic cycle has ended too", () -> {
        ticker.jump(PERIOD.dividedBy(10)).settle();
        return cache.stats().cycles() >= 11;
      });
      assertThat(stale).isEmpty();
    }
  }

  @Test
  void R1_cyclesOfManyCallersSeeCurrentValuesOnly() throws Exception {
    Queue<String> stale = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(3).maxConcurrency(3).build()) {
      remote.answers(items -> {
        items.forEach((id, item) -> {
          if (!item.equals(cache.get(id))) {
            stale.add(id);
          }
        });
        Thread.yield();
        return Remote.increments(items);
      });
      create(cache, 20);
      Worker.together(4, caller -> {
        for (int cycle = 0; cycle < 100; cycle++) {
          CycleReport report = cache.sync();
          assertThat(report.items()).isEqualTo(report.updated() + report.skipped());
        }
        return null;
      });
      assertThat(stale).isEmpty();
      assertThat(IntStream.range(0, 20)).allMatch(i -> cache.get("id-" + i) == remote.refreshes("id-" + i));
    }
  }

  @Test
  void R1_aBatchIsUnmodifiableAndFreeToBeKept() throws Exception {
    List<Map<String, Integer>> kept = new ArrayList<>();
    Queue<Throwable> refused = new ConcurrentLinkedQueue<>();
    remote.answers(items -> {
      kept.add(items);
      for (Runnable change : List.<Runnable>of(() -> items.put("x", 1), () -> items.remove("id-0"), items::clear,
          () -> items.entrySet().iterator().next().setValue(7))) {
        try {
          change.run();
        } catch (UnsupportedOperationException e) {
          refused.add(e);
        }
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 3);
      cache.sync();
      cache.sync();
      assertThat(refused).hasSize(8);
      assertThat(kept.get(0)).containsOnlyKeys("id-0", "id-1", "id-2").containsValues(0).doesNotContainValue(1);
      assertThat(kept.get(1)).containsOnlyKeys("id-0", "id-1", "id-2").containsValues(1).doesNotContainValue(2);
    }
  }

  @Test
  void R2_anIdIsNeverInTwoRunningJobsNotEvenWhenItIsDeletedAndCreatedAnew() throws Exception {
    Set<String> running = ConcurrentHashMap.newKeySet();
    Queue<String> twice = new ConcurrentLinkedQueue<>();
    AtomicBoolean stop = new AtomicBoolean();
    remote.answers(items -> {
      items.keySet().stream().filter(id -> !running.add(id)).forEach(twice::add);
      Thread.yield();
      running.removeAll(items.keySet());
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs")
        .refreshEvery(Duration.ofMillis(1)).refreshBatch(remote).batchSize(2).maxConcurrency(8).build()) {
      cache.start();
      List<Worker<Void>> callers = Worker.startTogether(3, caller -> {
        for (int id = 0; !stop.get(); id++) {
          cache.getOrCreate("id-" + id % 20, 0);
          if (id % 7 == caller) {
            cache.deleteDelayed("id-" + (id + 10) % 20);
          }
          cache.sync();
        }
        return null;
      });
      try {
        Await.until("everything was refreshed often, and deleted often",
            () -> remote.calls().size() > 5_000 && cache.stats().deletions() > 500);
      } finally {
        stop.set(true);
      }
      for (Worker<Void> caller : callers) {
        caller.result();
      }
      assertThat(twice).isEmpty();
    }
  }

  @Test
  void R2_aStragglerDoesNotHoldUpTheNextCycle() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      if (items.containsKey("id-0")) {
        gate.pass();
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).refreshOnCreate(false).batchSize(1)
        .refreshTimeout(Duration.ofDays(1)).build()) {
      create(cache, 5);
      cache.start();
      for (int cycle = 1; cycle <= 4; cycle++) {
        ticker.jump(PERIOD);
        int expected = cycle;
        Await.until("the others are refreshed",
            () -> IntStream.range(1, 5).allMatch(i -> cache.get("id-" + i) == expected));
        Await.until("only the straggler runs", () -> cache.stats().runningJobs() == 1);
        // Its jobs have ended, but the cycle may not know yet that it has handed out the last.
        ticker.settle();
        Await.until("its cycle is the only one", () -> cache.stats().cycles() == expected - 1);
        assertThat(gate.arrived()).as("the straggler is refreshed once").isOne();
      }
      assertThat(cache.stats()).returns(0L, Stats::overruns).returns(1L, Stats::inFlight);
      gate.open();
      Await.until("the straggler has arrived", () -> cache.get("id-0") == 1 && cache.stats().runningJobs() == 0);
      ticker.jump(PERIOD);
      Await.until("it takes part again", () -> cache.get("id-0") == 2);
    }
  }
}
