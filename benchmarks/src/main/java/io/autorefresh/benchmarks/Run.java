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
 * @param time how long an iteration is
 * @param params values by parameter; those of the others are JMH's
 */
record Run(
    Class<?> benchmark,
    String method,
    int threads,
    int warmups,
    int iterations,
    Duration time,
    Map<String, List<String>> params) {

  /** The name of JMH's result of allocated bytes by operation. */
  static final String ALLOCATED = "gc.alloc.rate.norm";

  static Run of(Class<?> benchmark, String method, boolean full) {
    return full
        ? new Run(benchmark, method, 1, 4, 5, Duration.ofMillis(300), Map.of())
        : new Run(benchmark, method, 1, 4, 5, Duration.ofMillis(200), Map.of());
  }

  Run with(String param, Object... values) {
    Map<String, List<String>> more = new TreeMap<>(params);
    more.put(param, Arrays.stream(values).map(Object::toString).toList());
    return new Run(benchmark, method, threads, warmups, iterations, time, more);
  }

  Run threads(int count) {
    return new Run(benchmark, method, count, warmups, iterations, time, params);
  }

  Run iterations(int warmup, int measured) {
    return new Run(benchmark, method, threads, warmup, measured, time, params);
  }

  /** Returns JMH's options for this part, with one fork. */
  ChainedOptionsBuilder options() {
    TimeValue length = TimeValue.milliseconds(time.toMillis());
    ChainedOptionsBuilder options = new OptionsBuilder()
        .include("^" + benchmark.getName().replace(".", "\\.") + "\\." + method + "$")
        .shouldFailOnError(true)
        .forks(1)
        .warmupIterations(warmups)
        .warmupTime(length)
        .measurementIterations(iterations)
        .measurementTime(length)
        .addProfiler(GCProfiler.class)
        .addProfiler(Gauges.class);
    if (threads != 1) {
      options.threads(threads);
    }
    params.forEach((param, values) -> options.param(param, values.toArray(String[]::new)));
    return options;
  }
}
