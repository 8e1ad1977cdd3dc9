package io.autorefresh.benchmarks;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Adds figures to JMH's results that JMH does not measure itself, such as heap or misses. A benchmark {@linkplain
 * #report reports} the figure of an iteration, and this profiler makes it a secondary result of that iteration.
 */
public final class Gauges implements InternalProfiler {

  /** Bytes per item, beyond the id and the value. */
  static final String HEAP = "heap";

  /** The time until a cycle is planned. */
  static final String PLANNING = "planning";

  /** The bytes allocated for that, by item. */
  static final String PLANNED_BYTES = "plannedBytes";

  /** Misses by accesses. */
  static final String MISS_RATIO = "missRatio";

  /** The time from the return of the remote until a waiting thread sees the update: the median of all threads. */
  static final String WAKE_UP_P50 = "wakeUpP50";

  /** The same time: that of the slowest hundredth of all threads, at least. */
  static final String WAKE_UP_P99 = "wakeUpP99";

  /** Bytes by waiting thread, beyond the thread itself. */
  static final String WAITER_BYTES = "waiterBytes";

  private static final Map<String, ScalarResult> REPORTED = new ConcurrentHashMap<>();

  /** Made by JMH. */
  public Gauges() {}

  static void report(String gauge, double value, String unit) {
    REPORTED.put(gauge, new ScalarResult(gauge, value, unit, AggregationPolicy.AVG));
  }

  @Override
  public String getDescription() {
    return "figures that the benchmarks report themselves";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    REPORTED.clear();
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    return List.copyOf(REPORTED.values());
  }
}
