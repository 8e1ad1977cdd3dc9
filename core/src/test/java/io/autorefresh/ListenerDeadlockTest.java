package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * C2 and R11: whoever brings events about does not wait for a listener that another thread calls, since that may wait
 * for him.
 */
@Timeout(60)
class ListenerDeadlockTest {

  /** Of a terminal item, which is evicted before all others. */
  private static final int FINAL = 99;

  /** More than wait for one id before those who bring about more of them wait as well. */
  private static final int TOO_MANY = 1_100;

  private final Queue<ItemEvent<String, Integer>> told = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean stopping = new AtomicBoolean(true);
  private final AtomicInteger fillers = new AtomicInteger();
  private final Gate inListener = new Gate();
  private AutoRefresh<String, Integer> cache;

  /** Builds a cache whose listener does something in the course of the first event of x. */
  private AutoRefresh<String, Integer> build(Refresher<String, Integer> refresher, Worker.Task action) {
    cache = AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(Duration.ofHours(1)).maximumSize(2)
        .refreshOnCreate(false).terminal(item -> item == FINAL).refresh(refresher).listener(event -> {
          if (event.id().equals("x") && stopping.getAndSet(false)) {
            inListener.open();
            try {
              action.run();
            } catch (Exception e) {
              throw new IllegalStateException(e);
            }
          }
          told.add(event);
        }).build();
    return cache;
  }

  private void createAndEvictX() {
    cache.getOrCreate("x", FINAL);
    cache.getOrCreate("filler " + fillers.incrementAndGet(), 0);
  }

  private Worker<Void> startTelling() throws Exception {
    cache.getOrCreate("other", 0);
    Worker<Void> telling = Worker.start(this::createAndEvictX);
    inListener.pass();
    return telling;
  }

  private void assertToldOfX(int evictions) {
    assertThat(told).filteredOn(event -> event.id().equals("x")).hasSize(evictions)
        .allMatch(ItemEvent.Evicted.class::isInstance);
    assertThat(cache.stats().contained()).isZero();
  }

  @ParameterizedTest(name = "evictions = {0}")
  @ValueSource(ints = {1, TOO_MANY})
  void C2_aListenerMayWaitForACreatorThatEvictsTheSameId(int evictions) throws Exception {
    Gate creating = new Gate();
    try (var cache = build((id, item) -> item, () -> {
      creating.pass();
      assertThat(this.cache.getOrCreate("y", -1)).as("what the other creates").isEqualTo(1);
    })) {
      Worker<Void> telling = startTelling();
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("y", id -> {
        creating.open();
        for (int i = 0; i < evictions; i++) {
          createAndEvictX();
        }
        return 1;
      }));
      assertThat(creator.result()).isEqualTo(1);
      telling.result();
      assertToldOfX(1 + evictions);
    }
  }

  @ParameterizedTest(name = "evictions = {0}")
  @ValueSource(ints = {1, TOO_MANY})
  void R11_aListenerMayWaitForARefresherThatEvictsTheSameId(int evictions) throws Exception {
    Gate evicted = new Gate();
    try (var cache = build((id, item) -> {
      if (item == 7) {
        for (int i = 0; i < evictions; i++) {
          createAndEvictX();
        }
        evicted.open();
      }
      return item;
    }, evicted::pass)) {
      Worker<Void> telling = startTelling();
      cache.getOrCreate("y", 7);
      cache.sync();
      telling.result();
      assertToldOfX(1 + evictions);
    }
  }

  @Test
  void R11_aListenerMayTakeALockThatACallerHolds() throws Exception {
    ReentrantLock lock = new ReentrantLock();
    try (var cache = build((id, item) -> item, () -> {
      lock.lockInterruptibly();
      lock.unlock();
    })) {
      Worker<Void> telling;
      lock.lock();
      try {
        telling = startTelling();
        Worker<Void> caller = Worker.start(this::createAndEvictX);
        caller.result();
        assertToldOfX(0);
      } finally {
        lock.unlock();
      }
      telling.result();
      assertToldOfX(2);
    }
  }

  @Test
  void R11_aListenerMayWaitForACycleThatDeletesTheSameId() throws Exception {
    try (var cache = build((id, item) -> item, () -> {
      this.cache.getOrCreate("x", FINAL);
      this.cache.deleteDelayed("x");
      assertThat(Worker.start(this.cache::sync).result().deletions()).isOne();
    })) {
      startTelling().result();
      assertThat(told).filteredOn(event -> event.id().equals("x")).hasSize(2)
          .last().isEqualTo(new ItemEvent.Deleted<>("x", FINAL, false));
      assertThat(cache.stats().contained()).isZero();
    }
  }
}
