package io.autorefresh.creation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CreationException;
import io.autorefresh.Creator;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** C2: creators, slow, failing and interrupted. */
@Timeout(60)
class CreatorTest {

  private final Gate gate = new Gate();

  /** Ids that all have the same hash, so that they share all that is shared by hash: bin, stripe, lock. */
  private record Colliding(int number) {
    @Override
    public int hashCode() {
      return 42;
    }
  }

  private static <K> AutoRefreshBuilder<K, Integer> builder() {
    return AutoRefresh.<K, Integer>builder()
        .name("parcels").refresh((id, n) -> n + 1).refreshEvery(Duration.ofHours(1))
        .closeTimeout(Duration.ofSeconds(20));
  }

  private Creator<Object, Integer> slow(int item) {
    return id -> {
      gate.pass();
      return item;
    };
  }

  private Creator<Object, Integer> failing(Throwable failure) {
    return id -> {
      gate.pass();
      if (failure instanceof Error error) {
        throw error;
      }
      throw (Exception) failure;
    };
  }

  private static <K> void assertNothingStored(AutoRefresh<K, Integer> cache, K id) {
    assertThat(cache.get(id)).isNull();
    assertThat(cache.inspect(id)).isEmpty();
    assertThat(cache.size()).isZero();
    assertThat(cache.stats().creations()).isZero();
  }

  @Test
  void C2_creator_runsInTheCallingThread() throws Exception {
    AtomicReference<Thread> ran = new AtomicReference<>();
    try (var cache = CreatorTest.<String>builder().build()) {
      Worker<Thread> caller = Worker.start(() -> {
        cache.getOrCreate("a", id -> {
          ran.set(Thread.currentThread());
          return 1;
        });
        return Thread.currentThread();
      });
      assertThat(caller.result()).isSameAs(ran.get());
    }
  }

