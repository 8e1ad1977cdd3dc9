package io.autorefresh.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.WorkloadParams;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures a question with JMH. JMH would run all forks of a peer one after another. This class runs them in rounds:
 * every peer has its first fork before one of them has its second. So a change of the machine over the minutes affects
 * all peers alike, and ratios between them stay true.
 */
final class Measurement {

  /** The system property with the number of a fork's round. */
  static final String ROUND = "benchmarks.round";

  private static final int FIRST_JDK_THAT_WARNS_OF_UNSAFE = 23;
  /**
   * The same for all. The young generation is so small that warming up touches all of it: the first touch of a page can
   * cost more than the measured code.
   */
  private static final List<String> HEAP = List.of("-Xms3g", "-Xmx3g", "-Xmn512m");

  private final boolean full;
  private final List<String> traces;
  private final OutputFormat log;

  Measurement(boolean full, List<String> traces, PrintStream log) {
    this.full = full;
    this.traces = traces;
    this.log = OutputFormatFactory.createFormatInstance(log, VerboseMode.NORMAL);
  }

  /** Runs all parts of a question; throws if one run failed. */
  Answers answer(Question question) throws RunnerException {
    int rounds = question.rounds(full);
    List<RunResult> answers = new ArrayList<>();
    for (Run run : question.runs(full, traces)) {
      Map<String, List<RunResult>> byParams = new LinkedHashMap<>();
      for (int round = 0; round < rounds; round++) {
        Options options = run.options().jvmArgs(jvmArgs(round)).build();
        for (RunResult result : new Runner(options, log).run()) {
          byParams.computeIfAbsent(result.getParams().id(), absent -> new ArrayList<>()).add(result);
        }
      }
      byParams.values().forEach(results -> answers.add(merged(results, rounds)));
    }
    return new Answers(question, answers);
  }

  /** The same heap for all, and no warnings about JMH and JOL in each fork. */
  private static String[] jvmArgs(int round) {
    List<String> args = new ArrayList<>(HEAP);
    args.add("-D" + ROUND + '=' + round);
    if (Runtime.version().feature() >= FIRST_JDK_THAT_WARNS_OF_UNSAFE) {
      args.add("--sun-misc-unsafe-memory-access=allow");
    }
    return args.toArray(String[]::new);
  }

  private static RunResult merged(List<RunResult> rounds, int count) {
    if (rounds.size() != count) {
      throw new IllegalStateException(rounds.size() + " results of " + count + " rounds");
    }
    Collection<BenchmarkResult> forks = new ArrayList<>();
    rounds.forEach(round -> forks.addAll(round.getBenchmarkResults()));
    return new RunResult(withForks(rounds.getFirst().getParams(), count), forks);
  }

  /** Gives JMH's formats the number of all forks. */
  private static BenchmarkParams withForks(BenchmarkParams params, int forks) {
    WorkloadParams workload = new WorkloadParams();
    int position = 0;
    for (String key : params.getParamsKeys()) {
      workload.put(key, params.getParam(key), position++);
    }
    return new BenchmarkParams(
        params.getBenchmark(),
        params.generatedBenchmark(),
        params.shouldSynchIterations(),
        params.getThreads(),
        params.getThreadGroups(),
        params.getThreadGroupLabels(),
        forks,
        params.getWarmupForks(),
        params.getWarmup(),
        params.getMeasurement(),
        params.getMode(),
        workload,
        params.getTimeUnit(),
        params.getOpsPerInvocation(),
        params.getJvm(),
        params.getJvmArgs(),
        params.getJdkVersion(),
        params.getVmName(),
        params.getVmVersion(),
        params.getJmhVersion(),
        params.getTimeout());
  }
}
