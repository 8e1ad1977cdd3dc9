package io.autorefresh.creation;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemEvent;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RemovalCause;
import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.WatchedTicker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C4: the first refresh of a new item. The ticker stands still wherever a period must have nothing to do with it. */
@Timeout(60)
class FirstRefreshTest {

  private static final Duration PERIOD = Duration.ofHours(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Gate gate = new Gate(ticker);

  /** The ids of each call of the refresher, in the order of their beginnings. */
  private final List<Set<String>> calls = new CopyOnWriteArrayList<>();

  private AutoRefreshBuilder<String, Integer> single() {
    return AutoRefresh.<String, Integer>builder().refresh((id, n) -> {
      calls.add(Set.of(id));
      return n + 1;
    }).refreshEvery(PERIOD).ticker(ticker);
  }

  private AutoRefreshBuilder<String, Integer> batches() {
    return AutoRefresh.<String, Integer>builder().refreshBatch(this::increment).refreshEvery(PERIOD).ticker(ticker);
  }

  private Map<String, Outcome<Integer>> increment(Map<String, Integer> items) {
    calls.add(items.keySet());
    Map<String, Outcome<Integer>> outcomes = new HashMap<>();
    items.forEach((id, n) -> outcomes.put(id, Outcome.updated(n + 1)));
    return outcomes;
  }

  private static List<String> ids(String kind, int count) {
    return IntStream.range(0, count).mapToObj(i -> kind + " " + i).toList();
  }

  private static void create(AutoRefresh<String, Integer> cache, List<String> ids) {
    ids.forEach(id -> cache.getOrCreate(id, 0));
  }

  private static void awaitAll(AutoRefresh<String, Integer> cache, List<String> ids, int value) throws Exception {
    Await.until("all are " + value, () -> ids.stream().allMatch(id -> Objects.equals(cache.get(id), value)));
  }

  @Test
  void C4_newItem_isRefreshedAtOnce() throws Exception {
    try (var cache = single().build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      awaitAll(cache, List.of("a"), 1);
      cache.getOrCreate("b", id -> 0);
      awaitAll(cache, List.of("b"), 1);
      ticker.settle();
      assertThat(calls).as("once each").containsExactly(Set.of("a"), Set.of("b"));
      assertThat(cache.stats().neverRefreshed()).isZero();
    }
  }

  /** With real time: here the loop sleeps until it is told, and nothing but the creation tells it. */
  @Test
  void C4_newItem_alwaysWakesTheLoop() throws Exception {
    try (var cache = single().ticker(Ticker.systemTicker()).build()) {
      cache.start();
      for (int round = 0; round < 500; round++) {
        String id = "item " + round;
        cache.getOrCreate(id, 0);
        awaitAll(cache, List.of(id), 1);
      }
      assertThat(calls).hasSize(500);
    }
  }

  @Test
  void C4_newItemsOfManyThreads_areEachRefreshedOnce() throws Exception {
    try (var cache = batches().ticker(Ticker.systemTicker()).batchSize(10).build()) {
      cache.start();
      Worker.together(4, number -> {
        create(cache, ids("of " + number, 1000));
        return null;
      });
      for (int number = 0; number < 4; number++) {
        awaitAll(cache, ids("of " + number, 1000), 1);
      }
      assertThat(calls.stream().mapToInt(Set::size).sum()).isEqualTo(4000);
      assertThat(calls).allMatch(ids -> ids.size() <= 10);
    }
  }

  @Test
  void C4_newItem_doesNotWaitForItsTurnInASpreadCycle() throws Exception {
    try (var cache = single().spread(true).build()) {
      List<String> old = ids("old", 100);
      create(cache, old);
      cache.start();
      awaitAll(cache, old, 1);
      ticker.settle().jump(PERIOD).settle();
      assertThat(calls.size()).as("the cycle has begun, and is laid over the period").isLessThan(200);
      cache.getOrCreate("new", 0);
      awaitAll(cache, List.of("new"), 1);
      assertThat(calls.size()).as("the cycle is still under way").isLessThan(201);
    }
  }

  /** The ancestor's new items queue behind its backlog, 58 s and more. */
  @Test
  void C4_newItem_goesAheadOfPeriodicWork() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    BlockingQueue<Gate> steps = new LinkedBlockingQueue<>();
    try (var cache = single().spread(false).maxConcurrency(1).refresh((id, n) -> {
      calls.add(Set.of(id));
      if (stop.get()) {
        Gate step = new Gate(ticker);
        steps.add(step);
        step.pass();
      }
      return n + 1;
    }).build()) {
      List<String> old = ids("old", 50);
      create(cache, old);
      cache.start();
      awaitAll(cache, old, 1);
      stop.set(true);
      ticker.settle().jump(PERIOD).settle();
      assertThat(calls).hasSize(51);
      create(cache, List.of("new 1", "new 2"));
      ticker.settle();
      assertThat(cache.stats().backlog()).as("the 49 others, and the new ones").isEqualTo(51);
      for (int next = 52; next <= 56; next++) {
        steps.remove().open();
        ticker.settle();
        assertThat(calls).hasSize(next);
      }
      assertThat(calls.subList(51, 56)).as("the next calls of 51").contains(Set.of("new 1"), Set.of("new 2"));
      stop.set(false);
      steps.remove().open();
      awaitAll(cache, old, 2);
    }
  }

