package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.FailureSummary;
import io.autorefresh.ItemEvent;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RemovalCause;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R11: events come one at a time, in the order of their effects, and after them. */
@Timeout(60)
class ListenerTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final IOException FAILURE = new IOException("of the test");

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).spread(false)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(1)).refreshBatch(remote).onDelete(remote)
        .listener(event -> events.add(Told.of(event)));
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  private void awaitHeard(AutoRefresh<?, ?> cache, int count) throws Exception {
    Await.until(count + " events are heard", () -> events.size() >= count && cache.stats().waitingEvents() == 0);
    assertThat(events).hasSize(count);
  }

  /** Whether the effect of an event can be seen, while nothing else happens to the item but that it is updated. */
  private static boolean isVisible(ItemEvent<String, Integer> event, AutoRefresh<String, Integer> cache) {
    Integer item = cache.get(event.id());
    if (event instanceof ItemEvent.Removed) {
      return item == null;
    } else if (event instanceof ItemEvent.Created) {
      return item != null && item >= event.item();
    } else if (event instanceof ItemEvent.BecameTerminal) {
      return item == event.item() && cache.inspect(event.id()).orElseThrow().terminal();
    } else if (event instanceof ItemEvent.RefreshFailed<String, Integer> failed) {
      ItemState<Integer> state = cache.inspect(event.id()).orElseThrow();
      return item == event.item() && state.failures() == failed.failures()
          && state.lastFailure().map(FailureSummary::toString).equals(Optional.of(failed.cause().toString()));
    }
    return item == event.item();
  }

  @Test
  void R11_eachEventComesAfterItsEffectIsVisible() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    Queue<ItemEvent<String, Integer>> invisible = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> item == 1_002).maximumSize(3)
        .listener(event -> {
          events.add(Told.of(event));
          if (!isVisible(event, self.get())) {
            invisible.add(event);
          }
        }).build()) {
      self.set(cache);
      cache.getOrCreate("a", 1_000);
      cache.sync();
      remote.answersAll(Outcome.failed(FAILURE));
      cache.sync();
      remote.answers(Remote::increments);
      ticker.jump(PERIOD);
      cache.sync();
      cache.deleteDelayed("a");
      cache.sync();
      cache.getOrCreate("b", 5);
      remote.answersAll(Outcome.unchanged());
      cache.sync();
      remote.answersAll(Outcome.deleted());
      cache.sync();
      assertThat(events).containsExactly(
          Told.created("a", 1_000),
          Told.updated("a", 1_000, 1_001),
          Told.refreshFailed("a", 1_001, 1),
          Told.recovered("a", 1_002, 1),
          Told.updated("a", 1_001, 1_002),
          Told.becameTerminal("a", 1_002),
          Told.removed("a", 1_002, RemovalCause.DELETED),
          Told.created("b", 5),
          Told.removed("b", 5, RemovalCause.DELETED_BY_REMOTE));
      assertThat(invisible).isEmpty();
    }
  }

  @Test
  void R11_evictionsAreHeardAfterTheyAreVisible_andAfterTheCreationThatCausedThem() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    Queue<Told> invisible = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(1).terminal(item -> true).listener(event -> {
      events.add(Told.of(event));
      if (event instanceof ItemEvent.Removed && self.get().get(event.id()) != null) {
        invisible.add(Told.of(event));
      }
    }).build()) {
      self.set(cache);
      create(cache, 3);
      assertThat(events).isEmpty();
      cache.sync();
      assertThat(events).containsExactly(
          Told.created("id-0", 0),
          Told.created("id-1", 0),
          Told.removed("id-0", 0, RemovalCause.EVICTED),
          Told.created("id-2", 0),
          Told.removed("id-1", 0, RemovalCause.EVICTED));
      assertThat(invisible).isEmpty();
    }
  }

  @Test
  void R11_whatHasNoEffectHasNoEvent() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> item == 7).build()) {
      cache.getOrCreate("final from the beginning", 7);
      cache.getOrCreate("a", 0);
      remote.answersAll(Outcome.unchanged());
      cache.sync();
      events.clear();
      remote.answersAll(Outcome.updated(0));
      cache.sync();
      remote.answers(items -> Map.of("foreign", Outcome.updated(1)));
      cache.sync();
      cache.getOrCreate("a", 5);
      cache.deleteDelayed("absent");
      cache.deleteDelayed("a");
      assertThat(cache.stats().waitingEvents()).isZero();
      assertThat(events).isEmpty();
    }
  }

  @Test
  void R11_eventsOfManyItems_comeInTheOrderOfTheirEffects() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).build()) {
      create(cache, 50);
      cache.sync();
      List<Told> expected = new ArrayList<>();
      IntStream.range(0, 50).forEach(i -> expected.add(Told.created("id-" + i, 0)));
      remote.refreshes().forEach(call -> expected.add(Told.updated(call.ids().iterator().next(), 0, 1)));
      assertThat(List.copyOf(events)).isEqualTo(expected);
    }
  }

  @Test
  void R11_anEventWaitsForTheEndOfTheOneBefore() throws Exception {
    Gate gate = new Gate(ticker);
    Queue<String> order = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      String kind = Told.of(event).kind();
      order.add(kind + " begins");
      if (event instanceof ItemEvent.Updated) {
        gate.passUnchecked();
      }
      order.add(kind + " ends");
    }).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      gate.awaitArrived(1);
      assertThat(cache.get("a")).as("a slow listener slows no read").isOne();
      cache.deleteDelayed("a");
      assertThat(cache.sync().deletions()).as("it slows no deletion").isOne();
      assertThat(order).containsExactly("created begins", "created ends", "updated begins");
      gate.open();
      Await.until("the last is heard", () -> order.size() == 6);
      assertThat(order).containsExactly(
          "created begins", "created ends", "updated begins", "updated ends", "removed begins", "removed ends");
    }
  }

  @Test
  void R11_aSlowListener_delaysNothingButLaterEvents() throws Exception {
    Gate gate = new Gate(ticker);
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(2).maximumSize(20).listener(event -> {
      gate.passUnchecked();
      events.add(Told.of(event));
    }).build()) {
      create(cache, 20);
      cache.start();
      gate.awaitArrived(1);
      for (int cycle = 1; cycle <= 5; cycle++) {
        int expected = cycle;
        Await.until("all are refreshed", () -> IntStream.range(0, 20).allMatch(i -> cache.get("id-" + i) >= expected)
            && cache.stats().runningJobs() == 0);
        ticker.jump(PERIOD);
      }
      Await.until("the last cycle is over", () -> remote.refreshes().size() == 120 && cache.stats().runningJobs() == 0);
      cache.deleteDelayed("id-0");
      assertThat(cache.sync().deletions()).isOne();
      cache.getOrCreate("new", 0);
      cache.getOrCreate("newer", 0);
      assertThat(cache.stats()).returns(1L, Stats::evictions).returns(0L, Stats::timedOutCalls);
      assertThat(events).isEmpty();
      assertThat(cache.stats().waitingEvents()).isGreaterThan(120);
      gate.open();
      // An event that waits no longer may still be on its way to the list.
      Await.until("all is refreshed and heard", () -> cache.stats().neverRefreshed() == 0
          && cache.stats().runningJobs() == 0 && cache.stats().waitingEvents() == 0 && events.size() > 120
          && gate.arrived() == events.size());
      assertThat(gate.arrived()).as("one at a time").isEqualTo(events.size());
      assertThat(List.copyOf(events).subList(0, 20)).allMatch(told -> told.kind().equals("created"));
      assertThat(events).contains(Told.removed("id-0", 6, RemovalCause.DELETED));
      assertThat(cache.stats().droppedEvents()).isZero();
    }
  }

  @Test
  void R11_theListenerRunsOnOneVirtualThread_whichIsNoJobsAndNoCallers() throws Exception {
    Set<Thread> listening = ConcurrentHashMap.newKeySet();
    Set<Thread> others = ConcurrentHashMap.newKeySet();
    others.add(Thread.currentThread());
    remote.answers(items -> {
      others.add(Thread.currentThread());
      return Remote.increments(items);
    });
    remote.releases((id, item) -> others.add(Thread.currentThread()));
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(5).listener(event -> {
      listening.add(Thread.currentThread());
      events.add(Told.of(event));
    }).build()) {
      cache.start();
      create(cache, 10);
      Await.until("they are refreshed", () -> cache.stats().updated() >= 5 && cache.stats().runningJobs() == 0);
      cache.deleteDelayed("id-9");
      cache.sync();
      Await.until("all is heard", () -> cache.stats().waitingEvents() == 0
          && events.stream().anyMatch(told -> told.detail() == RemovalCause.DELETED));
      assertThat(listening).hasSize(1).doesNotContainAnyElementsOf(others)
          .allMatch(Thread::isVirtual).allMatch(thread -> thread.getName().equals("jobs/listener"));
    }
  }

  @Test
  void R11_withoutABackground_theListenerRunsOnAVirtualThreadOfTheCycle() throws Exception {
    Set<Thread> listening = new HashSet<>();
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> listening.add(Thread.currentThread())).build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      assertThat(listening).hasSize(1).doesNotContain(Thread.currentThread())
          .allMatch(Thread::isVirtual).allMatch(thread -> thread.getName().equals("jobs/listener"));
    }
  }

  @Test
  void R11_beforeTheStartEventsWait() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(2).terminal(item -> true).build()) {
      create(cache, 3);
      assertThat(cache.stats().waitingEvents()).isEqualTo(4);
      assertThat(events).isEmpty();
      cache.start();
      awaitHeard(cache, 4);
      assertThat(events).containsExactly(Told.created("id-0", 0), Told.created("id-1", 0), Told.created("id-2", 0),
          Told.removed("id-0", 0, RemovalCause.EVICTED));
    }
  }

  @Test
  void R11_syncWithoutABackground_returnsWhenTheEventsOfItsCycleWereHeard() throws Exception {
    Gate gate = new Gate(ticker);
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      gate.passUnchecked();
      events.add(Told.of(event));
    }).build()) {
      create(cache, 20);
      Worker<CycleReport> sync = Worker.start(cache::sync);
      gate.awaitArrived(1);
      Await.until("the jobs have ended", () -> cache.stats().updated() == 20 && cache.stats().runningJobs() == 0);
      sync.awaitWaiting();
      assertThat(sync.isDone()).isFalse();
      gate.open();
      assertThat(sync.result().updated()).isEqualTo(20);
      assertThat(events).hasSize(40);
      assertThat(cache.stats().waitingEvents()).isZero();
    }
  }

  @Test
  void R11_syncsOneAfterTheOther_eachHearTheirEvents() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 10);
      for (int cycle = 1; cycle <= 200; cycle++) {
        cache.sync();
        assertThat(events).hasSize(10 + 10 * cycle);
      }
    }
  }

  @Test
  void R11_syncsOfManyThreads_hearTheirEventsOnce() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 10);
      List<Long> updated = Worker.<Long>together(4, number -> {
        long sum = 0;
        for (int i = 0; i < 50; i++) {
          sum += cache.sync().updated();
        }
        return sum;
      });
      assertThat(updated.stream().mapToLong(Long::longValue).sum()).isEqualTo(2_000);
      assertThat(events).hasSize(2_010);
    }
  }

  @Test
  void R11_L2_whatTookEffect_isHeardAtTheClose() throws Exception {
    for (boolean started : new boolean[] {false, true}) {
      events.clear();
      try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> true).build()) {
        if (started) {
          cache.start();
        }
        create(cache, 3);
        cache.deleteDelayed("id-1");
        cache.close();
        assertThat(events).containsExactly(Told.created("id-0", 0), Told.created("id-1", 0), Told.created("id-2", 0),
            Told.removed("id-1", 0, RemovalCause.DELETED));
      }
    }
  }

  @Test
  void R11_aListenerMayUseTheCache() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    Queue<Throwable> refused = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(4).terminal(item -> item == 2).listener(event -> {
      events.add(Told.of(event));
      AutoRefresh<String, Integer> inner = self.get();
      if (event instanceof ItemEvent.BecameTerminal) {
        inner.deleteDelayed(event.id());
        refused.add(catchThrowable(inner::sync));
      } else if (event instanceof ItemEvent.Removed<String, Integer> removed
          && removed.cause() == RemovalCause.DELETED && event.id().equals("b")) {
        inner.getOrCreate("b", id -> 0);
      } else if (event instanceof ItemEvent.Updated && event.id().equals("a") && event.item() == 1) {
        // Once, before there is a "b": fillers would evict it between its end and its mark.
        for (int i = 0; i < 5; i++) {
          inner.getOrCreate("filler-" + event.item() + "-" + i, 2);
        }
      }
    }).build()) {
      self.set(cache);
      cache.getOrCreate("a", 0);
      cache.sync();
      assertThat(cache.size()).isLessThanOrEqualTo(4);
      cache.getOrCreate("b", 1);
      cache.sync();
      assertThat(cache.inspect("b").orElseThrow().marked()).as("marked by the listener").isTrue();
      assertThat(refused).isNotEmpty().allMatch(IllegalStateException.class::isInstance);
      cache.sync();
      assertThat(cache.get("b")).as("created anew by the listener").isNotNull();
      cache.sync();
      assertThat(events).extracting(Told::detail).contains(RemovalCause.EVICTED);
      assertThat(cache.stats().callbackFailures()).isZero();
    }
  }

  @Test
  void R11_aFailedItemTellsItsFailuresInARow_andItsRecovery() throws Exception {
    Queue<Throwable> causes = new ConcurrentLinkedQueue<>();
    remote.answersAll(Outcome.failed(FAILURE));
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      events.add(Told.of(event));
      if (event instanceof ItemEvent.RefreshFailed<String, Integer> failed) {
        causes.add(failed.cause());
      }
    }).build()) {
      cache.getOrCreate("a", 1_000);
      for (int cycle = 0; cycle < 3; cycle++) {
        cache.sync();
        ticker.jump(PERIOD);
      }
      remote.answersAll(Outcome.unchanged());
      cache.sync();
      cache.sync();
      assertThat(events).containsExactly(Told.created("a", 1_000), Told.refreshFailed("a", 1_000, 1),
          Told.refreshFailed("a", 1_000, 2), Told.refreshFailed("a", 1_000, 3), Told.recovered("a", 1_000, 3));
      assertThat(causes).hasSize(3).containsOnly(FAILURE);
    }
  }

  @Test
  void R11_aFailedDeletionTellsItsFailuresInARow() throws Exception {
    Queue<Throwable> causes = new ConcurrentLinkedQueue<>();
    remote.releases((id, item) -> {
      throw FAILURE;
    });
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      events.add(Told.of(event));
      if (event instanceof ItemEvent.DeletionFailed<String, Integer> failed) {
        causes.add(failed.cause());
      }
    }).build()) {
      cache.getOrCreate("a", 1_000);
      cache.deleteDelayed("a");
      for (int cycle = 0; cycle < 2; cycle++) {
        cache.sync();
        ticker.jump(PERIOD);
      }
      remote.releases((id, item) -> {});
      cache.sync();
      assertThat(events).containsExactly(Told.created("a", 1_000), Told.deletionFailed("a", 1_000, 1),
          Told.deletionFailed("a", 1_000, 2), Told.removed("a", 1_000, RemovalCause.DELETED));
      assertThat(causes).hasSize(2).containsOnly(FAILURE);
    }
  }
}