  @Test
  void C2_slowCreator_holdsUpNoOtherId() throws Exception {
    try (var cache = CreatorTest.<Object>builder().build()) {
      cache.getOrCreate(new Colliding(-1), 0);
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate(new Colliding(-2), slow(7)));
      gate.awaitArrived(1);
      Worker<Void> others = Worker.start(() -> {
        for (int i = 0; i < 200; i++) {
          assertThat(cache.getOrCreate(new Colliding(i), i)).isEqualTo(i);
          assertThat(cache.getOrCreate("id " + i, id -> -1)).isEqualTo(-1);
          assertThat(cache.inspect(new Colliding(i))).isPresent();
        }
        assertThat(cache.deleteDelayed(new Colliding(-1))).isTrue();
        assertThat(cache.deleteDelayed(new Colliding(-2))).as("not there yet").isFalse();
        assertThat(cache.inspect(new Colliding(-2))).isEmpty();
        assertThat(cache.sync().updated()).isEqualTo(400);
        assertThat(cache.size()).isEqualTo(400);
        assertThat(cache.stats().size()).isEqualTo(400);
      });
      others.result();
      assertThat(creator.isDone()).isFalse();
      gate.open();
      assertThat(creator.result()).isEqualTo(7);
      assertThat(cache.get(new Colliding(-2))).isEqualTo(7);
    }
  }

  @Test
  void C2_twoSlowCreatorsOfIdsWithOneHash_runAtOnce() throws Exception {
    try (var cache = CreatorTest.<Object>builder().build()) {
      Worker<Integer> one = Worker.start(() -> cache.getOrCreate(new Colliding(1), slow(1)));
      Worker<Integer> two = Worker.start(() -> cache.getOrCreate(new Colliding(2), slow(2)));
      gate.awaitArrived(2);
      gate.open();
      assertThat(one.result()).isEqualTo(1);
      assertThat(two.result()).isEqualTo(2);
    }
  }

  @Test
  void C2_creator_mayUseTheCacheForOtherIds() throws Exception {
    try (var cache = CreatorTest.<String>builder().build()) {
      cache.getOrCreate("old", 1);
      assertThat(cache.getOrCreate("a", id -> {
        assertThat(cache.get("a")).isNull();
        assertThat(cache.get("old")).isEqualTo(1);
        assertThat(cache.deleteDelayed("old")).isTrue();
        return cache.getOrCreate("b", other -> cache.getOrCreate("c", 20) + 1) + 1;
      })).isEqualTo(22);
      assertThat(List.of(cache.get("a"), cache.get("b"), cache.get("c"))).containsExactly(22, 21, 20);
      assertThat(cache.sync().deletions()).isEqualTo(1);
    }
  }

  static Stream<Throwable> uncheckedFailures() {
    return Stream.of(new UnsupportedOperationException("no"), new IllegalStateException("no"),
        new StackOverflowError("no"), new AssertionError("no"), new CreationException("no", null));
  }

  @ParameterizedTest
  @MethodSource("uncheckedFailures")
  void C2_uncheckedException_reachesCallerAndWaitersAsItIs(Throwable failure) throws Exception {
    try (var cache = CreatorTest.<String>builder().create(failing(failure)).build()) {
      for (Worker<Integer> caller : callerAndWaiters(cache)) {
        assertThat(caller.failure()).isSameAs(failure);
      }
      assertNothingStored(cache, "a");
      assertThat(cache.stats().creationFailures()).isEqualTo(1);
      assertThat(cache.getOrCreate("a", 5)).as("the next call tries again").isEqualTo(5);
    }
  }

  @Test
  void C2_checkedException_reachesCallerAndWaitersAsTheCause() throws Exception {
    IOException failure = new IOException("remote is down");
    try (var cache = CreatorTest.<String>builder().create(failing(failure)).build()) {
      for (Worker<Integer> caller : callerAndWaiters(cache)) {
        assertThat(caller.failure()).isInstanceOf(CreationException.class)
            .hasMessageContaining("parcels").hasMessageContaining("a").cause().isSameAs(failure);
      }
      assertNothingStored(cache, "a");
      assertThat(cache.stats().creationFailures()).isEqualTo(1);
      assertThat(cache.getOrCreate("a", id -> 6)).as("the next call tries again").isEqualTo(6);
    }
  }

  /** Lets the builder's creator be called, then other callers of all kinds wait for it, then opens the gate. */
  private List<Worker<Integer>> callerAndWaiters(AutoRefresh<String, Integer> cache) throws Exception {
    List<Worker<Integer>> callers = new ArrayList<>();
    callers.add(Worker.start(() -> cache.getOrCreate("a")));
    gate.awaitArrived(1);
    callers.add(Worker.start(() -> cache.getOrCreate("a")));
    callers.add(Worker.start(() -> cache.getOrCreate("a", 99)));
    callers.add(Worker.start(() -> cache.getOrCreate("a", id -> 99)));
    for (Worker<Integer> caller : callers) {
      caller.awaitWaiting();
    }
    gate.open();
    return callers;
  }

  @Test
  void C2_nullFromACreator_isANullPointerException() throws Exception {
    try (var cache = CreatorTest.<String>builder().create(id -> {
      gate.pass();
      return null;
    }).build()) {
      for (Worker<Integer> caller : callerAndWaiters(cache)) {
        assertThat(caller.failure()).isInstanceOf(NullPointerException.class);
      }
      assertNothingStored(cache, "a");
      assertThatNullPointerException().as("the next call tries again").isThrownBy(() -> cache.getOrCreate("a"));
      assertThat(cache.stats().creationFailures()).isEqualTo(2);
      assertThat(cache.getOrCreate("a", 5)).isEqualTo(5);
    }
  }

  @Test
  void C2_failure_isNotRemembered() {
    AtomicInteger calls = new AtomicInteger();
    try (var cache = CreatorTest.<String>builder().create(id -> {
      if (calls.incrementAndGet() < 4) {
        throw new IOException("call " + calls);
      }
      return calls.get();
    }).build()) {
      for (int call = 1; call < 4; call++) {
        assertThatExceptionOfType(CreationException.class).isThrownBy(() -> cache.getOrCreate("a"))
            .havingCause().withMessage("call " + call);
      }
      assertThat(cache.getOrCreate("a")).isEqualTo(4);
      assertThat(cache.stats().creationFailures()).isEqualTo(3);
      assertThat(cache.stats().creations()).isEqualTo(1);
    }
  }

  /** Each caller sees the failure of a call that it made or waited for, or the item; never a second-hand failure. */
  @Test
  void C2_failuresAmongManyCallers_areRetriedByTheNext() throws Exception {
    try (var cache = CreatorTest.<String>builder().build()) {
      for (int round = 0; round < 200; round++) {
        String id = "item " + round;
        AtomicInteger calls = new AtomicInteger();
        List<Object> got = Worker.<Object>together(4, number -> {
          while (true) {
            try {
              return cache.getOrCreate(id, key -> {
                int call = calls.incrementAndGet();
                Thread.yield();
                if (call <= 3) {
                  throw new IOException("call " + call);
                }
                return call;
              });
            } catch (CreationException e) {
              assertThat(e).hasCauseInstanceOf(IOException.class);
            }
          }
        });
        assertThat(got).containsOnly(4);
        assertThat(calls).hasValue(4);
      }
      assertThat(cache.stats().creationFailures()).isEqualTo(600);
    }
  }

  @Test
  void C2_interruptedWaiter_leavesAlone() throws Exception {
    AtomicInteger interruptStatusKept = new AtomicInteger();
    try (var cache = CreatorTest.<String>builder().build()) {
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("a", slow(7)));
      gate.awaitArrived(1);
      Worker<Integer> stays = Worker.<Integer>start(() -> cache.getOrCreate("a", 1)).awaitWaiting();
      Worker<Integer> leaves = Worker.<Integer>start(() -> {
        try {
          return cache.getOrCreate("a", 2);
        } finally {
          interruptStatusKept.set(Thread.interrupted() ? 1 : 0);
        }
      }).awaitWaiting();
      leaves.interrupt();
      assertThat(leaves.failure()).isInstanceOf(CreationException.class).hasCauseInstanceOf(InterruptedException.class)
          .hasMessageContaining("parcels").hasMessageContaining("a");
      assertThat(interruptStatusKept).hasValue(1);
      assertThat(creator.isDone()).isFalse();
      assertThat(stays.isDone()).isFalse();
      gate.open();
      assertThat(creator.result()).as("not interrupted with the waiter").isEqualTo(7);
      assertThat(stays.result()).isEqualTo(7);
      assertThat(cache.stats().creationFailures()).isZero();
    }
  }

  @Test
  void C2_callerThatIsInterruptedAlready_doesNotWait_butCreatesAndHits() throws Exception {
    try (var cache = CreatorTest.<String>builder().build()) {
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("a", slow(7)));
      gate.awaitArrived(1);
      Worker<String> caller = Worker.start(() -> {
        Thread.currentThread().interrupt();
        int created = cache.getOrCreate("b", 1);
        int hit = cache.getOrCreate("b", 2);
        Throwable refusal = catchThrowable(() -> cache.getOrCreate("a", 3));
        return created + " " + hit + " " + refusal.getCause().getClass().getSimpleName() + " " + Thread.interrupted();
      });
      assertThat(caller.result()).isEqualTo("1 1 InterruptedException true");
      gate.open();
      assertThat(creator.result()).isEqualTo(7);
    }
  }

  @Test
  void L2_closeWhileACreatorRuns_neitherInterruptsItNorWaits_andRefusesItsItem() throws Exception {
    AtomicInteger interrupted = new AtomicInteger();
    try (var cache = CreatorTest.<String>builder().create(id -> {
      gate.pass();
      interrupted.set(Thread.currentThread().isInterrupted() ? 1 : 0);
      return 1;
    }).build()) {
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("a"));
      gate.awaitArrived(1);
      Worker<Integer> waiter = Worker.<Integer>start(() -> cache.getOrCreate("a", 2)).awaitWaiting();
      cache.close();
      assertThat(waiter.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertThat(creator.isDone()).isFalse();
      assertThat(cache.stats().runningCreators()).isOne();
      gate.open();
      assertThat(creator.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertThat(interrupted).hasValue(0);
      assertNothingStored(cache, "a");
      assertThat(cache.stats()).returns(1L, Stats::creationFailures).returns(0L, Stats::runningCreators);
    }
  }

  @Test
  void L2_closeWhileThePredicateIsAskedAboutACreatedItem_doesNotWaitForIt_andRefusesTheItem() throws Exception {
    try (var cache = CreatorTest.<String>builder().terminal(n -> {
      gate.passUnchecked();
      return false;
    }).build()) {
      Worker<Integer> byValue = Worker.start(() -> cache.getOrCreate("a", 1));
      Worker<Integer> byCreator = Worker.start(() -> cache.getOrCreate("b", id -> 1));
      gate.awaitArrived(2);
      cache.close();
      assertThat(byValue.isDone()).isFalse();
      assertThat(byCreator.isDone()).isFalse();
      gate.open();
      assertThat(byValue.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertThat(byCreator.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertNothingStored(cache, "a");
      assertNothingStored(cache, "b");
    }
  }

  static Stream<Creator<AutoRefresh<String, Integer>, Integer>> questionsForTheOwnId() {
    return Stream.of(
        cache -> cache.getOrCreate("a", 5),
        cache -> cache.getOrCreate("a", id -> 5),
        cache -> cache.getOrCreate("a"),
        cache -> cache.getOrCreate("b", id -> cache.getOrCreate("a", 5)));
  }

  @ParameterizedTest
  @MethodSource("questionsForTheOwnId")
  @Timeout(10)
  void C2_creatorThatAsksForItsOwnId_getsAnException(Creator<AutoRefresh<String, Integer>, Integer> question) {
    try (var cache = CreatorTest.<String>builder().create(id -> 6).build()) {
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("a", id -> question.create(cache)))
          .withMessageContaining("own id").withMessageContaining("'a'");
      assertNothingStored(cache, "a");
      assertThat(cache.getOrCreate("a", 7)).as("the next call tries again").isEqualTo(7);
    }
  }

  @Test
  @Timeout(10)
  void C2_creatorThatGoesOnWithoutItsOwnId_createsItsItem() {
    try (var cache = CreatorTest.<String>builder().build()) {
      assertThat(cache.getOrCreate("a", id -> {
        assertThat(catchThrowable(() -> cache.getOrCreate("a", 5))).isInstanceOf(IllegalStateException.class);
        return 6;
      })).isEqualTo(6);
      assertThat(cache.stats()).returns(1L, Stats::creations).returns(0L, Stats::creationFailures);
    }
  }

  @Test
  void C2_creatorsAndTheirWaiters_areCountedWhileTheyRunAndWait() throws Exception {
    int callers = 40;
    try (var cache = CreatorTest.<String>builder().build()) {
      List<Worker<Integer>> workers = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        workers.add(Worker.start(() -> cache.getOrCreate("a", slow(1))));
      }
      Worker<Integer> other = Worker.start(() -> cache.getOrCreate("b", slow(2)));
      Await.until("all run or wait", () -> cache.stats().runningCreators() == 2
          && cache.stats().waitingForCreators() == callers - 1);
      gate.awaitArrived(2);
      assertThat(gate.arrived()).isEqualTo(2);
      gate.open();
      assertThat(other.result()).isEqualTo(2);
      for (Worker<Integer> worker : workers) {
        assertThat(worker.result()).isEqualTo(1);
      }
      assertThat(cache.stats()).returns(0L, Stats::runningCreators).returns(0L, Stats::waitingForCreators)
          .returns(2L, Stats::creations);
    }
  }

  @Test
  void C2_creatorsThatFailAndWaitersThatLeave_areCountedNoLonger() throws Exception {
    try (var cache = CreatorTest.<String>builder().create(failing(new IOException("of the test"))).build()) {
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("a"));
      gate.awaitArrived(1);
      Worker<Integer> leaves = Worker.<Integer>start(() -> cache.getOrCreate("a", 2)).awaitWaiting();
      assertThat(cache.stats()).returns(1L, Stats::runningCreators).returns(1L, Stats::waitingForCreators);
      leaves.interrupt();
      leaves.failure();
      assertThat(cache.stats()).returns(1L, Stats::runningCreators).returns(0L, Stats::waitingForCreators);
      gate.open();
      creator.failure();
      assertThat(cache.stats()).returns(0L, Stats::runningCreators).returns(1L, Stats::creationFailures);
      for (int call = 0; call < 1_000; call++) {
        assertThat(catchThrowable(() -> cache.getOrCreate("a"))).isInstanceOf(CreationException.class);
      }
      assertThat(cache.stats()).returns(0L, Stats::runningCreators).returns(1_001L, Stats::creationFailures);
    }
  }
}
