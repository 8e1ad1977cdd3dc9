package io.autorefresh.benchmarks;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.infra.Blackhole;

/**
 * Present: reads by Zipf's law over 16,384 items. Absent: creations of 100,000 items in an empty peer that has room for
 * all of them; the growth of its table is part of the cost. Crowd: 64 virtual threads ask for one new id whose creator
 * takes a millisecond; the figure is the time until all have the item. The run fails if there is a second creation.
 */
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class GetOrCreateBenchmark {

  static final String QUESTION =
      "What does getOrCreate cost if the item is present, if it is absent, and for a crowd on one absent item?";

  private static final int PRESENT = 16_384;
  private static final int ABSENT = 100_000;
  private static final int CROWD = 64;
  private static final long SLOW = Duration.ofMillis(1).toNanos();

  /**
   * Asks for items that are there.
   *
   * @param present the peer
   * @param cursor the thread's place in the draws
   * @return the item
   */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  public Object present(Present present, Cursor cursor) {
    return present.store.getOrCreate(cursor.of(present.draws), Item.FIRST);
  }

  /**
   * Asks for items that are not there.
   *
   * @param absent the peer
   * @param blackhole takes the items
   */
  @Benchmark
  @BenchmarkMode(Mode.SingleShotTime)
  @OperationsPerInvocation(ABSENT)
  public void absent(Absent absent, Blackhole blackhole) {
    for (String id : absent.ids) {
      blackhole.consume(absent.store.getOrCreate(id, Item.FIRST));
    }
  }

  /**
   * Asks for one absent item from many threads at once.
   *
   * @param crowd the peer
   * @param blackhole takes the items
   * @throws InterruptedException if the run was given up
   */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  public void crowd(Crowd crowd, Blackhole blackhole) throws InterruptedException {
    String id = Integer.toHexString(crowd.asked++);
    Thread[] threads = new Thread[CROWD];
    for (int i = 0; i < CROWD; i++) {
      threads[i] = Thread.startVirtualThread(() -> blackhole.consume(crowd.store.getOrCreate(id, crowd::create)));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** A peer that has all items. */
  @State(Scope.Benchmark)
  public static class Present {

    /** The peer that is asked. */
    @Param Peer peer;

    private String[] draws;
    private Store store;

    /** Fills the peer. */
    @Setup
    public void fill() {
      String[] ids = Ids.of(PRESENT, 1);
      draws = Ids.draws(ids, Ids.of(PRESENT, 2), 100);
      store = peer.openFilled(ids, Duration.ofHours(1));
    }

    /** Closes the peer. */
    @TearDown
    public void close() {
      store.close();
    }
  }

  /** A peer that is empty at the beginning of each iteration. */
  @State(Scope.Benchmark)
  public static class Absent {

    /** The peer that is asked. */
    @Param Peer peer;

    private final String[] ids = Ids.of(ABSENT, 1);
    private Store store;

    /** Opens an empty peer. */
    @Setup(Level.Iteration)
    public void open() {
      store = peer.open(ABSENT + ABSENT / 4);
    }

    /** Checks that all items were created, and closes the peer. */
    @TearDown(Level.Iteration)
    public void check() {
      peer.requireFilled(store, ids);
      store.close();
    }
  }

  /** A peer that never has the item. */
  @State(Scope.Benchmark)
  public static class Crowd {

    /** The peer that is asked. */
    @Param Peer peer;

    private final AtomicInteger created = new AtomicInteger();
    private Store store;
    private int asked;

    /** Opens an empty peer. */
    @Setup
    public void open() {
      store = peer.open(1_000_000);
    }

    private Item create(String id) {
      created.incrementAndGet();
      LockSupport.parkNanos(SLOW);
      return Item.FIRST;
    }

    /** Checks that there was one creation for each id, and closes the peer. */
    @TearDown
    public void check() {
      store.close();
      if (created.get() != asked) {
        throw new IllegalStateException(peer.label() + " created " + created + " items for " + asked + " ids");
      }
    }
  }
}
