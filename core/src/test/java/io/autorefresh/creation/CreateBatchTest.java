package io.autorefresh.creation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.BatchCreator;
import io.autorefresh.CreationException;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C7: creation in batches that are jobs of the cycle. */
@Timeout(60)
class CreateBatchTest {

  private static final Duration PERIOD = Duration.ofHours(1);

  private final ManualTicker ticker = new ManualTicker();
  /** The ids of each call of the batch creator. */
  private final List<Set<String>> calls = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  private AutoRefreshBuilder<String, String> builder() {
    return AutoRefresh.<String, String>builder().name("jobs").refreshBatch(items -> Map.of()).refreshEvery(PERIOD)
        .refreshOnCreate(false).ticker(ticker).maxConcurrency(1).createBatch(this::create);
  }

  private Map<String, String> create(Set<String> ids) {
    calls.add(ids);
    threads.add(Thread.currentThread());
    Map<String, String> made = new HashMap<>();
    ids.forEach(id -> made.put(id, id + "!"));
    return made;
  }

  /** The only slot is held from a first creation on, until the gate opens. */
  private BatchCreator<String, String> stoppingAt(Gate gate) {
    return ids -> {
      if (ids.contains("first")) {
        gate.pass();
      }
      return create(ids);
    };
  }

  private static <V> List<Worker<V>> ask(AutoRefresh<String, V> cache, String... ids) throws Exception {
    List<Worker<V>> callers = new ArrayList<>();
    long waiting = cache.stats().waitingForCreators();
    for (String id : ids) {
      callers.add(Worker.start(() -> cache.getOrCreate(id)));
      long expected = waiting + callers.size();
      Await.until("it waits", () -> cache.stats().waitingForCreators() == expected);
    }
    return callers;
  }

  private static <V> Worker<V> askFirst(AutoRefresh<String, V> cache, Gate gate) throws Exception {
    Worker<V> first = ask(cache, "first").get(0);
    gate.awaitArrived(1);
    return first;
  }

  @Test
  void C7_callersWhileTheSlotIsTaken_areJoinedIntoBatches_ofBatchSizeAtMost() throws Exception {
    Gate gate = new Gate(ticker);
    try (var cache = builder().batchSize(3).createBatch(stoppingAt(gate)).start()) {
      Worker<String> first = askFirst(cache, gate);
      List<Worker<String>> callers = ask(cache, "a", "b", "c", "d", "d");
      assertThat(cache.stats().runningJobs()).isEqualTo(1);
      assertThat(cache.stats().runningCreators()).isEqualTo(1);
      gate.open();
      assertThat(first.result()).isEqualTo("first!");
      List<String> values = new ArrayList<>();
      for (Worker<String> caller : callers) {
        values.add(caller.result());
      }
      assertThat(values).containsExactly("a!", "b!", "c!", "d!", "d!");
      assertThat(calls).containsExactly(Set.of("first"), Set.of("a", "b", "c"), Set.of("d"));
      assertThat(threads).allMatch(Thread::isVirtual).allMatch(thread -> thread.getName().contains("/create-"));
      assertThat(cache.get("d")).isSameAs(values.get(3)).isSameAs(values.get(4));
      assertThat(cache.stats().creations()).isEqualTo(5);
      Await.until("nothing runs", () -> cache.stats().runningCreators() == 0 && cache.stats().runningJobs() == 0);
    }
  }

  @Test
  void C7_besideTheOneItemRefresher_batchSizeHoldsForCreations() throws Exception {
    Gate gate = new Gate(ticker);
    try (var cache = AutoRefresh.<String, String>builder().refresh((id, item) -> item).batchSize(2).refreshEvery(PERIOD)
        .refreshOnCreate(false).ticker(ticker).maxConcurrency(1).createBatch(stoppingAt(gate)).start()) {
      askFirst(cache, gate);
      List<Worker<String>> callers = ask(cache, "a", "b", "c");
      gate.open();
      for (Worker<String> caller : callers) {
        caller.result();
      }
      assertThat(calls).containsExactly(Set.of("first"), Set.of("a", "b"), Set.of("c"));
    }
  }

