package io.autorefresh.benchmarks;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import javax.management.JMException;
import javax.management.ObjectName;
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
 * Each of 10,000 virtual threads waits for another item. When all wait, all items are updated, a hundred in a call. A
 * new value is the time at which the remote returned it, and a woken thread first reads the clock. So a latency
 * includes the application of the call's other items, and the queue of the woken threads.
 *
 * <p>The bytes of a waiter are those of all objects reachable while the threads wait, less those reachable while the
 * same threads are merely parked. Stacks do not count. JMH's own figure is that of the whole; the question does not use
 * it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class WakeUpBenchmark {

  static final String QUESTION =
      "How soon does each of 10,000 virtual threads see the update that it waits for, and how many bytes does it take?";

  private static final int WAITERS = 10_000;

  /** The peer that wakes the threads. */
  @Param Waker peer;

  private final String[] ids = Ids.of(WAITERS, 1);
  private Waker.Updates updates;
  private volatile boolean parked;

  /** Opens the peer. */
  @Setup
  public void open() {
    updates = peer.open(ids);
  }

  /**
   * Wakes all threads, and reports how long that took for half of them, and for 99 of 100.
   *
   * @throws InterruptedException if the run was given up
   */
  @Benchmark
  public void wake() throws InterruptedException {
    long[] latencies = new long[WAITERS];
    Arrays.fill(latencies, -1);
    List<Thread> threads = start(number -> {
      long returned = updates.await(ids[number]);
      latencies[number] = System.nanoTime() - returned;
    });
    awaitAll(threads, Thread.State.TIMED_WAITING);
    updateAndJoin(threads);
    Arrays.sort(latencies);
    if (latencies[0] < 0) {
      throw new IllegalStateException("a thread of " + peer.label() + " was not woken");
    }
    Gauges.report(Gauges.WAKE_UP_P50, latencies[WAITERS / 2] / 1e6, "ms");
    Gauges.report(Gauges.WAKE_UP_P99, latencies[WAITERS / 100 * 99] / 1e6, "ms");
  }

  /**
   * Measures and reports the bytes of a waiter.
   *
   * @throws InterruptedException if the run was given up
   * @throws JMException if the JVM does not tell the bytes
   */
  @Benchmark
  public void heap() throws InterruptedException, JMException {
    parked = true;
    List<Thread> threads = start(number -> {
      while (parked) {
        LockSupport.park();
      }
      updates.await(ids[number]);
    });
    awaitAll(threads, Thread.State.WAITING);
    long before = reachableBytes();
    parked = false;
    threads.forEach(LockSupport::unpark);
    awaitAll(threads, Thread.State.TIMED_WAITING);
    long after = reachableBytes();
    updateAndJoin(threads);
    Gauges.report(Gauges.WAITER_BYTES, (double) (after - before) / WAITERS, "B/waiter");
  }

  /** Closes the peer. */
  @TearDown
  public void close() {
    updates.close();
  }

  private static List<Thread> start(IntConsumer waiter) {
    List<Thread> threads = new ArrayList<>(WAITERS);
    for (int i = 0; i < WAITERS; i++) {
      int number = i;
      threads.add(Thread.startVirtualThread(() -> waiter.accept(number)));
    }
    return threads;
  }

  private static void awaitAll(List<Thread> threads, Thread.State state) throws InterruptedException {
    for (Thread thread : threads) {
      while (thread.getState() != state) {
        if (!thread.isAlive()) {
          throw new IllegalStateException("a thread does not wait");
        }
        TimeUnit.MICROSECONDS.sleep(100);
      }
    }
  }

  private void updateAndJoin(List<Thread> threads) throws InterruptedException {
    updates.apply();
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private static long reachableBytes() throws JMException {
    Object histogram = ManagementFactory.getPlatformMBeanServer().invoke(
        new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram", new Object[] {new String[0]},
        new String[] {String[].class.getName()});
    // A row has the rank, the number of objects, their bytes and their class.
    return histogram.toString().lines()
        .map(row -> row.trim().split("\\s+"))
        .filter(cells -> cells[0].matches("\\d+:") && !cells[3].endsWith("StackChunk"))
        .mapToLong(cells -> Long.parseLong(cells[2]))
        .sum();
  }
}
