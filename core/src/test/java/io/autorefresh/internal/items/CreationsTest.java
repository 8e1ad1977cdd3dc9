package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.internal.flight.Flight;
import io.autorefresh.kit.Worker;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C1 and C2 by the map's own means: one caller creates, the others wait for that creator and for no other one. */
@Timeout(5)
class CreationsTest {

  private static final class Items extends Table<Integer, Integer> {}

  private static final class Closed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  private final ItemMap<Integer, Integer> map =
      new ItemMap<>(new Items(), 1_000, () -> 0, new AnyMap.Numbers(), false, false, null, new Flight("t"), item -> {});
  private final Creations<Integer, Integer> creations = map.creations();
  private final CountDownLatch entered = new CountDownLatch(1);
  private final CountDownLatch open = new CountDownLatch(1);

  /** In another thread: so no lock may have been kept. */
  @AfterEach
  void checkTheMap() throws Exception {
    open.countDown();
    assertThat(Worker.start(() -> Invariants.check(map)).result()).isEmpty();
  }

  /** Runs in a thread of its own. */
  private static <T> FutureTask<T> start(Callable<T> call) {
    FutureTask<T> task = new FutureTask<>(call);
    Thread.ofPlatform().daemon().start(task);
    return task;
  }

  private void close() {
    creations.close(Closed::new);
  }

  private static <T> T result(FutureTask<T> task) throws Exception {
    return task.get(4, TimeUnit.SECONDS);
  }

  /** Starts a caller and returns when it waits for the creator of another one. */
  private FutureTask<Integer> startWaiting(Callable<Integer> call) throws Exception {
    Thread[] thread = new Thread[1];
    CountDownLatch begun = new CountDownLatch(1);
    FutureTask<Integer> task = start(() -> {
      thread[0] = Thread.currentThread();
      begun.countDown();
      return call.call();
    });
    begun.await();
    while (thread[0].getState() != Thread.State.WAITING && !task.isDone()) {
      Thread.onSpinWait();
    }
    return task;
  }