  @Test
  void C7_anIdThatTheResultDoesNotMention_orANullValue_failsItsCallersAlone() throws Exception {
    Gate gate = new Gate(ticker);
    BatchCreator<String, String> partial = ids -> {
      Map<String, String> made = stoppingAt(gate).create(ids);
      made.remove("unmentioned");
      made.put("unasked", "?");
      made.computeIfPresent("null", (id, item) -> null);
      if (ids.contains("null")) {
        made.put("null", null);
      }
      return made;
    };
    try (var cache = builder().createBatch(partial).start()) {
      askFirst(cache, gate);
      List<Worker<String>> callers = ask(cache, "a", "unmentioned", "null");
      gate.open();
      assertThat(callers.get(0).result()).isEqualTo("a!");
      for (int i = 1; i < 3; i++) {
        assertThat(callers.get(i).failure()).isInstanceOf(CreationException.class).hasNoCause()
            .hasMessageContaining(i == 1 ? "'unmentioned'" : "'null'").hasMessageContaining("jobs");
      }
      assertThat(cache.asMap()).containsOnlyKeys("first", "a");
      assertThat(cache.stats().creationFailures()).isEqualTo(2);
    }
  }

  @Test
  void C7_aThrow_isACreationExceptionForAllItsCallers_andTheNextCallTriesAgain() throws Exception {
    Gate gate = new Gate(ticker);
    AtomicReference<Throwable> thrown = new AtomicReference<>(new IOException("no"));
    BatchCreator<String, String> failing = ids -> {
      stoppingAt(gate).create(ids);
      if (ids.contains("first")) {
        return Map.of("first", "first!");
      }
      switch (thrown.get()) {
        case Exception e -> throw e;
        case Error e -> throw e;
        default -> throw new AssertionError();
      }
    };
    try (var cache = builder().createBatch(failing).start()) {
      askFirst(cache, gate);
      List<Worker<String>> callers = ask(cache, "a", "b", "b");
      gate.open();
      for (Worker<String> caller : callers) {
        assertThat(caller.failure()).isInstanceOf(CreationException.class).hasCause(thrown.get());
      }
      for (Throwable next : List.of(new IllegalStateException("unchecked"), new AssertionError("an error"))) {
        thrown.set(next);
        assertThatThrownBy(() -> cache.getOrCreate("a")).isInstanceOf(CreationException.class).hasCause(next);
      }
      assertThat(cache.asMap()).containsOnlyKeys("first");
      assertThat(calls).hasSize(4);
      assertThat(cache.getOrCreate("a", "given")).isEqualTo("given");
    }
  }

  @Test
  void C7_aTimeOut_isACreationException_andTheSlotIsGivenBack() throws Exception {
    Gate gate = new Gate(ticker);
    try (var cache = builder().refreshTimeout(Duration.ofSeconds(5)).createBatch(stoppingAt(gate)).start()) {
      Worker<String> first = askFirst(cache, gate);
      List<Worker<String>> others = ask(cache, "a");
      ticker.jump(Duration.ofSeconds(6));
      assertThat(first.failure()).isInstanceOf(CreationException.class).hasMessageContaining("'first'")
          .hasCauseInstanceOf(TimeoutException.class);
      assertThat(others.get(0).result()).isEqualTo("a!");
      assertThat(cache.asMap()).containsOnlyKeys("a");
      assertThat(cache.stats().timedOutCalls()).isEqualTo(1);
      assertThat(gate.interrupted()).isEqualTo(1);
    }
  }

  @Test
  void C7_aCallThatIgnoresItsInterruption_isAbandoned_andItsLateResultIsNotStored() throws Exception {
    Gate gate = new Gate(ticker);
    BatchCreator<String, String> deaf = ids -> {
      if (ids.contains("first")) {
        gate.passStubbornly();
      }
      return create(ids);
    };
    try (var cache = builder().refreshTimeout(Duration.ofSeconds(5)).createBatch(deaf).start()) {
      Worker<String> first = askFirst(cache, gate);
      ticker.jump(Duration.ofSeconds(6));
      assertThat(first.failure()).hasCauseInstanceOf(TimeoutException.class);
      assertThat(cache.getOrCreate("a")).isEqualTo("a!");
      assertThat(cache.stats().abandonedJobs()).isEqualTo(1);
      gate.open();
      Await.until("it has ended", () -> cache.stats().abandonedJobs() == 0);
      assertThat(cache.asMap()).containsOnlyKeys("a");
    }
  }

