package io.autorefresh.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Group;
import org.openjdk.jmh.annotations.GroupThreads;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One thread reads by Zipf's law. Another one runs cycle after cycle over all 16,384 items, each of which gets a new
 * value each time. A cycle is one operation for JMH and one operation per item in the report, so that the two rates
 * have the same unit.
 */
@State(Scope.Group)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ReadRefreshBenchmark {

  static final String QUESTION =
      "How many reads and how many refreshes a second are there when both go on as fast as they can?";

  static final int ITEMS = 16_384;

  /** The peer that is read and refreshed. */
  @Param SyncPeer peer;

  /** How many items are in one refresh job. */
  @Param({"1", "100"})
  int batch;

  private String[] draws;
  private SyncLoop loop;

  /**
   * Fills the peer.
   *
   * @throws InterruptedException never
   */
  @Setup
  public void fill() throws InterruptedException {
    String[] ids = Ids.of(ITEMS, 1);
    draws = Ids.draws(ids, Ids.of(ITEMS, 2), 100);
    Remote remote = new Remote(Answer.UPDATED, 0);
    loop = peer.open(ids, batch, CycleBenchmark.CONCURRENCY, remote);
    SyncLoop.requireWhole(loop, remote, ITEMS);
  }

  /**
   * Reads one item.
   *
   * @param cursor the thread's place in the draws
   * @return the item
   */
  @Benchmark
  @Group("readRefresh")
  @GroupThreads
  public Object reads(Cursor cursor) {
    return loop.get(cursor.of(draws));
  }

  /**
   * Refreshes all items.
   *
   * @throws InterruptedException if the run was given up
   */
  @Benchmark
  @Group("readRefresh")
  @GroupThreads
  public void refreshes() throws InterruptedException {
    loop.cycle();
  }

  /** Closes the peer. */
  @TearDown
  public void close() {
    loop.close();
  }
}
