package io.autorefresh.creation;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemEvent;
import io.autorefresh.RemovalCause;
import io.autorefresh.Stats;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** C5: the bound on the number of items, and what an eviction tells, counts and leaves alone. */
@Timeout(60)
class CapacityTest {

  private final Queue<Told> events = new ConcurrentLinkedQueue<>();

  private AutoRefreshBuilder<String, Integer> builder(int maximumSize) {
    return AutoRefresh.<String, Integer>builder()
        .refresh((id, n) -> n + 1)
        .refreshEvery(Duration.ofHours(1))
        .terminal(n -> n >= 1000)
        .listener(event -> events.add(Told.of(event)))
        .maximumSize(maximumSize);
  }

  private static List<String> ids(String kind, int count) {
    return IntStream.range(0, count).mapToObj(i -> kind + " " + i).toList();
  }

  private static void create(AutoRefresh<String, Integer> cache, List<String> ids, int item) {
    ids.forEach(id -> cache.getOrCreate(id, item));
  }

  private static List<String> present(AutoRefresh<String, Integer> cache, List<String> ids) {
    return ids.stream().filter(id -> cache.get(id) != null).toList();
  }

  /** The ids of which the listener heard that they were evicted. */
  private List<String> evicted() {
    return events.stream().filter(event -> event.detail() == RemovalCause.EVICTED)
        .map(event -> (String) event.id()).toList();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 64, 99, 100, 101, 250, 1000, 4097})
  void C5_size_neverExceedsTheMaximum_andReachesIt(int maximumSize) {
    try (var cache = builder(maximumSize).listener(event -> { }).build()) {
      List<String> ids = ids("item", 3 * maximumSize + 10);
      for (int i = 0; i < ids.size(); i++) {
        cache.getOrCreate(ids.get(i), i);
        assertThat(cache.size()).isEqualTo(Math.min(i + 1, maximumSize));
        assertThat(cache.get(ids.get(i))).as("the newcomer").isEqualTo(i);
      }
      assertThat(present(cache, ids)).hasSize(maximumSize);
      assertThat(cache.stats().size()).isEqualTo(maximumSize);
      assertThat(cache.stats().evictions()).isEqualTo(2L * maximumSize + 10);
      assertThat(cache.stats().creations()).isEqualTo(ids.size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 100, 1000})
  void C5_size_isExactAfterConcurrentCreations(int maximumSize) throws Exception {
    try (var cache = builder(maximumSize).build()) {
      Worker.together(4, number -> {
        for (int i = 0; i < 3000; i++) {
          String id = number % 2 == 0 ? "shared " + i : "own " + number + "/" + i;
          assertThat(i % 2 == 0 ? cache.getOrCreate(id, i) : cache.getOrCreate(id, key -> 5)).isNotNull();
        }
        return null;
      });
      List<String> ids = new ArrayList<>(ids("shared", 3000));
      for (int number = 1; number < 4; number += 2) {
        for (int i = 0; i < 3000; i++) {
          ids.add("own " + number + "/" + i);
        }
      }
      assertThat(cache.size()).isEqualTo(maximumSize);
      assertThat(present(cache, ids)).hasSize(maximumSize);
      Stats stats = cache.stats();
      assertThat(stats.creations() - stats.evictions()).isEqualTo(maximumSize);
      cache.sync();
      assertThat(evicted()).hasSize((int) stats.evictions());
    }
  }

  /** A creation of an id is followed by one removal that the listener hears of, or the item is there. */
  @Test
  void C5_R11_everyRemoval_isHeardOnce_amongCreationsDeletionsAndRefreshes() throws Exception {
    Map<String, AtomicInteger> balance = new HashMap<>();
    List<String> ids = ids("item", 60);
    ids.forEach(id -> balance.put(id, new AtomicInteger()));
    AtomicBoolean done = new AtomicBoolean();
    try (var cache = builder(20).listener(event -> {
      if (event instanceof ItemEvent.Removed) {
        balance.get(event.id()).decrementAndGet();
      }
    }).build()) {
      Worker<Void> syncer = Worker.start(() -> {
        while (!done.get()) {
          cache.sync();
        }
      });
      try {
        Worker.together(3, number -> {
          for (int i = 0; i < 20_000; i++) {
            String id = ids.get((i * (number + 7)) % ids.size());
            cache.getOrCreate(id, key -> {
              balance.get(key).incrementAndGet();
              return firstValue(key);
            });
            if (i % 11 == 0) {
              cache.deleteDelayed(id);
            }
          }
          return null;
        });
      } finally {
        done.set(true);
      }
      syncer.result();
      cache.sync();
      Stats stats = cache.stats();
      assertThat(cache.size()).isLessThanOrEqualTo(20).isEqualTo(present(cache, ids).size());
      assertThat(stats.creations() - stats.evictions() - stats.deletions()).isEqualTo(cache.size());
      for (String id : ids) {
        assertThat(balance.get(id)).as(id).hasValue(cache.get(id) == null ? 0 : 1);
      }
    }
  }

  private static int firstValue(String id) {
    return id.endsWith("7") ? 1000 : 0;
  }

  @Test
  void C5_R11_listener_hearsOfEachEviction_withTheLastValue_afterItIsVisible() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    AtomicInteger visible = new AtomicInteger();
    try (var cache = builder(5).listener(event -> {
      if (event instanceof ItemEvent.Removed) {
        events.add(Told.of(event));
        visible.addAndGet(self.get().get(event.id()) == null ? 0 : 1);
      }
    }).build()) {
      self.set(cache);
      List<String> old = ids("old", 5);
      create(cache, old, 0);
      cache.sync();
      cache.sync();
      create(cache, ids("younger", 5), 10);
      cache.sync();
      List<String> evicted = evicted();
      assertThat(evicted).doesNotHaveDuplicates().hasSize(5);
      assertThat(events).allSatisfy(event -> {
        assertThat(event.detail()).isEqualTo(RemovalCause.EVICTED);
        assertThat(event.item()).as("%s", event.id()).isEqualTo(event.id().toString().startsWith("old") ? 2 : 10);
      });
      assertThat(visible).as("evicted items that were still there").hasValue(0);
      assertThat(present(cache, evicted)).isEmpty();
    }
  }

  @Test
  void C5_eviction_callsNoDeleter() throws Exception {
    AtomicInteger deletions = new AtomicInteger();
    try (var cache = builder(3).onDelete((id, n) -> deletions.incrementAndGet()).build()) {
      create(cache, ids("item", 10), 0);
      cache.sync();
      assertThat(deletions).hasValue(0);
      assertThat(cache.stats().deletions()).isZero();
      assertThat(cache.stats().deletedByRemote()).isZero();
    }
  }

  /** The ancestor counts deletions as evictions, and shows a size that is stale. */
  @Test
  void C5_evictions_andSize_areExact() throws Exception {
    try (var cache = builder(10).refresh((id, n) -> id.startsWith("gone") ? null : n).build()) {
      create(cache, ids("kept", 6), 0);
      create(cache, ids("gone", 2), 0);
      create(cache, ids("deleted", 2), 0);
      ids("deleted", 2).forEach(cache::deleteDelayed);
      assertThat(cache.size()).isEqualTo(10);
      cache.sync();
      assertThat(cache.size()).isEqualTo(6);
      assertThat(cache.stats().evictions()).isZero();
      assertThat(cache.stats().deletions()).isEqualTo(2);
      assertThat(cache.stats().deletedByRemote()).isEqualTo(2);
      create(cache, ids("new", 4), 0);
      assertThat(cache.size()).isEqualTo(10);
      assertThat(cache.stats().evictions()).as("there was room again").isZero();
      create(cache, ids("newer", 3), 0);
      assertThat(cache.size()).isEqualTo(10);
      assertThat(cache.stats().evictions()).isEqualTo(3);
      assertThat(cache.stats().size()).isEqualTo(10);
    }
  }

  @Test
  void C5_hitsAndFailedCreations_evictNothing() throws Exception {
    try (var cache = builder(3).create(id -> {
      throw new UnsupportedOperationException();
    }).build()) {
      create(cache, ids("item", 3), 0);
      for (int i = 0; i < 10; i++) {
        create(cache, ids("item", 3), 7);
        try {
          cache.getOrCreate("new");
        } catch (UnsupportedOperationException e) {
          assertThat(cache.get("new")).isNull();
        }
      }
      assertThat(cache.stats().evictions()).isZero();
      cache.sync();
      assertThat(evicted()).isEmpty();
    }
  }

  @Test
  void C5_evictedItemsRunningRefresh_hasNoEffect() throws Exception {
    Gate gate = new Gate();
    try (var cache = builder(1).refresh((id, n) -> {
      gate.pass();
      return n + 1;
    }).build()) {
      cache.getOrCreate("a", 0);
      Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
      gate.awaitArrived(1);
      cache.getOrCreate("b", 5);
      assertThat(cache.get("a")).isNull();
      gate.open();
      assertThat(syncer.result().staleOutcomes()).isEqualTo(1);
      assertThat(cache.get("a")).isNull();
      assertThat(cache.get("b")).isEqualTo(5);
      assertThat(cache.size()).isEqualTo(1);
      assertThat(cache.stats().staleOutcomes()).isEqualTo(1);
      assertThat(cache.stats().updated()).isZero();
      assertThat(events).containsExactly(
          Told.created("a", 0), Told.created("b", 5), Told.removed("a", 0, RemovalCause.EVICTED));
    }
  }

  @Test
  void C5_evictedItemsRunningRefresh_doesNotTouchALaterItemOfItsId() throws Exception {
    for (Integer late : new Integer[] {1, 1000, null}) {
      Gate gate = new Gate();
      try (var cache = builder(1).refresh((id, n) -> {
        gate.pass();
        return late;
      }).build()) {
        cache.getOrCreate("a", 0);
        Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
        gate.awaitArrived(1);
        cache.getOrCreate("b", 5);
        cache.getOrCreate("a", 50);
        gate.open();
        assertThat(syncer.result().staleOutcomes()).isEqualTo(1);
        assertThat(cache.get("a")).as("after a late %s", late).isEqualTo(50);
        assertThat(cache.inspect("a")).hasValueSatisfying(state -> {
          assertThat(state.terminal()).isFalse();
          assertThat(state.inFlight()).isFalse();
        });
      }
    }
  }

  @Test
  void C5_evictedWhileItsDeleterRuns_isGoneOnce() throws Exception {
    Gate gate = new Gate();
    try (var cache = builder(1).onDelete((id, n) -> gate.pass()).build()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
      gate.awaitArrived(1);
      cache.getOrCreate("b", 5);
      gate.open();
      syncer.result();
      assertThat(cache.get("a")).isNull();
      assertThat(cache.get("b")).isNotNull();
      assertThat(cache.size()).isEqualTo(1);
      assertThat(events.stream().filter(event -> event.id().equals("a")))
          .containsExactly(Told.created("a", 0), Told.removed("a", 0, RemovalCause.EVICTED));
    }
  }

  @Test
  void C5_throwingListener_costsTheCreatorNothing() throws Exception {
    try (var cache = builder(2).listener(event -> {
      throw new IllegalArgumentException("broken listener");
    }).build()) {
      List<String> ids = ids("item", 5);
      for (String id : ids) {
        assertThat(cache.getOrCreate(id, 1)).isEqualTo(1);
      }
      assertThat(cache.size()).isEqualTo(2);
      assertThat(cache.stats().evictions()).isEqualTo(3);
      assertThat(cache.sync()).returns(2L, CycleReport::updated);
      assertThat(cache.stats().callbackFailures()).as("five created, three evicted, two updated").isEqualTo(10);
    }
  }

  @Test
  void C5_evictedId_canBeCreatedAgain() {
    try (var cache = builder(2).build()) {
      for (int round = 0; round < 5; round++) {
        for (String id : ids("item", 3)) {
          cache.getOrCreate(id, round);
        }
      }
      Set<String> present = new HashSet<>(present(cache, ids("item", 3)));
      assertThat(present).hasSize(2).contains("item 2");
      assertThat(cache.stats().creations() - cache.stats().evictions()).isEqualTo(2);
    }
  }
}
