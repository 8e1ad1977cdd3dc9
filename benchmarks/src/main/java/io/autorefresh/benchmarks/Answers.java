package io.autorefresh.benchmarks;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;

/**
 * The figures that answer one question.
 *
 * @param question the question
 * @param results JMH's results, one for each combination of parameters
 */
record Answers(Question question, Collection<RunResult> results) {

  /** Returns the figures of one metric, by situation and peer, in the order in which they were measured. */
  Map<String, Map<String, Figure>> figures(Metric metric) {
    Map<String, Map<String, Figure>> figures = new LinkedHashMap<>();
    for (RunResult result : results) {
      metric.of(result).ifPresent(figure -> {
        figures.computeIfAbsent(figure.situation(), absent -> new LinkedHashMap<>()).put(figure.peer(), figure);
      });
    }
    return figures;
  }
}
