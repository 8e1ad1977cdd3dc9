package io.autorefresh.creation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Creator;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemEvent;
import io.autorefresh.ItemState;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C1: one creation per id. C3: terminal and marked items. */
@Timeout(60)
class CreationTest {

  private static final Duration PERIOD = Duration.ofHours(1);

  private static AutoRefreshBuilder<String, Object> builder() {
    return AutoRefresh.<String, Object>builder().refresh((id, value) -> value).refreshEvery(PERIOD);
  }

  private static AutoRefreshBuilder<String, Integer> counting() {
    return AutoRefresh.<String, Integer>builder().refresh((id, n) -> n + 1).refreshEvery(PERIOD).terminal(n -> n >= 10);
  }

  private static Object fresh() {
    return new Object();
  }

  @Test
  void C1_getOrCreate_ofAnAbsentId_storesAndReturnsTheItem() {
    Object byValue = fresh();
    Object byCreator = fresh();
    Object byBuilder = fresh();
    try (var cache = builder().create(id -> byBuilder).build()) {
      assertThat(cache.getOrCreate("a", byValue)).isSameAs(byValue).isSameAs(cache.get("a"));
      assertThat(cache.getOrCreate("b", id -> byCreator)).isSameAs(byCreator).isSameAs(cache.get("b"));
      assertThat(cache.getOrCreate("c")).isSameAs(byBuilder).isSameAs(cache.get("c"));
      assertThat(cache.stats().creations()).isEqualTo(3);
      assertThat(cache.size()).isEqualTo(3);
    }
  }

  @Test
  void C1_getOrCreate_ofAPresentId_ignoresItsArgument() {
    Object stored = fresh();
    AtomicInteger creatorCalls = new AtomicInteger();
    try (var cache = builder().create(id -> creatorCalls.incrementAndGet()).build()) {
      cache.getOrCreate("a", stored);
      assertThat(cache.getOrCreate("a", fresh())).isSameAs(stored);
      assertThat(cache.getOrCreate("a", id -> creatorCalls.incrementAndGet())).isSameAs(stored);
      assertThat(cache.getOrCreate("a")).isSameAs(stored);
      assertThat(creatorCalls).hasValue(0);
      assertThat(cache.stats().creations()).isEqualTo(1);
    }
  }

  @Test
  void C1_creator_isGivenTheId() {
    List<String> seen = new CopyOnWriteArrayList<>();
    Creator<Object, Object> creator = id -> {
      seen.add("" + id);
      return id;
    };
    try (var cache = builder().create(creator).build()) {
      cache.getOrCreate("a");
      cache.getOrCreate("b", creator);
      assertThat(seen).containsExactly("a", "b");
    }
  }