  @Test
  void C7_creationsCountAsCalls_underMaxCallsPerSecond() throws Exception {
    try (var cache = builder().maxConcurrency(10).maxCallsPerSecond(1).start()) {
      cache.getOrCreate("a");
      List<Worker<String>> next = ask(cache, "b", "c");
      ticker.jump(Duration.ofMillis(900)).settle();
      assertThat(calls).hasSize(1);
      ticker.jump(Duration.ofMillis(200)).settle();
      for (Worker<String> caller : next) {
        caller.result();
      }
      assertThat(calls).containsExactly(Set.of("a"), Set.of("b", "c"));
    }
  }

  @Test
  void C7_whileSlotsAreScarce_creationsTakeTurnsWithNewItems() throws Exception {
    Gate gate = new Gate(ticker);
    List<String> order = new CopyOnWriteArrayList<>();
    try (var cache = builder().refreshOnCreate(true).batchSize(1)
        .refreshBatch(items -> {
          order.add("refresh");
          return Map.of();
        })
        .createBatch(ids -> {
          order.add("create");
          return stoppingAt(gate).create(ids);
        })
        .start()) {
      askFirst(cache, gate);
      List<Worker<String>> callers = ask(cache, "a", "b", "c");
      for (String id : List.of("x", "y", "z")) {
        cache.getOrCreate(id, id);
      }
      gate.open();
      for (Worker<String> caller : callers) {
        caller.result();
      }
      Await.until("all are refreshed", () -> order.size() == 11);
      assertThat(order.subList(0, 7))
          .containsExactly("create", "refresh", "create", "refresh", "create", "refresh", "create");
    }
  }