  private void awaitCalls(int count) throws Exception {
    Await.until(count + " calls have begun", () -> calls.size() >= count);
  }

  @Test
  void C4_itemsCreatedBeforeTheStart_areCoalescedIntoFullBatches() throws Exception {
    try (var cache = batches().batchSize(100).build()) {
      List<String> ids = ids("item", 250);
      create(cache, ids);
      cache.start();
      awaitAll(cache, ids, 1);
      assertThat(calls).extracting(Set::size).containsExactlyInAnyOrder(100, 100, 50);
    }
  }

  /** The ticker holds up the owner of the first cycle until the second one has come. */
  @Test
  void C4_itemsCreatedBeforeTheStart_areRefreshed_alsoWhereTheFirstTickComesFirst() throws Exception {
    WatchedTicker watched = new WatchedTicker(ticker, () -> {
      if (Thread.currentThread().getName().endsWith("/cycle-0")) {
        gate.passUnchecked();
      }
    });
    try (var cache = single().ticker(watched).build()) {
      List<String> ids = ids("item", 3);
      create(cache, ids);
      cache.start();
      gate.awaitArrived(1);
      ticker.jump(PERIOD);
      Await.until("the first periodic cycle has ended", () -> cache.stats().cycles() == 1);
      gate.open();
      awaitAll(cache, ids, 1);
    } finally {
      gate.open();
    }
  }

  @Test
  void C4_itemsCreatedWhileAllSlotsAreTaken_areCoalescedIntoBatches() throws Exception {
    AtomicBoolean stop = new AtomicBoolean(true);
    try (var cache = batches().maxConcurrency(1).batchSize(100).refreshBatch(items -> {
      if (stop.get()) {
        gate.pass();
      }
      return increment(items);
    }).build()) {
      cache.start();
      cache.getOrCreate("first", 0);
      gate.awaitArrived(1);
      List<String> ids = ids("item", 90);
      create(cache, ids);
      ticker.settle();
      stop.set(false);
      gate.open();
      awaitAll(cache, ids, 1);
      assertThat(calls.size()).as("calls for 1 and 90 items: %s", calls).isLessThanOrEqualTo(3);
    }
  }

  @Test
  void C4_coalescing_respectsTheGroups() throws Exception {
    try (var cache = batches().batchBy((id, n) -> id.substring(0, 3)).batchSize(40).build()) {
      List<String> east = ids("east", 50);
      List<String> west = ids("west", 50);
      for (int i = 0; i < 50; i++) {
        create(cache, List.of(east.get(i), west.get(i)));
      }
      cache.start();
      awaitAll(cache, east, 1);
      awaitAll(cache, west, 1);
      assertThat(calls).hasSize(4).allSatisfy(ids -> {
        assertThat(ids).hasSizeLessThanOrEqualTo(40);
        assertThat(ids.stream().map(id -> id.substring(0, 4)).distinct()).hasSize(1);
      });
    }
  }

  @Test
  void C4_switchedOff_newItemsWaitForTheNextCycle() throws Exception {
    try (var cache = single().refreshOnCreate(false).spread(false).build()) {
      cache.getOrCreate("before the start", 0);
      cache.start();
      ticker.settle();
      cache.getOrCreate("after it", 0);
      ticker.settle().jump(PERIOD.minusNanos(1)).settle();
      assertThat(calls).isEmpty();
      assertThat(cache.stats().inFlight()).isZero();
      assertThat(cache.inspect("after it")).hasValueSatisfying(
          state -> assertThat(state.due()).isEqualTo(ItemState.Due.NEXT_CYCLE));
      ticker.jump(Duration.ofNanos(1));
      awaitAll(cache, List.of("before the start", "after it"), 1);
      ticker.settle();
      assertThat(calls).hasSize(2);
    }
  }

