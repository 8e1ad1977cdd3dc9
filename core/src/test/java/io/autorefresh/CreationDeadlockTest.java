package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C2: creators that ask for their own ids, straight or through others, get an exception, not a deadlock. */
@Timeout(60)
class CreationDeadlockTest {

  private static AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder().refresh((id, n) -> n + 1).refreshEvery(Duration.ofHours(1));
  }

  @Test
  void C2_creatorThatAsksForItsOwnId_isRefused() {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    try (var cache = builder().create(id -> self.get().getOrCreate(id)).build()) {
      self.set(cache);
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("a")).withMessageContaining("a");
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("a", id -> cache.getOrCreate(id)));
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("a", id -> cache.getOrCreate(id, 1)));
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("a", id -> cache.getOrCreate(id, x -> 1)));
      assertThat(cache.get("a")).isNull();
      assertThat(cache.getOrCreate("a", 1)).as("nothing is left behind").isEqualTo(1);
    }
  }

  @Test
  void C2_creatorThatAsksForItsOwnIdAndCopes_createsTheItem() {
    try (var cache = builder().build()) {
      int item = cache.getOrCreate("a", id -> {
        assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate(id, 1));
        return 2;
      });
      assertThat(item).isEqualTo(2);
      assertThat(cache.get("a")).isEqualTo(2);
    }
  }

  @Test
  void C2_creatorThatAsksForItsOwnIdThroughAnother_isRefused() {
    try (var cache = builder().build()) {
      assertThatIllegalStateException().isThrownBy(
          () -> cache.getOrCreate("a",
              a -> cache.getOrCreate("b", b -> cache.getOrCreate("c", c -> cache.getOrCreate("a", 1)))));
      assertThat(cache.size()).isZero();
      assertThat(cache.stats().creationFailures()).isEqualTo(3);
      assertThat(cache.getOrCreate("b", 1)).isEqualTo(1);
    }
  }

  /** Asks in each thread for one id whose creator, once all creators run, asks for the next thread's: a ring. */
  @Test
  void C2_creatorsThatAskForEachOthersIds_areNotAllLeftWaiting() throws Exception {
    for (int threads = 2; threads <= 4; threads++) {
      int ring = threads;
      for (int round = 0; round < 50; round++) {
        try (var cache = builder().build()) {
          CyclicBarrier allCreate = new CyclicBarrier(ring);
          List<Boolean> refused = Worker.together(ring, number -> {
            try {
              cache.getOrCreate("item " + number, id -> {
                allCreate.await(30, TimeUnit.SECONDS);
                return cache.getOrCreate("item " + (number + 1) % ring, number);
              });
              return false;
            } catch (IllegalStateException e) {
              return true;
            }
          });
          assertThat(refused).contains(true);
          for (int number = 0; number < ring; number++) {
            assertThat(cache.getOrCreate("item " + number, 100)).as("nothing is left behind").isNotNull();
          }
        }
      }
    }
  }

  @Test
  void C2_creatorsThatAskForEachOthersIds_atAnyMoment_doNotHang() throws Exception {
    try (var cache = builder().build()) {
      for (int round = 0; round < 300; round++) {
        String a = "a " + round;
        String b = "b " + round;
        Worker.together(4, number -> {
          String mine = number % 2 == 0 ? a : b;
          String other = number % 2 == 0 ? b : a;
          try {
            assertThat(cache.getOrCreate(mine, id -> cache.getOrCreate(other, key -> number))).isBetween(0, 3);
          } catch (IllegalStateException e) {
            assertThat(e.getMessage()).doesNotContain("closed");
          }
          return null;
        });
        assertThat(cache.getOrCreate(a, 7)).isBetween(0, 7);
        assertThat(cache.getOrCreate(b, 7)).isBetween(0, 7);
      }
    }
  }

  /** A ring that cannot arise: the one waits for the other, which waits for nobody. */
  @Test
  void C2_creatorThatWaitsForAnothersCreator_isNoDeadlock() throws Exception {
    Gate gate = new Gate();
    try (var cache = builder().build()) {
      Worker<Integer> slow = Worker.start(() -> cache.getOrCreate("slow", id -> {
        gate.pass();
        return 1;
      }));
      gate.awaitArrived(1);
      List<Worker<Integer>> chain = new ArrayList<>();
      String previous = "slow";
      for (int i = 0; i < 4; i++) {
        String next = "chained " + i;
        String awaited = previous;
        chain.add(Worker.<Integer>start(() -> cache.getOrCreate(next, id -> cache.getOrCreate(awaited, -1) + 1))
            .awaitWaiting());
        previous = next;
      }
      gate.open();
      assertThat(slow.result()).isEqualTo(1);
      for (int i = 0; i < 4; i++) {
        assertThat(chain.get(i).result()).isEqualTo(i + 2);
      }
    }
  }

  private static int askForTheNext(AutoRefresh<Integer, Integer> cache, int id, int last) {
    return id == last ? 0 : cache.getOrCreate(id, key -> askForTheNext(cache, id + 1, last)) + 1;
  }

  /** Each creator asks for another id: that ends while there is stack to clear up, and leaves nobody waiting. */
  @Test
  void C2_creatorsWithinEachOtherWithoutEnd_areRefused() throws Exception {
    try (var cache = AutoRefresh.<Integer, Integer>builder().refresh((id, n) -> n)
        .refreshEvery(Duration.ofHours(1)).build()) {
      for (int round = 0; round < 2; round++) {
        assertThatIllegalStateException().isThrownBy(() -> askForTheNext(cache, 0, -1))
            .withMessageContainingAll("'100'", "100 deep");
        assertThat(cache.size()).isZero();
      }
      assertThat(cache.stats().creationFailures()).isEqualTo(2 * 100);
      assertThat(askForTheNext(cache, 1_000, 1_100)).as("as deep as may be").isEqualTo(100);
      assertThat(cache.size()).isEqualTo(100);
      Worker<Integer> other = Worker.start(() -> {
        int items = 0;
        for (int id = 0; id <= 100; id++) {
          items += cache.getOrCreate(id, 1);
        }
        return items;
      });
      assertThat(other.result()).as("nothing is left behind").isEqualTo(101);
    }
  }

  /** Creators of so many ids at once that they share hashes' places, of which some cannot be compared. */
  @Test
  void C2_creatorsOfIdsThatCannotBeCompared_leaveNothingBehind() throws Exception {
    record Id(int number, AtomicReference<RuntimeException> failure) {
      @Override
      public int hashCode() {
        return 7;
      }

      @Override
      public boolean equals(Object other) {
        RuntimeException thrown = failure.get();
        if (thrown != null) {
          throw thrown;
        }
        return other instanceof Id id && id.number == number;
      }
    }
    AtomicReference<RuntimeException> failure = new AtomicReference<>();
    Gate gate = new Gate();
    try (var cache = AutoRefresh.<Id, Integer>builder().refresh((id, n) -> n).refreshEvery(Duration.ofHours(1))
        .build()) {
      List<Worker<Integer>> creators = new ArrayList<>();
      for (int number = 0; number < 3; number++) {
        Id id = new Id(number, failure);
        creators.add(Worker.start(() -> cache.getOrCreate(id, key -> {
          gate.pass();
          throw new IllegalArgumentException("of the test");
        })));
        gate.awaitArrived(number + 1);
      }
      failure.set(new IllegalStateException("equals of the test"));
      gate.open();
      for (Worker<Integer> creator : creators) {
        assertThat(creator.failure()).hasMessage("of the test");
      }
      failure.set(null);
      for (int number = 0; number < 3; number++) {
        assertThat(cache.getOrCreate(new Id(number, failure), number)).isEqualTo(number);
      }
    }
  }

  /** An id that takes its time to be printed. */
  private record SlowToPrint(Gate gate) {
    @Override
    public String toString() {
      gate.passUnchecked();
      return "slow";
    }
  }

  @Test
  void C2_anIdThatIsSlowToPrint_holdsUpNoOtherCache() throws Exception {
    Gate printing = new Gate();
    Gate creating = new Gate();
    try (var other = builder().build();
        var cache = AutoRefresh.<SlowToPrint, Integer>builder().refresh((id, n) -> n + 1)
            .refreshEvery(Duration.ofHours(1)).build()) {
      Worker<Integer> creator = Worker.start(() -> other.getOrCreate("a", id -> {
        creating.pass();
        return 1;
      }));
      creating.awaitArrived(1);
      Worker<Integer> waiter = Worker.<Integer>start(() -> other.getOrCreate("a", 2)).awaitWaiting();
      SlowToPrint slow = new SlowToPrint(printing);
      Worker<Integer> refused = Worker.start(() -> cache.getOrCreate(slow, id -> cache.getOrCreate(id, 3)));
      printing.awaitArrived(1);
      creating.open();
      assertThat(creator.result()).isEqualTo(1);
      assertThat(waiter.result()).isEqualTo(1);
      printing.open();
      assertThat(refused.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("'slow'");
    }
  }

  /** A thread that waits for a ring from outside is no part of it: it gets what the ring's member gets. */
  @Test
  void C2_waiterOutsideARing_getsItsCreatorsEnd() throws Exception {
    for (int round = 0; round < 30; round++) {
      Gate gate = new Gate();
      try (var cache = builder().build()) {
        List<Worker<Integer>> ring = new ArrayList<>();
        for (int number = 0; number < 2; number++) {
          String mine = "item " + number;
          String other = "item " + (1 - number);
          ring.add(Worker.start(() -> cache.getOrCreate(mine, id -> {
            gate.pass();
            return cache.getOrCreate(other, 1);
          })));
        }
        gate.awaitArrived(2);
        Worker<Boolean> outside = Worker.<Boolean>start(() -> {
          try {
            return cache.getOrCreate("item 0", 2) > 0;
          } catch (IllegalStateException e) {
            return true;
          }
        }).awaitWaiting();
        gate.open();
        assertThat(outside.result()).isTrue();
        boolean refused = false;
        for (Worker<Integer> member : ring) {
          try {
            member.result();
          } catch (AssertionError e) {
            assertThat(e).hasCauseInstanceOf(IllegalStateException.class);
            refused = true;
          }
        }
        assertThat(refused).isTrue();
      }
    }
  }
}