  @Test
  void C7_whereNoBackgroundRuns_itIsCalledInTheCallersThread_withOneId() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    try (var cache = builder().createBatch(ids -> {
      if (thrown.get() instanceof Exception e) {
        throw e;
      }
      return ids.contains("unmentioned") ? Map.of() : create(ids);
    }).build()) {
      assertThat(cache.getOrCreate("a")).isEqualTo("a!");
      assertThat(calls).containsExactly(Set.of("a"));
      assertThat(threads).containsExactly(Thread.currentThread());
      assertThatThrownBy(() -> cache.getOrCreate("unmentioned")).isInstanceOf(CreationException.class).hasNoCause();
      thrown.set(new IllegalArgumentException("no"));
      assertThatThrownBy(() -> cache.getOrCreate("b")).isInstanceOf(CreationException.class).hasCause(thrown.get());
      assertThat(cache.asMap()).containsOnlyKeys("a");
    }
  }

  @Test
  void C7_fromACallback_itIsCalledInItsThread_alsoForAnIdThatWaits() throws Exception {
    Gate gate = new Gate(ticker);
    AtomicReference<AutoRefresh<String, String>> self = new AtomicReference<>();
    BatchCreator<String, String> nesting = ids -> {
      if (ids.contains("first")) {
        gate.pass();
        self.get().getOrCreate("waiting");
        assertThatThrownBy(() -> self.get().getOrCreate("first")).isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("its own id");
      }
      return create(ids);
    };
    try (var cache = builder().createBatch(nesting).start()) {
      self.set(cache);
      Worker<String> first = askFirst(cache, gate);
      List<Worker<String>> waiting = ask(cache, "waiting");
      gate.open();
      assertThat(first.result()).isEqualTo("first!");
      assertThat(waiting.get(0).result()).isEqualTo("waiting!");
      assertThat(calls).containsExactly(Set.of("waiting"), Set.of("first"));
      assertThat(threads.get(0)).isSameAs(threads.get(1));
    }
  }

  @Test
  void C7_aCallerWithAValue_doesNotWaitForTheBatch() throws Exception {
    Gate gate = new Gate(ticker);
    try (var cache = builder().createBatch(stoppingAt(gate)).start()) {
      Worker<String> first = askFirst(cache, gate);
      List<Worker<String>> waiting = ask(cache, "a");
      assertThat(cache.getOrCreate("a", "given")).isEqualTo("given");
      assertThat(waiting.get(0).result()).isEqualTo("given");
      gate.open();
      first.result();
      ticker.settle();
      assertThat(calls).containsExactly(Set.of("first"));
    }
  }

  @Test
  void C7_theClose_interruptsTheCall_andAllWaitingCallersGetIllegalStateException() throws Exception {
    for (int round = 0; round < 20; round++) {
      Gate gate = new Gate(ticker);
      var cache = builder().createBatch(stoppingAt(gate)).start();
      List<Worker<String>> callers = new ArrayList<>(List.of(askFirst(cache, gate)));
      callers.addAll(ask(cache, "a", "b"));
      cache.close();
      for (Worker<String> caller : callers) {
        assertThat(caller.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      }
      assertThat(gate.interrupted()).isEqualTo(1);
      assertThat(calls).isEmpty();
      assertThat(cache.size()).isZero();
      assertThatThrownBy(() -> cache.getOrCreate("c")).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void C7_theEndOfTheBackground_sendsWaitingCallersAway_andTheNextOnesCreateThemselves() throws Exception {
    Gate gate = new Gate(ticker);
    try (var cache = builder().createBatch(stoppingAt(gate)).build()) {
      Worker<Void> background = Worker.start(cache::run);
      Await.until("it runs", () -> cache.toString().contains("running"));
      background.awaitWaiting();
      List<Worker<String>> callers = new ArrayList<>(List.of(askFirst(cache, gate)));
      callers.addAll(ask(cache, "a", "b"));
      background.interrupt();
      assertThat(background.failure()).isInstanceOf(InterruptedException.class);
      for (Worker<String> caller : callers) {
        assertThat(caller.failure()).isInstanceOf(CreationException.class)
            .hasCauseInstanceOf(IllegalStateException.class);
      }
      assertThat(cache.getOrCreate("a")).isEqualTo("a!");
      assertThat(threads).containsExactly(Thread.currentThread());
    }
  }

  @Test
  void C7_anInterruptedCaller_leavesAlone() throws Exception {
    Gate gate = new Gate(ticker);
    try (var cache = builder().createBatch(stoppingAt(gate)).start()) {
      Worker<String> first = askFirst(cache, gate);
      List<Worker<String>> callers = ask(cache, "a", "a");
      callers.get(0).interrupt();
      assertThat(callers.get(0).failure()).isInstanceOf(CreationException.class)
          .hasCauseInstanceOf(InterruptedException.class);
      gate.open();
      assertThat(callers.get(1).result()).isEqualTo("a!");
      assertThat(first.result()).isEqualTo("first!");
    }
  }

  @Test
  void C7_manyCallersOfFewIds_areOneCreationOfEach() throws Exception {
    AtomicInteger made = new AtomicInteger();
    try (var cache = AutoRefresh.<String, Integer>builder().refreshBatch(items -> Map.of()).refreshEvery(PERIOD)
        .maxConcurrency(4).batchSize(7).createBatch(ids -> {
          Map<String, Integer> numbers = new HashMap<>();
          ids.forEach(id -> numbers.put(id, made.incrementAndGet()));
          return numbers;
        }).start()) {
      for (int round = 0; round < 100; round++) {
        String id = "round " + round + " item ";
        List<Integer> got = Worker.together(6, number -> number == 5
            ? cache.getOrCreate(id + 0, key -> made.incrementAndGet()) : cache.getOrCreate(id + number % 2));
        assertThat(Set.copyOf(got)).containsExactlyInAnyOrder(cache.get(id + 0), cache.get(id + 1));
      }
      assertThat(made).hasValue(200);
      assertThat(cache.stats().creations()).isEqualTo(200);
    }
  }

  @Test
  void C7_whatIsCreated_passesPredicateAndInterval_asOtherItemsDo() throws Exception {
    try (var cache = builder().terminal("done!"::equals).interval((id, item) -> PERIOD.multipliedBy(3)).start()) {
      cache.getOrCreate("done");
      cache.getOrCreate("a");
      assertThat(cache.inspect("done").orElseThrow().terminal()).isTrue();
      assertThat(cache.inspect("a").orElseThrow().terminal()).isFalse();
      assertThat(cache.inspect("a").orElseThrow().dueIn()).isEqualTo(PERIOD.multipliedBy(3));
    }
  }

  @Test
  void C7_bothCreators_areAnErrorOfBuild() {
    assertThatIllegalArgumentException().isThrownBy(() -> builder().create(id -> id).build())
        .withMessageContaining("one of create and createBatch may be set, but both are");
  }
}
