package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemNotFoundException;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntBiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** G1: reads. */
@Timeout(60)
class ReadTest {

  private static final Duration PERIOD = Duration.ofHours(1);

  private static <K, V> AutoRefreshBuilder<K, V> builder() {
    return AutoRefresh.<K, V>builder().name("parcels").refresh((id, value) -> value).refreshEvery(PERIOD);
  }

  /** Ids that all have the same hash, so that they share all that is shared by hash: bin, stripe, lock. */
  private record Colliding(int number) {
    @Override
    public int hashCode() {
      return 42;
    }
  }

  /** An id whose n-th comparison by one thread stops at a gate: under a lock, if there is one. */
  private record Stopping(int number, Stop stop) {
    @Override
    public boolean equals(Object other) {
      stop.compared();
      return other instanceof Stopping that && that.number == number;
    }

    @Override
    public int hashCode() {
      return 42;
    }
  }

  private static final class Stop {
    final Gate gate = new Gate();
    private final AtomicInteger comparisonsLeft;
    private volatile Thread writer;

    Stop(int comparison) {
      comparisonsLeft = new AtomicInteger(comparison);
    }

    <T> Worker<T> write(Callable<T> write) {
      return Worker.start(() -> {
        writer = Thread.currentThread();
        return write.call();
      });
    }

    void compared() {
      if (Thread.currentThread() == writer && comparisonsLeft.decrementAndGet() == 0) {
        gate.passStubbornly();
      }
    }
  }

  @Test
  void G1_get_returnsTheVeryReferenceStored() throws Exception {
    Object first = new Object();
    Object second = new Object();
    try (var cache = AutoRefresh.<String, Object>builder()
        .refresh((id, value) -> second).refreshEvery(PERIOD).terminal(value -> value == second).build()) {
      assertThat(cache.getOrCreate("a", first)).isSameAs(first);
      assertThat(cache.get("a")).as("created").isSameAs(first).isSameAs(cache.getOrThrow("a"));
      assertThat(cache.inspect("a").orElseThrow().value()).isSameAs(first);
      cache.sync();
      assertThat(cache.get("a")).as("refreshed, and terminal").isSameAs(second);
      cache.deleteDelayed("a");
      assertThat(cache.get("a")).as("marked").isSameAs(second);
      cache.close();
      assertThat(cache.get("a")).as("after the close").isSameAs(second).isSameAs(cache.getOrThrow("a"));
    }
  }

  @Test
  void G1_get_ofIdsWithOneHash_tellsThemApart() {
    try (var cache = ReadTest.<Colliding, Integer>builder().build()) {
      for (int i = 0; i < 500; i++) {
        cache.getOrCreate(new Colliding(i), i);
      }
      for (int i = 0; i < 500; i++) {
        assertThat(cache.get(new Colliding(i))).as("by equality").isEqualTo(i);
      }
      assertThat(cache.get(new Colliding(500))).isNull();
    }
  }

  @Test
  void G1_get_ofAnAbsentId_isNull() {
    try (var cache = ReadTest.<String, Integer>builder().build()) {
      cache.getOrCreate("b", 1);
      assertThat(cache.get("a")).isNull();
    }
  }

  @Test
  void G1_getOrThrow_ofAnAbsentId_namesCacheAndId() {
    try (var cache = ReadTest.<String, Integer>builder().build()) {
      assertThatExceptionOfType(ItemNotFoundException.class).isThrownBy(() -> cache.getOrThrow("job-17"))
          .withMessageContaining("parcels").withMessageContaining("job-17");
    }
  }

