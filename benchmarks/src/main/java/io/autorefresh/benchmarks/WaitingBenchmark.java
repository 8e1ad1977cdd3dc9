package io.autorefresh.benchmarks;

import java.time.Duration;
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
 * One operation is one cycle of one-item jobs. The ideal is items * 20 ms / 1,000; the report gives the wall time over
 * it.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
public class WaitingBenchmark {

  static final String QUESTION =
      "How near to the ideal is a cycle that mostly waits, jobs of 20 ms with a thousand at once?";

  static final int CONCURRENCY = 1_000;
  static final Duration JOB = Duration.ofMillis(20);

  /** The peer that refreshes. */
  @Param SyncPeer peer;

  /** How many live items there are. */
  @Param({"100000"})
  int items;

  private SyncLoop loop;

  /**
   * Fills the peer.
   *
   * @throws InterruptedException never
   */
  @Setup
  public void fill() throws InterruptedException {
    Remote remote = new Remote(Answer.UPDATED, JOB.toNanos());
    loop = peer.open(Ids.of(items, 1), 1, CONCURRENCY, remote);
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
