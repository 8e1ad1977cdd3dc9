package io.autorefresh.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.infra.BenchmarkParams;

/** The words of the report for the parameters of a run. */
final class Labels {

  /** The parameter of every benchmark that names the peer. */
  static final String PEER = "peer";

  /** The label of this library. */
  static final String OURS = Peer.AUTOREFRESH.label();

  private static final List<String> ORDER =
      List.of("trace", "percent", "items", "live", "batch", "answer", "hits");
  private static final List<String> THREADED =
      List.of(GetBenchmark.class.getName(), CapacityBenchmark.class.getName());

  private Labels() {}

  static String peer(BenchmarkParams params) {
    String peer = params.getParam(PEER);
    String benchmark = params.getBenchmark();
    if (benchmark.startsWith(MissRatioBenchmark.class.getName())) {
      return Labelled.of(MissRatioBenchmark.Policy.class, peer);
    }
    if (benchmark.startsWith(WakeUpBenchmark.class.getName())) {
      return Labelled.of(Waker.class, peer);
    }
    return params.getParamsKeys().contains("batch") || benchmark.startsWith(WaitingBenchmark.class.getName())
        ? Labelled.of(SyncPeer.class, peer)
        : Labelled.of(Peer.class, peer);
  }

  /** Returns everything except the peer. */
  static String situation(BenchmarkParams params) {
    List<String> words = new ArrayList<>();
    for (String key : ORDER) {
      if (params.getParamsKeys().contains(key)) {
        words.add(word(key, params.getParam(key)));
      }
    }
    if (THREADED.stream().anyMatch(params.getBenchmark()::startsWith)) {
      words.add(params.getThreads() == 1 ? "1 thread" : params.getThreads() + " threads");
    }
    return words.isEmpty() ? "any" : String.join(", ", words);
  }

  private static String word(String key, String value) {
    return switch (key) {
      case "items" -> String.format(Locale.ROOT, "%,d items", Integer.parseInt(value));
      case "hits" -> value + " % hits";
      case "live" -> value + " % live";
      case "batch" -> value.equals("1") ? "one-item jobs" : "batches of " + value;
      case "answer" -> Labelled.of(Answer.class, value);
      case "trace" -> Path.of(value).getFileName().toString();
      case "percent" -> value + " % of the ids";
      default -> key + " " + value;
    };
  }
}