  @Test
  void G1_get_doesNotWaitForCallbacks() throws Exception {
    ManualTicker ticker = new ManualTicker();
    Gate gate = new Gate(ticker);
    try (var cache = ReadTest.<String, Integer>builder().ticker(ticker).refresh((id, n) -> {
      gate.pass();
      return n + 1;
    }).onDelete((id, n) -> gate.pass()).build()) {
      Worker<Integer> creator = Worker.start(() -> cache.getOrCreate("being created", id -> {
        gate.pass();
        return 0;
      }));
      cache.getOrCreate("being refreshed", 1);
      cache.getOrCreate("being deleted", 2);
      cache.deleteDelayed("being deleted");
      cache.start();
      gate.awaitArrived(2);
      ticker.settle().jump(PERIOD);
      gate.awaitArrived(3);
      Worker<List<Integer>> reader = Worker.start(() -> {
        List<Integer> seen = new ArrayList<>();
        seen.add(cache.get("being created"));
        seen.add(cache.get("being refreshed"));
        seen.add(cache.get("being deleted"));
        return seen;
      });
      assertThat(reader.result()).containsExactly(null, 1, 2);
      gate.open();
      assertThat(creator.result()).isZero();
    }
  }

  @Test
  void G1_get_takesNoLock_whileACreationHoldsIt() throws Exception {
    readWhileStopped((cache, id) -> cache.getOrCreate(id, 99));
  }

  @Test
  void G1_get_takesNoLock_whileADeletionHoldsIt() throws Exception {
    readWhileStopped((cache, id) -> cache.deleteDelayed(id) ? 1 : 0);
  }

  @Test
  void G1_get_takesNoLock_whileAnInspectionHoldsIt() throws Exception {
    readWhileStopped((cache, id) -> cache.inspect(id).isPresent() ? 1 : 0);
  }

  /** Stops a writer in each of its comparisons in turn, some of them under its lock; reads go on all the same. */
  private static void readWhileStopped(ToIntBiFunction<AutoRefresh<Stopping, Integer>, Stopping> write)
      throws Exception {
    int items = 5;
    for (int comparison = 1; ; comparison++) {
      Stop stop = new Stop(comparison);
      try (var cache = ReadTest.<Stopping, Integer>builder().build()) {
        for (int i = 0; i < items; i++) {
          cache.getOrCreate(new Stopping(i, stop), i);
        }
        Worker<Integer> writer = stop.write(() -> write.applyAsInt(cache, new Stopping(-1, stop)));
        Await.until("the writer has stopped or ended", () -> stop.gate.arrived() > 0 || writer.isDone());
        if (stop.gate.arrived() == 0) {
          writer.result();
          assertThat(comparison).as("all comparisons, and one more").isGreaterThan(items);
          return;
        }
        Worker<Void> reader = Worker.start(() -> {
          for (int i = 0; i < items; i++) {
            assertThat(cache.get(new Stopping(i, stop))).isEqualTo(i);
            assertThat(cache.getOrThrow(new Stopping(i, stop))).isEqualTo(i);
            assertThat(cache.getOrCreate(new Stopping(i, stop), -1)).as("a hit").isEqualTo(i);
          }
          assertThat(cache.get(new Stopping(-2, stop))).isNull();
        });
        reader.result();
        stop.gate.open();
        writer.result();
      }
    }
  }