  @Test
  void C1_getOrCreate_withoutABuildersCreator_isRefused() {
    try (var cache = builder().build()) {
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("a"));
      assertThat(cache.size()).isZero();
    }
  }

  /** The ancestor checks, then adds: there, several creators of one id win. */
  @Test
  void C1_concurrentValues_areOneCreation() throws Exception {
    try (var cache = builder().build()) {
      for (int round = 0; round < 300; round++) {
        String id = "item " + round;
        List<Object> got = Worker.together(6, number -> cache.getOrCreate(id, fresh()));
        assertThat(Set.copyOf(got)).containsExactly(cache.get(id));
      }
      assertThat(cache.stats().creations()).isEqualTo(300);
      assertThat(cache.size()).isEqualTo(300);
    }
  }

  @Test
  void C1_concurrentCreators_areOneCreation() throws Exception {
    AtomicInteger creatorCalls = new AtomicInteger();
    Creator<String, Object> creator = id -> {
      creatorCalls.incrementAndGet();
      Thread.yield();
      return fresh();
    };
    try (var cache = builder().create(creator).build()) {
      for (int round = 0; round < 300; round++) {
        String id = "item " + round;
        List<Object> got = Worker.together(6, number ->
            number % 2 == 0 ? cache.getOrCreate(id, creator) : cache.getOrCreate(id));
        assertThat(Set.copyOf(got)).containsExactly(cache.get(id));
      }
      assertThat(creatorCalls).hasValue(300);
      assertThat(cache.stats().creations()).isEqualTo(300);
    }
  }

  @Test
  void C1_concurrentValuesAndCreators_areOneCreation() throws Exception {
    try (var cache = builder().build()) {
      for (int round = 0; round < 300; round++) {
        String id = "item " + round;
        List<Object> got = Worker.together(6, number ->
            number % 2 == 0 ? cache.getOrCreate(id, fresh()) : cache.getOrCreate(id, key -> fresh()));
        assertThat(Set.copyOf(got)).containsExactly(cache.get(id));
      }
      assertThat(cache.stats().creations()).isEqualTo(300);
    }
  }

  @Test
  void C1_aValueForAnIdThatIsBeingCreated_waitsAndGetsTheCreatorsItem() throws Exception {
    Gate gate = new Gate();
    Object created = fresh();
    try (var cache = builder().build()) {
      Worker<Object> creator = Worker.start(() -> cache.getOrCreate("a", id -> {
        gate.pass();
        return created;
      }));
      gate.awaitArrived(1);
      List<Worker<Object>> waiters = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        waiters.add(Worker.<Object>start(() -> cache.getOrCreate("a", fresh())).awaitWaiting());
        waiters.add(Worker.<Object>start(() -> cache.getOrCreate("a", id -> fresh())).awaitWaiting());
      }
      assertThat(waiters).noneMatch(Worker::isDone);
      assertThat(cache.get("a")).isNull();
      assertThat(cache.size()).isZero();
      gate.open();
      for (Worker<Object> waiter : waiters) {
        assertThat(waiter.result()).isSameAs(created);
      }
      assertThat(creator.result()).isSameAs(created);
      assertThat(cache.stats().creations()).isEqualTo(1);
    }
  }

  @Test
  void C1_manyIdsAtOnce_areEachCreatedOnce() throws Exception {
    int ids = 20_000;
    Map<String, AtomicInteger> creatorCalls = new ConcurrentHashMap<>();
    try (var cache = builder().build()) {
      List<List<Object>> got = Worker.together(4, number -> {
        List<Object> items = new ArrayList<>();
        for (int i = 0; i < ids; i++) {
          items.add(cache.getOrCreate("item " + i, id -> {
            creatorCalls.computeIfAbsent(id, x -> new AtomicInteger()).incrementAndGet();
            return fresh();
          }));
        }
        return items;
      });
      assertThat(creatorCalls).hasSize(ids);
      assertThat(creatorCalls.values()).allMatch(calls -> calls.get() == 1);
      assertThat(cache.size()).isEqualTo(ids);
      for (int i = 0; i < ids; i++) {
        Object item = cache.get("item " + i);
        for (List<Object> of : got) {
          assertThat(of.get(i)).isSameAs(item);
        }
      }
    }
  }

  @Test
  void C1_creationsAmongDeletions_areCountedOut() throws Exception {
    AtomicInteger creatorCalls = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    try (var cache = builder().create(id -> creatorCalls.incrementAndGet()).build()) {
      Worker<Void> syncer = Worker.start(() -> {
        while (!done.get()) {
          cache.sync();
        }
      });
      try {
        Worker.together(3, number -> {
          // The thread that deletes may not have had a processor yet.
          for (int i = 0; i < 20_000 || cache.stats().creations() == 17; i++) {
            String id = "item " + i % 17;
            assertThat(cache.getOrCreate(id)).isNotNull();
            if (i % 5 == number) {
              cache.deleteDelayed(id);
            }
          }
          return null;
        });
      } finally {
        done.set(true);
      }
      syncer.result();
      Stats stats = cache.stats();
      assertThat(stats.creations()).isEqualTo(creatorCalls.get()).isGreaterThan(17);
      assertThat(stats.size()).isEqualTo(cache.size()).isEqualTo(stats.creations() - stats.deletions());
    }
  }

  @Test
  void C3_terminalItem_isAcceptedAndNeverRefreshed() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    List<ItemEvent<String, Integer>> events = new CopyOnWriteArrayList<>();
    ManualTicker ticker = new ManualTicker();
    try (var cache = counting().ticker(ticker).spread(false).listener(events::add)
        .refresh((id, n) -> n + calls.incrementAndGet()).build()) {
      assertThat(cache.getOrCreate("before the start", 10)).isEqualTo(10);
      cache.sync();
      cache.start();
      assertThat(cache.getOrCreate("after it", 11)).isEqualTo(11);
      for (int i = 0; i < 3; i++) {
        ticker.settle().jump(PERIOD);
      }
      ticker.settle();
      cache.sync();
      assertThat(calls).hasValue(0);
      Await.until("both creations are heard", () -> events.size() == 2);
      assertThat(events).extracting(Told::of)
          .containsExactly(Told.created("before the start", 10), Told.created("after it", 11));
      assertThat(cache.get("before the start")).isEqualTo(10);
      assertThat(cache.get("after it")).isEqualTo(11);
      assertThat(cache.stats().terminal()).isEqualTo(2);
      assertThat(cache.stats().becameTerminal()).isZero();
      assertThat(cache.stats().neverRefreshed()).isZero();
      assertThat(cache.inspect("after it")).hasValueSatisfying(state -> {
        assertThat(state.terminal()).isTrue();
        assertThat(state.due()).isEqualTo(ItemState.Due.NEVER);
        assertThat(state.dueIn()).isNull();
      });
    }
  }

  @Test
  void C3_terminalItem_byACreator_isNeverRefreshed() throws Exception {
    try (var cache = counting().create(id -> 10).build()) {
      cache.getOrCreate("a");
      cache.getOrCreate("b", id -> 12);
      assertThat(cache.sync().refreshCalls()).isZero();
      assertThat(cache.stats().terminal()).isEqualTo(2);
    }
  }

  @Test
  void C3_itemThatBecameTerminal_isNeverRefreshedAgain() throws Exception {
    try (var cache = counting().build()) {
      cache.getOrCreate("a", 8);
      assertThat(cache.sync().becameTerminal()).isZero();
      assertThat(cache.sync().becameTerminal()).isEqualTo(1);
      CycleReport report = cache.sync();
      assertThat(report.items()).isZero();
      assertThat(report.refreshCalls()).isZero();
      assertThat(cache.get("a")).isEqualTo(10);
    }
  }

  @Test
  void C3_throwingPredicate_leavesACreatedItemLive() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    try (var cache = counting().terminal(n -> {
      if (broken.get()) {
        throw new IllegalStateException("broken predicate");
      }
      return n >= 10;
    }).build()) {
      assertThat(cache.getOrCreate("a", 10)).isEqualTo(10);
      assertThat(cache.inspect("a").orElseThrow().terminal()).isFalse();
      assertThat(cache.stats().callbackFailures()).isEqualTo(1);
      broken.set(false);
      assertThat(cache.sync().updated()).isEqualTo(1);
      assertThat(cache.get("a")).isEqualTo(11);
      assertThat(cache.inspect("a").orElseThrow().terminal()).isTrue();
    }
  }

  @Test
  void C3_markedItem_countsAsPresent() throws Exception {
    Object old = fresh();
    Object younger = fresh();
    AtomicInteger creatorCalls = new AtomicInteger();
    try (var cache = builder().create(id -> creatorCalls.incrementAndGet()).build()) {
      cache.getOrCreate("a", old);
      cache.deleteDelayed("a");
      assertThat(cache.getOrCreate("a", younger)).isSameAs(old);
      assertThat(cache.getOrCreate("a", id -> creatorCalls.incrementAndGet())).isSameAs(old);
      assertThat(cache.getOrCreate("a")).isSameAs(old);
      assertThat(creatorCalls).hasValue(0);
      assertThat(cache.stats().creations()).isEqualTo(1);
      assertThat(cache.inspect("a").orElseThrow().marked()).as("still marked").isTrue();
      assertThat(cache.sync().deletions()).isEqualTo(1);
      assertThat(cache.get("a")).isNull();
      assertThat(cache.getOrCreate("a", younger)).isSameAs(younger);
    }
  }
}
