package io.autorefresh.benchmarks;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * A part of a question that one call of JMH's runner measures: one benchmark method with all combinations of some
 * values of its parameters.
 *
 * @param benchmark the class
 * @param method the method
 * @param threads how many threads call it
 * @param warmups how many iterations are thrown away
 * @param iterations how many iterations are counted
 * @param warmup how long one of the former is
 * @param time how long one of the latter is
 * @param params values by parameter; those of the others are JMH's
 */
record Run(
    Class<?> benchmark,
    String method,
    int threads,
    int warmups,
    int iterations,
    Duration warmup,
    Duration time,
    Map<String, List<String>> params) {

  /** The name of JMH's result of allocated bytes by operation. */
  static final String ALLOCATED = "gc.alloc.rate.norm";

  static Run of(Class<?> benchmark, String method, boolean full) {
    Duration time = Duration.ofMillis(full ? 300 : 200);
    return new Run(benchmark, method, 1, 4, 5, time, time, Map.of());
  }

  Run with(String param, Object... values) {
    Map<String, List<String>> more = new TreeMap<>(params);
    more.put(param, Arrays.stream(values).map(Object::toString).toList());
    return new Run(benchmark, method, threads, warmups, iterations, warmup, time, more);
  }

  Run threads(int count) {
    return new Run(benchmark, method, count, warmups, iterations, warmup, time, params);
  }

  Run iterations(int warmups, int measured) {
    return new Run(benchmark, method, threads, warmups, measured, warmup, time, params);
  }

  /** For code that takes longer than other code to warm up. */
  Run warmup(Duration longer) {
    return new Run(benchmark, method, threads, warmups, iterations, longer, time, params);
  }

  /** Returns JMH's options for this part, with one fork. */
  ChainedOptionsBuilder options() {
    ChainedOptionsBuilder options = new OptionsBuilder()
        .include("^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$")
        .shouldFailOnError(true)
        .forks(1)
        .warmupIterations(warmups)
        .warmupTime(TimeValue.milliseconds(warmup.toMillis()))
        .measurementIterations(iterations)
        .measurementTime(TimeValue.milliseconds(time.toMillis()))
        .addProfiler(GCProfiler.class)
        .addProfiler(Gauges.class);
    if (threads != 1) {
      options.threads(threads);
    }
    params.forEach((param, values) -> options.param(param, values.toArray(String[]::new)));
    return options;
  }
}
