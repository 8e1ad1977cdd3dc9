package io.autorefresh.benchmarks;

import com.sun.management.ThreadMXBean;
import io.autorefresh.AutoRefresh;
import io.autorefresh.Outcome;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * The time of a cycle over 500,000 items from its beginning to its first call of the remote, or to its end if there is
 * none. All items are live, or one in a hundred, or none. The bytes are those that the cycle's owner allocates in that
 * time. So a first batch and the start of its thread are included. The limit is a walk over a ConcurrentHashMap that
 * puts the live entries into a list. JMH's own figure is that of the whole cycle; the question does not use it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class PlanningBenchmark {

  static final String QUESTION = "How long does a cycle over 500,000 items take to plan, and how many bytes?";

  static final int ITEMS = 500_000;

  /** The peer that plans. */
  @Param({"AUTOREFRESH", "CONCURRENT_HASH_MAP"})
  Peer peer;

  /** How many items of a hundred are live. */
  @Param({"100", "1", "0"})
  int live;

  private final Stopwatch stopwatch = new Stopwatch();
  private AutoRefresh<String, Item> cache;
  private Map<String, Item> map;

  /** Fills the peer. */
  @Setup
  public void fill() {
    if (peer == Peer.AUTOREFRESH) {
      cache = AutoRefresh.<String, Item>builder()
          .refreshBatch(this::firstCall)
          .refreshEvery(Duration.ofHours(1))
          .refreshOnCreate(false)
          .terminal(Item::isFinal)
          .build();
    } else {
      map = new ConcurrentHashMap<>();
    }
    int count = 0;
    for (String id : Ids.of(ITEMS, 1)) {
      Item item = count++ % 100 < live ? Item.FIRST : Item.FINAL;
      if (peer == Peer.AUTOREFRESH) {
        cache.getOrCreate(id, item);
      } else {
        map.put(id, item);
      }
    }
  }

  /**
   * Plans, and reports for how long.
   *
   * @return the number of items planned
   * @throws InterruptedException if the run was given up
   */
  @Benchmark
  public long plan() throws InterruptedException {
    stopwatch.start();
    long planned = peer == Peer.AUTOREFRESH ? cache.sync().items() : walk();
    stopwatch.stop();
    if (planned != (long) ITEMS * live / 100) {
      throw new IllegalStateException(peer.label() + " planned " + planned + " items");
    }
    Gauges.report(Gauges.PLANNING, stopwatch.nanos / 1e6, "ms");
    Gauges.report(Gauges.PLANNED_BYTES, (double) stopwatch.bytes / ITEMS, "B/item");
    return planned;
  }

  /** Closes the peer. */
  @TearDown
  public void close() {
    if (peer == Peer.AUTOREFRESH) {
      cache.close();
    }
  }

  private Map<String, Outcome<Item>> firstCall(Map<String, Item> items) {
    stopwatch.stop();
    Map<String, Outcome<Item>> outcomes = HashMap.newHashMap(items.size());
    items.keySet().forEach(id -> outcomes.put(id, Outcome.unchanged()));
    return outcomes;
  }

  private long walk() {
    List<Map.Entry<String, Item>> planned = new ArrayList<>();
    for (Map.Entry<String, Item> entry : map.entrySet()) {
      if (!entry.getValue().isFinal()) {
        planned.add(entry);
      }
    }
    return planned.size();
  }

  /** Measures time and allocation of the thread that starts it, until some thread stops it first. */
  private static final class Stopwatch {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final AtomicBoolean running = new AtomicBoolean();
    private Thread thread = Thread.currentThread();
    private volatile long nanos;
    private volatile long bytes;

    void start() {
      thread = Thread.currentThread();
      bytes = THREADS.getThreadAllocatedBytes(thread.threadId());
      nanos = System.nanoTime();
      running.set(true);
    }

    void stop() {
      if (running.get() && running.compareAndSet(true, false)) {
        nanos = System.nanoTime() - nanos;
        bytes = THREADS.getThreadAllocatedBytes(thread.threadId()) - bytes;
      }
    }
  }
}
