package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R5 and R11 of listeners under pressure: one that causes events itself, and one that is slower than its callers. */
@Timeout(60)
class ListenerPressureTest {

  private static final int MAXIMUM_SIZE = 10;
  private static final int THREADS = 4;
  /** How many events wait for an id before those who bring about more of them wait as well. */
  private static final int MAX_WAITING = 1_024;

  private final AtomicReference<AutoRefresh<Integer, Integer>> self = new AtomicReference<>();
  private final AtomicInteger depth = new AtomicInteger();
  private final AtomicInteger deepest = new AtomicInteger();
  private final AtomicLong told = new AtomicLong();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private static AutoRefreshBuilder<Integer, Integer> items() {
    return AutoRefresh.<Integer, Integer>builder().refreshEvery(Duration.ofHours(1)).refreshOnCreate(false)
        .refresh((id, item) -> item + 1);
  }

  /** Creates the next item for each that was evicted, up to a number. */
  private void createForEvicted(ItemEvent<Integer, Integer> event, AtomicInteger next, int last) {
    told.incrementAndGet();
    deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
    try {
      if (event instanceof ItemEvent.Evicted && next.get() < last) {
        self.get().getOrCreate(next.incrementAndGet(), 0);
      }
    } finally {
      depth.decrementAndGet();
    }
  }

  @Test
  void R11_aListenerThatCreatesWhenItemsAreEvicted_doesNotNest() {
    AtomicInteger next = new AtomicInteger(MAXIMUM_SIZE);
    int last = 50_000;
    try (AutoRefresh<Integer, Integer> cache = items().maximumSize(MAXIMUM_SIZE)
        .listener(event -> createForEvicted(event, next, last)).build()) {
      self.set(cache);
      IntStream.rangeClosed(0, MAXIMUM_SIZE).forEach(i -> cache.getOrCreate(i, 0));

      assertThat(deepest).as("calls of the listener within each other").hasValue(1);
      assertThat(next).as("it went on to the end").hasValue(last);
      assertThat(cache.size()).isEqualTo(MAXIMUM_SIZE);
      assertThat(IntStream.rangeClosed(0, last).filter(i -> cache.get(i) != null)).hasSize(MAXIMUM_SIZE);
      assertThat(cache.stats()).returns(0L, Stats::contained).returns(told.get(), Stats::evictions)
          .returns(last + 1L - MAXIMUM_SIZE, Stats::evictions);
    }
    assertThat(log.entries()).isEmpty();
  }

  @Test
  void R11_aListenerThatCreatesInAJob_doesNotNestAndTheJobEnds() throws Exception {
    AtomicInteger next = new AtomicInteger(1_000);
    int last = 20_000;
    try (AutoRefresh<Integer, Integer> cache = items().maximumSize(MAXIMUM_SIZE).listener(event -> {
      if (event instanceof ItemEvent.Updated && next.get() < last) {
        self.get().getOrCreate(next.incrementAndGet(), 0);
      }
      createForEvicted(event, next, last);
    }).build()) {
      self.set(cache);
      IntStream.range(0, MAXIMUM_SIZE).forEach(i -> cache.getOrCreate(i, 0));
      cache.sync();
      assertThat(next).hasValueGreaterThanOrEqualTo(last);
      assertThat(cache.size()).isEqualTo(MAXIMUM_SIZE);
      assertThat(cache.stats()).returns(0L, Stats::contained).returns(0L, Stats::inFlight)
          .returns(0, Stats::runningJobs);
      assertThat(cache.sync()).returns((long) MAXIMUM_SIZE, CycleReport::updated);
    }
    assertThat(log.entries()).isEmpty();
  }

  @Test
  void R11_aListenerSlowerThanItsCallers_letsThemWaitWhenTooManyEventsDo() throws Exception {
    Gate gate = new Gate();
    AtomicBoolean opened = new AtomicBoolean();
    try (AutoRefresh<Integer, Integer> cache = items().maximumSize(1).listener(event -> {
      try {
        gate.pass();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
      told.incrementAndGet();
    }).build()) {
      List<Worker<Void>> workers = Worker.startTogether(THREADS, worker -> {
        // While one evicts, both ids are present for a moment, and the others have nothing to create.
        for (int i = 0; i < 4 * MAX_WAITING || !opened.get(); i++) {
          cache.getOrCreate(i & 1, i);
        }
        return null;
      });
      try {
        Await.until("too many wait", () -> cache.stats().evictions() > MAX_WAITING);
        for (Worker<Void> worker : workers) {
          worker.awaitWaiting();
        }
        // One may evict for another as well, and need not for itself then.
        assertThat(cache.stats().evictions()).as("events of two ids that nobody was told")
            .isBetween(MAX_WAITING + 1L, 2L * (MAX_WAITING + THREADS));
        assertThat(workers).noneMatch(Worker::isDone);
      } finally {
        opened.set(true);
        gate.open();
      }
      for (Worker<Void> worker : workers) {
        worker.result();
      }
      assertThat(told).as("what was told when the last caller returned").hasValue(cache.stats().evictions());
      assertThat(cache.size()).isOne();
    }
  }
}