  private FutureTask<Integer> startCreator(int id, int value) throws Exception {
    FutureTask<Integer> creator = start(() -> creations.getOrCreate(id, key -> {
      entered.countDown();
      await(open);
      return value;
    }));
    entered.await();
    return creator;
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Test
  void C1_anItemThatIsThereIsReturned() throws Exception {
    assertThat(creations.getOrCreate(1, key -> key + 10)).isEqualTo(11);
    assertThat(creations.getOrCreate(1, key -> key + 20)).isEqualTo(11);
    assertThat(creations.getOrCreate(1, 30)).isEqualTo(11);
    assertThat(creations.getOrCreate(2, 40)).isEqualTo(40);
    assertThat(map.insertions()).isEqualTo(2);
    assertThat(creations.failures()).isZero();
  }

  @Test
  void C3_anItemMayBeTerminalFromTheBeginning() throws Exception {
    creations.getOrCreate(1, key -> -1);
    creations.getOrCreate(2, key -> 1);
    assertThat(map.<Boolean>inspect(1, Item::isTerminal)).isTrue();
    assertThat(map.<Boolean>inspect(2, Item::isTerminal)).isFalse();
  }

  @Test
  void C1_C2_allCallersThatAskMeanwhileGetTheSame() throws Exception {
    FutureTask<Integer> creator = startCreator(1, 11);
    FutureTask<Integer> byCreator = startWaiting(() -> creations.getOrCreate(1, key -> 12));
    FutureTask<Integer> byValue = startWaiting(() -> creations.getOrCreate(1, 13));
    assertThat(creations.getOrCreate(2, 20)).as("another id is not delayed").isEqualTo(20);
    assertThat(creations.running()).isOne();
    assertThat(creations.waiting()).isEqualTo(2);
    open.countDown();
    assertThat(result(creator)).isEqualTo(11);
    assertThat(result(byCreator)).isEqualTo(11);
    assertThat(result(byValue)).isEqualTo(11);
    assertThat(creations.running()).isZero();
    assertThat(creations.waiting()).isZero();
  }

  @Test
  void C2_aCreatorThatThrowsLeavesNothingBehind() throws Exception {
    IllegalStateException thrown = new IllegalStateException("of the test");
    assertThatThrownBy(() -> creations.getOrCreate(1, key -> {
      throw thrown;
    })).isSameAs(thrown);
    assertThat(creations.failures()).isOne();
    assertThat(map.size()).isZero();
    assertThat(creations.getOrCreate(1, key -> 2)).isEqualTo(2);
  }

  @Test
  void C2_allCallersThatWaitGetTheException() throws Exception {
    IllegalStateException thrown = new IllegalStateException("of the test");
    FutureTask<Integer> creator = start(() -> creations.getOrCreate(1, key -> {
      entered.countDown();
      await(open);
      throw thrown;
    }));
    entered.await();
    FutureTask<Integer> waiting = startWaiting(() -> creations.getOrCreate(1, key -> 12));
    open.countDown();
    assertThatThrownBy(() -> result(creator)).isInstanceOf(ExecutionException.class).hasCause(thrown);
    assertThatThrownBy(() -> result(waiting)).isInstanceOf(ExecutionException.class).hasCause(thrown);
  }

  @Test
  void C2_aCreatorThatAsksForItsOwnIdGetsAnException() {
    assertThatThrownBy(() -> creations.getOrCreate(1, key -> {
      try {
        return creations.getOrCreate(1, 5);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    })).isInstanceOf(IllegalStateException.class).hasMessageContaining("own id").hasMessageContaining("'1'");
    assertThat(map.size()).isZero();
  }

  @Test
  void C2_aWaiterThatIsInterruptedLeavesAlone() throws Exception {
    FutureTask<Integer> creator = startCreator(1, 11);
    Thread[] thread = new Thread[1];
    FutureTask<Integer> waiting = startWaiting(() -> {
      thread[0] = Thread.currentThread();
      return creations.getOrCreate(1, 12);
    });
    thread[0].interrupt();
    assertThatThrownBy(() -> result(waiting)).hasCauseInstanceOf(InterruptedException.class);
    open.countDown();
    assertThat(result(creator)).isEqualTo(11);
  }

  @Test
  void L2_closing_sendsWaitersAway_andLetsTheCreatorGoOn() throws Exception {
    FutureTask<Boolean> creator = start(() -> {
      try {
        creations.getOrCreate(1, key -> {
          entered.countDown();
          await(open);
          return 11;
        });
        return false;
      } catch (Closed e) {
        return !Thread.currentThread().isInterrupted();
      }
    });
    entered.await();
    FutureTask<Integer> waiting = startWaiting(() -> creations.getOrCreate(1, key -> 12));
    close();
    assertThatThrownBy(() -> result(waiting)).hasCauseInstanceOf(Closed.class);
    assertThat(creator.isDone()).isFalse();
    assertThat(creations.running()).isOne();
    open.countDown();
    assertThat(result(creator)).as("refused as closed, and not interrupted").isTrue();
    assertThat(creations.failures()).isOne();
    assertThat(creations.running()).isZero();
    assertThat(map.size()).isZero();
  }

  @Test
  void L3_afterClosingNothingIsCreated() throws Exception {
    creations.getOrCreate(1, 11);
    close();
    assertThat(creations.getOrCreate(1, 12)).as("what is there").isEqualTo(11);
    assertThatThrownBy(() -> creations.getOrCreate(2, 12)).isInstanceOf(Closed.class);
    assertThatThrownBy(() -> creations.getOrCreate(2, key -> {
      throw new AssertionError("the creator was called");
    })).isInstanceOf(Closed.class).hasNoCause();
    assertThat(map.size()).isOne();
  }

  @Test
  void L3_aCreatorThatEndsAfterClosingComesTooLate() throws Exception {
    assertThatThrownBy(() -> creations.getOrCreate(1, key -> {
      close();
      return 11;
    })).isInstanceOf(Closed.class);
    assertThat(map.size()).isZero();
  }

  @Test
  void C2_oneCreatorsEndLeavesTheOthersAlone() throws Exception {
    FutureTask<Integer> creator = startCreator(1, 11);
    for (int id = 2; id < 100; id++) {
      assertThat(creations.getOrCreate(id, key -> 20)).isEqualTo(20);
      int thrown = 1_000 + id;
      assertThatThrownBy(() -> creations.getOrCreate(thrown, key -> {
        throw new IllegalStateException("of the test");
      })).isInstanceOf(IllegalStateException.class);
    }
    assertThat(creations.running()).isOne();
    FutureTask<Integer> waiting = startWaiting(() -> creations.getOrCreate(1, 13));
    open.countDown();
    assertThat(result(creator)).isEqualTo(11);
    assertThat(result(waiting)).isEqualTo(11);
  }

  @Test
  void C5_anItemOfACreatorTakesTheRoomOfAnother() throws Exception {
    for (int id = 0; id < 1_100; id++) {
      creations.getOrCreate(id, key -> 1);
    }
    assertThat(map.size()).isEqualTo(1_000);
    assertThat(map.evictions()).isEqualTo(100);
  }
}
