package io.autorefresh.benchmarks;

import java.util.concurrent.TimeUnit;
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
 * One operation is one cycle over all items; the report divides by their number. Every peer asks the remote under the
 * same bound of concurrency, on one virtual thread per job, for one item or for a hundred. Caffeine knows no batches
 * and is left out there.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class CycleBenchmark {

  static final String QUESTION =
      "What does a sync cycle cost per item, in time and in allocated bytes, when the remote answers at once?";

  static final int CONCURRENCY = 1_000;

  /** The peer that refreshes. */
  @Param SyncPeer peer;

  /** How many live items there are. */
  @Param({"10000", "100000", "1000000"})
  int items;

  /** How many items are in one refresh job. */
  @Param({"1", "100"})
  int batch;

  /** The remote's answer. */
  @Param Answer answer;

  private SyncLoop loop;

  /**
   * Fills the peer.
   *
   * @throws InterruptedException never
   */
  @Setup
  public void fill() throws InterruptedException {
    Remote remote = new Remote(answer, 0);
    loop = peer.open(Ids.of(items, 1), batch, CONCURRENCY, remote);
    SyncLoop.requireWhole(loop, remote, items);
  }

  /**
   * Refreshes all items.
   *
   * @throws InterruptedException if the run was given up
   */
  @Benchmark
  public void cycle() throws InterruptedException {
    loop.cycle();
  }

  /** Closes the peer. */
  @TearDown
  public void close() {
    loop.close();
  }
}
