package io.autorefresh.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.infra.BenchmarkParams;

/** The questions of the suite: which runs answer them, briefly or in full, and which figures are taken from those. */
enum Question {
  GET(GetBenchmark.class, GetBenchmark.QUESTION, Metric.more("reads", "million/s")) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      Run run = run("get", full);
      return full
          ? onOneAndAllCores(run.with("items", 16_384, 1_000_000).with("hits", 100, 90))
          : List.of(run.with("items", 16_384).with("hits", 100).threads(CORES));
    }
  },
  READ_REFRESH(
      ReadRefreshBenchmark.class,
      ReadRefreshBenchmark.QUESTION,
      Metric.more("reads", "million/s").ofSecondary("reads"),
      Metric.more("refreshes", "million/s").ofSecondary("refreshes").times(params -> ReadRefreshBenchmark.ITEMS)) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      return full ? jobsAndBatches(run("readRefresh", full)) : List.of(inBatches(run("readRefresh", full)));
    }
  },
  GET_OR_CREATE(
      GetOrCreateBenchmark.class,
      GetOrCreateBenchmark.QUESTION,
      Metric.less("present", "ns").ofMethod("present"),
      Metric.less("absent", "ns").ofMethod("absent"),
      Metric.less("crowd", "ms").ofMethod("crowd").times(params -> 1e-6)) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      List<Run> runs = List.of(
          run("present", full),
          run("absent", full).iterations(full ? 10 : 5, full ? 10 : 5),
          run("crowd", full));
      Object[] few = {Peer.AUTOREFRESH, Peer.CONCURRENT_HASH_MAP, Peer.CAFFEINE};
      return full ? runs : runs.stream().map(run -> run.with(Labels.PEER, few)).toList();
    }
  },
  CYCLE(
      CycleBenchmark.class,
      CycleBenchmark.QUESTION,
      Metric.less("time", "ns/item").times(params -> 1e6 / items(params)),
      Metric.less("allocation", "B/item").ofSecondary(Run.ALLOCATED).times(params -> 1.0 / items(params))) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      // Virtual threads are compiled late, beside two busy cores.
      Run run = run("cycle", full).warmup(Duration.ofMillis(full ? 1_000 : 500));
      return jobsAndBatches(full ? run : run.with("items", 100_000).with("answer", Answer.UPDATED));
    }
  },
  PLANNING(
      PlanningBenchmark.class,
      PlanningBenchmark.QUESTION,
      Metric.less("planning", "ms").ofSecondary(Gauges.PLANNING),
      Metric.less("allocation", "B/item").ofSecondary(Gauges.PLANNED_BYTES)) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      return List.of(run("plan", full).iterations(full ? 10 : 5, full ? 10 : 5));
    }
  },
  WAITING(
      WaitingBenchmark.class,
      WaitingBenchmark.QUESTION,
      Metric.less("wall time", "of the ideal").times(params -> 1 / ideal(params))) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      return List.of(run("cycle", full).with("items", full ? 100_000 : 10_000).iterations(0, full ? 3 : 5));
    }
  },
  CAPACITY(CapacityBenchmark.class, CapacityBenchmark.QUESTION, Metric.more("creations", "million/s")) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      return full ? onOneAndAllCores(run("create", full)) : List.of(run("create", full).threads(CORES));
    }
  },
  HEAP(HeapBenchmark.class, HeapBenchmark.QUESTION, Metric.less("heap", "B/item").ofSecondary(Gauges.HEAP)) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      return List.of(run("heap", full).with("items", full ? 100_000 : 10_000).iterations(0, 1));
    }
  },
  MISS_RATIO(
      MissRatioBenchmark.class,
      MissRatioBenchmark.QUESTION,
      Metric.less("misses", "of the accesses").ofSecondary(Gauges.MISS_RATIO)) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      Run run = run("replay", full).with("trace", traces.toArray()).iterations(0, 1);
      return List.of(full ? run : run.with("percent", 10));
    }

    @Override
    int rounds(boolean full) {
      return 1;
    }
  },
  WAKE_UP(
      WakeUpBenchmark.class,
      WakeUpBenchmark.QUESTION,
      Metric.less("median", "ms").ofMethod("wake").ofSecondary(Gauges.WAKE_UP_P50),
      Metric.less("99th percentile", "ms").ofMethod("wake").ofSecondary(Gauges.WAKE_UP_P99),
      Metric.less("heap", "B/waiter").ofMethod("heap").ofSecondary(Gauges.WAITER_BYTES)) {
    @Override
    List<Run> runs(boolean full, List<String> traces) {
      return List.of(
          run("wake", full).iterations(full ? 50 : 10, full ? 50 : 10), run("heap", full).iterations(3, full ? 3 : 1));
    }
  };

  private static final int CORES = Runtime.getRuntime().availableProcessors();
  private static final int ROUNDS = 5;

  private final Class<?> benchmark;
  private final String text;
  private final List<Metric> metrics;

  Question(Class<?> benchmark, String text, Metric... metrics) {
    this.benchmark = benchmark;
    this.text = text;
    this.metrics = List.of(metrics);
  }

  int number() {
    return ordinal() + 1;
  }

  String text() {
    return text;
  }

  List<Metric> metrics() {
    return metrics;
  }

  abstract List<Run> runs(boolean full, List<String> traces);

  /** The number of runs, each in a fork of its own. */
  int rounds(boolean full) {
    return full ? ROUNDS : 1;
  }

  Run run(String method, boolean full) {
    return Run.of(benchmark, method, full);
  }

  private static List<Run> onOneAndAllCores(Run run) {
    return IntStream.of(1, CORES).distinct().mapToObj(run::threads).toList();
  }

  private static List<Run> jobsAndBatches(Run run) {
    return List.of(run.with("batch", 1), inBatches(run));
  }

  private static Run inBatches(Run run) {
    Stream<SyncPeer> peers = Stream.of(SyncPeer.values()).filter(SyncPeer::knowsBatches);
    return run.with("batch", 100).with(Labels.PEER, peers.toArray());
  }

  private static int items(BenchmarkParams params) {
    return Integer.parseInt(params.getParam("items"));
  }

  private static double ideal(BenchmarkParams params) {
    return (double) items(params) * WaitingBenchmark.JOB.toMillis() / WaitingBenchmark.CONCURRENCY;
  }
}
