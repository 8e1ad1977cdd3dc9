package io.autorefresh.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One thread replays a {@link Trace}: each access asks for its id and creates the item where it is missing, which is a
 * miss. The bound is a share of the trace's distinct ids. Caffeine does its upkeep in the calling thread, as in its
 * author's simulator. The replay is the operation; the question does not use its time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class MissRatioBenchmark {

  static final String QUESTION =
      "How often does the eviction lose what is asked for again, beside exact LRU and Caffeine?";

  /** The peer that evicts. */
  @Param Policy peer;

  /** The name of a made trace, or the path of a file. */
  @Param({"zipf", "loop", "scan"})
  String trace;

  /** The bound, as a percentage of the distinct ids. */
  @Param({"1", "10", "50"})
  int percent;

  private Trace replayed;

  /** Reads or makes the trace. */
  @Setup
  public void read() {
    replayed = Trace.of(trace);
  }

  /**
   * Replays the trace.
   *
   * @return the miss ratio
   */
  @Benchmark
  public double replay() {
    int maximumSize = Math.max(1, Math.toIntExact((long) replayed.distinct() * percent / 100));
    Predicate<String> access = peer.open(maximumSize);
    int misses = 0;
    for (String id : replayed.accesses()) {
      if (!access.test(id)) {
        misses++;
      }
    }
    double missRatio = (double) misses / replayed.accesses().length;
    Gauges.report(Gauges.MISS_RATIO, missRatio, "misses/access");
    return missRatio;
  }

  /** The eviction policies. */
  public enum Policy implements Labelled {
    /** This library. */
    AUTOREFRESH("AutoRefresh") {
      @Override
      Predicate<String> open(int maximumSize) {
        Store store = Peer.AUTOREFRESH.open(maximumSize);
        return id -> {
          Item created = new Item(0);
          return store.getOrCreate(id, created) != created;
        };
      }
    },
    /** Exact LRU, as {@link LinkedHashMap} does it. */
    LRU("exact LRU") {
      @Override
      Predicate<String> open(int maximumSize) {
        Map<String, Item> items = new LinkedHashMap<>(16, .75f, true);
        return id -> {
          boolean hit = items.putIfAbsent(id, Item.FIRST) != null;
          if (items.size() > maximumSize) {
            items.remove(items.keySet().iterator().next());
          }
          return hit;
        };
      }
    },
    /** Caffeine. */
    CAFFEINE("Caffeine") {
      @Override
      Predicate<String> open(int maximumSize) {
        Cache<String, Item> cache = Caffeine.newBuilder().maximumSize(maximumSize).executor(Runnable::run).build();
        return id -> {
          Item created = new Item(0);
          return cache.get(id, absent -> created) != created;
        };
      }
    };

    private final String label;

    Policy(String label) {
      this.label = label;
    }

    @Override
    public String label() {
      return label;
    }

    /** Opens an empty cache of that size; the returned function says whether an access was a hit. */
    abstract Predicate<String> open(int maximumSize);
  }
}
