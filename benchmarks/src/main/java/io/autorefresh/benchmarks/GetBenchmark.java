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
 * Each thread reads ids by Zipf's law from a peer that holds all items. Meanwhile every item gets a new value once per
 * period, evenly spread: 16,384 items once a second, a million once in ten seconds. The library's own cycles do that,
 * and for its peers a {@link PacedWriter} of the same rate. At 90 % hits, one read in ten is for an absent id.
 *
 * <p>The run fails if an item is missing at its end, or if less than half of the due refreshes took place.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class GetBenchmark {

  static final String QUESTION =
      "How many reads a second are there while every item is being refreshed in the background?";

  private static final int ITEMS_PER_SECOND = 100_000;

  /** The peer that is read. */
  @Param Peer peer;

  /** How many items there are. */
  @Param({"16384", "1000000"})
  int items;

  /** How many reads of a hundred find an item. */
  @Param({"100", "90"})
  int hits;

  private String[] ids;
  private String[] draws;
  private Duration period;
  private Store store;
  private Store.Refreshing refreshing;
  private long began;

  /** Fills the peer and begins the refresh. */
  @Setup
  public void fill() {
    ids = Ids.of(items, 1);
    draws = Ids.draws(ids, Ids.of(items, 2), hits);
    period = Duration.ofSeconds(Math.max(1, items / ITEMS_PER_SECOND));
    store = peer.openFilled(ids, period);
    began = System.nanoTime();
    refreshing = store.refresh(ids);
  }

  /**
   * Reads one item.
   *
   * @param cursor the thread's place in the draws
   * @return the item, or null
   */
  @Benchmark
  public Object get(Cursor cursor) {
    return store.get(cursor.of(draws));
  }

  /** Ends the refresh, and checks that it was one. */
  @TearDown
  public void check() {
    double periods = (double) (System.nanoTime() - began) / period.toNanos();
    long refreshed = refreshing.count();
    refreshing.close();
    peer.requireFilled(store, ids);
    store.close();
    if (refreshed < (periods - 1) * items / 2) {
      throw new IllegalStateException(
          peer.label() + " refreshed " + refreshed + " times in " + periods + " periods of " + items + " items");
    }
  }
}
