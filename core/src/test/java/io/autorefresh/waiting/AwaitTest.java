package io.autorefresh.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemNotFoundException;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Ticker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** W1: waiting for an item to satisfy a condition. */
@Timeout(60)
class AwaitTest {

  private static final Duration LONG = Duration.ofHours(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder()
        .name("jobs").refreshBatch(remote).refreshEvery(LONG).refreshOnCreate(false).spread(false).ticker(ticker);
  }

  private static Worker<Integer> waiter(AutoRefresh<String, Integer> cache, int wanted) throws Exception {
    return Worker.start(() -> cache.await("a", value -> value == wanted, LONG)).awaitWaiting();
  }

  @Test
  void W1_aValueThatSatisfiesAlready_isReturnedAtOnce() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 1_000);
      assertThat(cache.await("a", value -> value == 1_000, Duration.ZERO)).isSameAs(cache.get("a"));
    }
  }

  @Test
  void W1_theFirstValueThatSatisfies_isReturned_andTheConditionRunsInTheWaitingThread() throws Exception {
    List<Thread> threads = new CopyOnWriteArrayList<>();
    AtomicReference<Thread> own = new AtomicReference<>();
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = Worker.start(() -> {
        own.set(Thread.currentThread());
        return cache.await("a", value -> {
          threads.add(Thread.currentThread());
          return value == 3;
        }, LONG);
      });
      for (int i = 0; i < 3; i++) {
        waiter.awaitWaiting();
        cache.sync();
      }
      assertThat(waiter.result()).isEqualTo(3);
      assertThat(threads).hasSizeGreaterThanOrEqualTo(2).containsOnly(own.get());
    }
  }

  @Test
  void W1_anAbsentId_throwsAtOnce() {
    try (var cache = builder().build()) {
      assertThatThrownBy(() -> cache.await("a", value -> true, LONG))
          .isInstanceOf(ItemNotFoundException.class).hasMessageContaining("'a'").hasMessageContaining("jobs");
    }
  }

  @Test
  void W1_anItemThatIsDeleted_endsTheWait() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = waiter(cache, 9);
      cache.deleteDelayed("a");
      cache.sync();
      assertThat(waiter.failure()).isInstanceOf(ItemNotFoundException.class);
    }
  }

  @Test
  void W1_anItemThatTheRemoteDeletes_endsTheWait() throws Exception {
    remote.answersAll(Outcome.deleted());
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = waiter(cache, 9);
      cache.sync();
      assertThat(waiter.failure()).isInstanceOf(ItemNotFoundException.class);
    }
  }

  @Test
  void W1_anItemThatIsForgottenAndCreatedAnew_endsTheWait() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = waiter(cache, 9);
      cache.forget("a");
      cache.getOrCreate("a", 9);
      assertThat(waiter.failure()).as("the new item is another one").isInstanceOf(ItemNotFoundException.class);
    }
  }

  @Test
  void W1_anItemThatIsEvicted_endsTheWait() throws Exception {
    try (var cache = builder().maximumSize(1).build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = waiter(cache, 9);
      cache.getOrCreate("b", 0);
      assertThat(waiter.failure()).isInstanceOf(ItemNotFoundException.class);
    }
  }

  /** The condition holds the waiter up until the item has its last value and is gone. */
  @Test
  void W1_theLastValueOfAnItemThatLeft_isTestedOnceMore() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      AtomicInteger tests = new AtomicInteger();
      Integer found = cache.await("a", value -> {
        if (tests.getAndIncrement() == 0) {
          sync(cache);
          cache.forget("a");
        }
        return value == 1;
      }, LONG);
      assertThat(found).isEqualTo(1);
      assertThat(tests).hasValue(2);
    }
  }

  private static void sync(AutoRefresh<?, ?> cache) {
    try {
      cache.sync();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void W1_aTerminalItemThatFailsTheCondition_throws_alsoWhenItBecomesTerminal() throws Exception {
    try (var cache = builder().terminal(value -> value >= 2).build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = waiter(cache, 9);
      Worker<Integer> other = waiter(cache, 2);
      cache.sync();
      cache.sync();
      assertThat(waiter.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("terminal");
      assertThat(other.result()).isEqualTo(2);
      assertThatIllegalStateException().isThrownBy(() -> cache.await("a", value -> value == 9, LONG));
    }
  }

  @Test
  void W1_timeout_isByTheTicker() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = Worker.start(() -> cache.await("a", value -> value == 9, Duration.ofDays(3)));
      waiter.awaitWaiting();
      ticker.jump(Duration.ofDays(3).minusNanos(1)).settle();
      assertThat(waiter.isDone()).isFalse();
      ticker.jump(Duration.ofNanos(1));
      assertThat(waiter.failure()).isInstanceOf(TimeoutException.class).hasMessageContaining("jobs");
      assertThatThrownBy(() -> cache.await("a", value -> false, Duration.ofSeconds(-1)))
          .isInstanceOf(TimeoutException.class);
    }
  }

  @Test
  void W1_aTimeoutForEver_isAccepted() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = Worker.start(
          () -> cache.await("a", value -> value == 1, java.time.temporal.ChronoUnit.FOREVER.getDuration()));
      waiter.awaitWaiting();
      cache.sync();
      assertThat(waiter.result()).isEqualTo(1);
    }
  }

  @Test
  void W1_interruption_endsTheWait() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = waiter(cache, 9);
      waiter.interrupt();
      assertThat(waiter.failure()).isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void W1_whatTheConditionThrows_isThrown_andTheCallerWaitsNoLonger() {
    IllegalArgumentException thrown = new IllegalArgumentException("mine");
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      assertThatThrownBy(() -> cache.await("a", value -> {
        throw thrown;
      }, LONG)).isSameAs(thrown);
    }
  }

  @Test
  void W1_L3_close_sendsWaitersAway_andAfterwardsAwaitThrows() throws Exception {
    var cache = builder().start();
    cache.getOrCreate("a", 0);
    Worker<Integer> waiter = waiter(cache, 9);
    cache.close();
    assertThat(waiter.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(() -> cache.await("a", value -> value == 0, LONG))
        .withMessageContaining("closed");
  }

  @Test
  void R5_W1_theEndOfTheBackground_sendsWaitersAway() throws Exception {
    AtomicBoolean broken = new AtomicBoolean();
    Ticker breaking = () -> {
      // Callers read it, too, and are no part of the background.
      if (broken.get() && Thread.currentThread().getName().startsWith("jobs")) {
        throw new IllegalStateException("the clock has stopped");
      }
      return System.nanoTime();
    };
    try (var cache = builder().refreshEvery(Duration.ofMillis(20)).ticker(breaking).start()) {
      cache.getOrCreate("a", 0);
      Worker<Integer> waiter = waiter(cache, -9);
      broken.set(true);
      assertThat(waiter.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("failed");
      assertThat(cache.await("a", value -> value >= 0, LONG)).as("what is there").isEqualTo(cache.get("a"));
    }
  }

  @Test
  void W1_manyWaitersOfOneItem_eachEndsByItsOwnCondition() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      List<Worker<Integer>> waiters = new ArrayList<>();
      for (int i = 1; i <= 5; i++) {
        waiters.add(waiter(cache, i));
      }
      waiters.get(2).interrupt();
      waiters.get(2).failure();
      for (int i = 1; i <= 5; i++) {
        cache.sync();
        int reached = i;
        if (i != 3) {
          assertThat(waiters.get(i - 1).result()).isEqualTo(i);
        }
        Await.until("those that are reached have ended",
            () -> waiters.stream().filter(Worker::isDone).count() >= reached);
      }
    }
  }

  @Test
  void W1_whileNobodyWaits_nothingIsKept() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      assertThatThrownBy(() -> cache.await("a", value -> false, Duration.ZERO)).isInstanceOf(TimeoutException.class);
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow().due()).isEqualTo(ItemState.Due.NEXT_CYCLE);
    }
  }
}