  @Test
  void C4_newItem_isKnownAsSuch() throws Exception {
    try (var cache = single().build()) {
      cache.getOrCreate("a", 0);
      assertThat(cache.inspect("a").orElseThrow().due()).isEqualTo(ItemState.Due.FIRST_REFRESH);
      assertThat(cache.stats().neverRefreshed()).isEqualTo(1);
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow().due()).isEqualTo(ItemState.Due.NEXT_CYCLE);
      assertThat(cache.stats().neverRefreshed()).isZero();
    }
  }

  @Test
  void C4_sync_givesNewItemsThreeOfFourTurns_andRefreshesEachItemOnce() throws Exception {
    try (var cache = single().maxConcurrency(1).build()) {
      List<String> old = ids("old", 20);
      List<String> younger = ids("younger", 20);
      create(cache, old);
      cache.sync();
      calls.clear();
      create(cache, younger);
      CycleReport report = cache.sync();
      assertThat(report.items()).isEqualTo(40);
      assertThat(report.refreshCalls()).isEqualTo(40);
      assertThat(calls).doesNotHaveDuplicates().hasSize(40);
      for (int turn = 0; turn < 24; turn += 4) {
        assertThat(calls.subList(turn, turn + 4)).as("calls %s to %s", turn, turn + 3)
            .filteredOn(ids -> younger.containsAll(ids)).hasSize(3);
      }
    }
  }

  /** The close waits for the cycles' ends, at which they are counted. */
  @Test
  void C4_firstRefreshes_areNoSyncCycle() throws Exception {
    try (var cache = single().build()) {
      cache.start();
      for (String id : ids("new", 3)) {
        cache.getOrCreate(id, 0);
        awaitAll(cache, List.of(id), 1);
      }
      assertThat(cache.sync().number()).isEqualTo(1);
      cache.close();
      assertThat(cache.stats().refreshCalls()).isEqualTo(6);
      assertThat(cache.stats().cycles()).as("the one on demand").isEqualTo(1);
    }
  }

  @Test
  void C4_syncAndLoop_shareTheFirstRefreshes() throws Exception {
    Map<String, AtomicInteger> perItem = new ConcurrentHashMap<>();
    try (var cache = single().ticker(Ticker.systemTicker()).refresh((id, n) -> {
      perItem.computeIfAbsent(id, x -> new AtomicInteger()).incrementAndGet();
      return n + 1;
    }).terminal(n -> n == 1).build()) {
      cache.start();
      Worker.together(2, number -> {
        for (int i = 0; i < 1000; i++) {
          if (number == 0) {
            cache.getOrCreate("item " + i, 0);
          } else if (i % 10 == 0) {
            cache.sync();
          }
        }
        return null;
      });
      awaitAll(cache, ids("item", 1000), 1);
      assertThat(perItem.values()).allMatch(count -> count.get() == 1);
    }
  }

  @Test
  void C4_itemMarkedBeforeItsFirstRefresh_hasNone() throws Exception {
    try (var cache = single().build()) {
      create(cache, List.of("marked", "kept"));
      cache.deleteDelayed("marked");
      cache.start();
      awaitAll(cache, List.of("kept"), 1);
      ticker.settle();
      assertThat(calls).containsExactly(Set.of("kept"));
      assertThat(cache.get("marked")).isZero();
    }
  }

  private static boolean isEviction(ItemEvent<?, ?> event) {
    return event instanceof ItemEvent.Removed<?, ?> removed && removed.cause() == RemovalCause.EVICTED;
  }

  @Test
  void C4_itemThatIsCreatedAgain_isRefreshedAtOnce_evenByAListenerThatHearsOfItsEviction() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    AtomicBoolean again = new AtomicBoolean(true);
    try (var cache = single().maximumSize(1).listener(event -> {
      if (isEviction(event) && again.getAndSet(false)) {
        self.get().getOrCreate(event.id(), 100);
      }
    }).build()) {
      self.set(cache);
      cache.start();
      cache.getOrCreate("a", 0);
      awaitAll(cache, List.of("a"), 1);
      cache.getOrCreate("b", 0);
      awaitAll(cache, List.of("a"), 101);
    }
  }

  @Test
  void C4_aListenerThatHearsOfAnEviction_doesNotDelayTheFirstRefresh() throws Exception {
    try (var cache = single().maximumSize(1).listener(event -> {
      if (isEviction(event)) {
        gate.passUnchecked();
      }
    }).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      awaitAll(cache, List.of("a"), 1);
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("b", 0));
      gate.awaitArrived(1);
      awaitAll(cache, List.of("b"), 1);
      gate.open();
      assertThat(creator.result()).isZero();
    } finally {
      gate.open();
    }
  }
}