  @Test
  void G1_get_allocatesNothing() throws Exception {
    Method allocated = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
    Object threads = Class.forName("java.lang.management.ManagementFactory").getMethod("getThreadMXBean").invoke(null);
    try (var cache = ReadTest.<String, Integer>builder().build();
        var recording = ReadTest.<String, Integer>builder().recordStats().build()) {
      String[] ids = new String[1000];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = "id " + i;
        if (i % 10 != 0) {
          cache.getOrCreate(ids[i], i);
          recording.getOrCreate(ids[i], i);
        }
      }
      for (var each : List.of(cache, recording)) {
        readAll(each, ids, 1);
        long before = (long) allocated.invoke(threads);
        int hits = readAll(each, ids, 200);
        long after = (long) allocated.invoke(threads);
        assertThat(hits).isEqualTo(200 * 900);
        assertThat(after - before).as("bytes allocated by 200,000 reads").isLessThan(100_000);
      }
    }
  }

  private static int readAll(AutoRefresh<String, Integer> cache, String[] ids, int times) {
    int hits = 0;
    for (int time = 0; time < times; time++) {
      for (String id : ids) {
        if (cache.get(id) != null) {
          hits++;
        }
      }
    }
    return hits;
  }

  @Test
  void G1_get_triggersNoWork() throws Exception {
    AtomicInteger work = new AtomicInteger();
    ManualTicker ticker = new ManualTicker();
    try (var cache = AutoRefresh.<String, Integer>builder()
        .refresh((id, n) -> n + work.incrementAndGet())
        .create(id -> work.incrementAndGet())
        .refreshEvery(PERIOD).refreshOnCreate(false).ticker(ticker).build()) {
      cache.getOrCreate("a", 0);
      ticker.jump(PERIOD.multipliedBy(10));
      readThrice(cache);
      cache.start();
      ticker.settle().jump(PERIOD.minusNanos(1));
      readThrice(cache);
      ticker.settle();
      assertThat(work).hasValue(0);
      assertThat(cache.size()).isEqualTo(1);
    }
  }

  private static void readThrice(AutoRefresh<String, Integer> cache) {
    for (int i = 0; i < 3; i++) {
      assertThat(cache.get("a")).isZero();
      assertThat(cache.get("absent")).isNull();
      assertThat(cache.inspect("a")).isPresent();
    }
  }

  /**
   * Growth, updates and deletions of others all around: a stable item is never missed, nor goes back. The stable ones
   * share a hash, so that finding one takes long enough for something to happen meanwhile.
   */
  @Test
  void G1_get_duringWrites_seesEveryStableItem() throws Exception {
    int stable = 64;
    AtomicBoolean done = new AtomicBoolean();
    try (var cache = AutoRefresh.<Object, Integer>builder()
        .refresh((id, n) -> n + 1).refreshEvery(PERIOD).terminal(n -> n < 0).maximumSize(100_000).build()) {
      for (int i = 0; i < stable; i++) {
        cache.getOrCreate(new Colliding(i), 0);
      }
      List<Worker<Void>> readers = Worker.startTogether(2, number -> {
        int[] last = new int[stable];
        while (!done.get()) {
          for (int i = 0; i < stable; i++) {
            Integer seen = cache.get(new Colliding(i));
            assertThat(seen).as("item %d", i).isNotNull().isGreaterThanOrEqualTo(last[i]);
            last[i] = seen;
          }
        }
        return null;
      });
      try {
        for (int id = 0; id < 60_000; id++) {
          cache.getOrCreate(id, -1);
          if (id % 3 == 0) {
            cache.deleteDelayed(id);
          }
          if (id % 3000 == 0) {
            cache.sync();
          }
        }
      } finally {
        done.set(true);
      }
      for (Worker<Void> reader : readers) {
        reader.result();
      }
      assertThat(cache.get(new Colliding(0))).isEqualTo(20);
    }
  }

  @Test
  void G1_hitsAndMisses_areCountedOnlyIfAskedFor() {
    try (var silent = ReadTest.<String, Integer>builder().build();
        var recording = ReadTest.<String, Integer>builder().recordStats().build()) {
      for (var cache : List.of(silent, recording)) {
        cache.getOrCreate("a", 1);
        long misses = cache.stats().missCount();
        cache.get("a");
        cache.getOrThrow("a");
        cache.getOrCreate("a", 2);
        cache.get("b");
        assertThat(cache.stats().hitCount()).isEqualTo(cache == recording ? 3 : 0);
        assertThat(cache.stats().missCount() - misses).isEqualTo(cache == recording ? 1 : 0);
      }
      assertThat(silent.stats().hitRate()).isEqualTo(1.0);
    }
  }

  @Test
  void G1_get_seesACreationAtOnce() throws Exception {
    for (int round = 0; round < 200; round++) {
      try (var cache = ReadTest.<String, Integer>builder().build()) {
        Worker<Integer> reader = Worker.start(() -> {
          Await.until("the item is there", () -> cache.get("a") != null);
          return cache.get("a");
        });
        assertThat(cache.getOrCreate("a", round)).isEqualTo(round);
        assertThat(cache.get("a")).isEqualTo(round);
        assertThat(reader.result()).isEqualTo(round);
      }
    }
  }
}
