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
import org.openjdk.jmh.infra.ThreadParams;

/**
 * The peers hold 16,384 items at most and are full. Each thread creates items under ids of its own part of a pool of a
 * million. The pool is much longer than the cache: an id that comes again was evicted long before. ConcurrentHashMap
 * evicts nothing and is the limit: there the thread itself removes the oldest of its items.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CapacityBenchmark {

  static final String QUESTION = "How many items a second can be created when each creation has to evict another item?";

  private static final int MAXIMUM_SIZE = 16_384;
  private static final int POOL = 1 << 20;

  /** The peer that creates and evicts. */
  @Param({"AUTOREFRESH", "CONCURRENT_HASH_MAP", "CAFFEINE", "GUAVA", "CACHE2K"})
  Peer peer;

  private final String[] pool = Ids.of(POOL, 1);
  private Store store;
  private boolean bounded;

  /** Fills the peer, more than once over. */
  @Setup
  public void fill() {
    bounded = peer.isBounded();
    store = peer.open(MAXIMUM_SIZE);
    if (bounded) {
      for (String id : Ids.of(2 * MAXIMUM_SIZE, 2)) {
        store.getOrCreate(id, Item.FIRST);
      }
      store.settle();
    }
  }

  /**
   * Creates one item.
   *
   * @param part the thread's part of the pool
   * @return the item
   */
  @Benchmark
  public Object create(Part part) {
    int place = part.next();
    Item item = store.getOrCreate(pool[place], Item.FIRST);
    if (!bounded) {
      store.remove(pool[part.behind(place)]);
    }
    return item;
  }

  /** Checks that the bound has held, and closes the peer. */
  @TearDown
  public void check() {
    store.settle();
    int size = store.size();
    store.close();
    if (size > MAXIMUM_SIZE || size < MAXIMUM_SIZE / 2) {
      throw new IllegalStateException(peer.label() + " holds " + size + " items");
    }
  }

  /** The part of the pool whose ids one thread creates, over and over. */
  @State(Scope.Thread)
  public static class Part {

    private int begin;
    private int length;
    private int lag;
    private int next;

    /**
     * Cuts the pool.
     *
     * @param threads says which thread of how many this is
     */
    @Setup
    public void cut(ThreadParams threads) {
      length = POOL / threads.getThreadCount();
      begin = length * threads.getThreadIndex();
      lag = MAXIMUM_SIZE / threads.getThreadCount();
    }

    private int next() {
      int place = begin + next;
      next = next + 1 == length ? 0 : next + 1;
      return place;
    }

    private int behind(int place) {
      int at = place - lag;
      return at < begin ? at + length : at;
    }
  }
}
