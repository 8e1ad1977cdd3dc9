package io.autorefresh.benchmarks;

import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.util.Statistics;

/**
 * A figure that is taken from JMH's results for the report.
 *
 * @param name what is measured
 * @param unit the unit, after scaling
 * @param moreIsBetter whether a higher figure is a better one
 * @param method the benchmark method, or empty for every one
 * @param secondary the name of the secondary result that it is, or empty for the primary one
 * @param scale what JMH's figure is multiplied by, by the parameters of the run
 */
record Metric(
    String name,
    String unit,
    boolean moreIsBetter,
    String method,
    String secondary,
    ToDoubleFunction<BenchmarkParams> scale) {

  static Metric more(String name, String unit) {
    return new Metric(name, unit, true, "", "", params -> 1);
  }

  static Metric less(String name, String unit) {
    return new Metric(name, unit, false, "", "", params -> 1);
  }

  Metric ofMethod(String other) {
    return new Metric(name, unit, moreIsBetter, other, secondary, scale);
  }

  Metric ofSecondary(String other) {
    return new Metric(name, unit, moreIsBetter, method, other, scale);
  }

  Metric times(ToDoubleFunction<BenchmarkParams> other) {
    return new Metric(name, unit, moreIsBetter, method, secondary, other);
  }

  /** Returns the figure of a run, or empty if the run is of another method. */
  Optional<Figure> of(RunResult run) {
    BenchmarkParams params = run.getParams();
    if (!params.getBenchmark().endsWith("." + method) && !method.isEmpty()) {
      return Optional.empty();
    }
    Result<?> result = secondary.isEmpty() ? run.getPrimaryResult() : run.getSecondaryResults().get(secondary);
    if (result == null) {
      throw new IllegalStateException("no " + secondary + " in the results of " + params.id());
    }
    double factor = scale.applyAsDouble(params);
    double[] measured = iterations(result.getStatistics()).map(score -> score * factor).toArray();
    return Optional.of(Figure.median(Labels.peer(params), Labels.situation(params), measured));
  }

  private static DoubleStream iterations(Statistics statistics) {
    DoubleStream.Builder scores = DoubleStream.builder();
    statistics.getRawData().forEachRemaining(score -> {
      for (long i = 0; i < score.getValue(); i++) {
        scores.add(score.getKey());
      }
    });
    return scores.build();
  }
}
