package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.FailureSummary;
import io.autorefresh.Outcome;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R6: what is kept of a failure is bounded. Row D of the faults. */
@Timeout(60)
class KeptFailureTest {

  private static final int ITEMS = 25_000;
  private static final int FRAMES = 40;
  private static final int MESSAGE = 2_048;
  /** Of what is kept at most, in bytes an item; the exceptions take more than 4,000 each. */
  private static final int BOUND = 400;
  /** The items themselves take 5 MB of it, and the exceptions would take 100. */
  private static final String HEAP = "-Xmx64m";

  /** In a process of its own: all items fail, each by an exception of its own, in every cycle; prints bytes an item. */
  public static final class Outage {

    private Outage() {}

    public static void main(String[] args) throws Exception {
      AtomicInteger down = new AtomicInteger();
      AtomicLong nanos = new AtomicLong();
      try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder().name("jobs")
          .refreshEvery(Duration.ofSeconds(10)).ticker(nanos::get).refreshBatch(items -> answer(items, down.get()))
          .listener(event -> {
            // Exceptions that wait for it are bounded, too.
          }).build()) {
        IntStream.range(0, ITEMS).forEach(id -> cache.getOrCreate(id, 0));
        cache.sync();
        long before = used();
        for (int cycle = 1; cycle <= 3; cycle++) {
          down.set(cycle);
          nanos.addAndGet(Duration.ofMinutes(1).toNanos());
          check(cache.sync().failed() == ITEMS, "all have failed");
          check(cache.inspect(7).orElseThrow().failures() == cycle, "the failures are counted");
        }
        System.out.println((used() - before) / ITEMS);
      }
    }

    private static Map<Integer, Outcome<Integer>> answer(Map<Integer, Integer> items, int down) {
      Map<Integer, Outcome<Integer>> outcomes = new HashMap<>();
      items.forEach((id, item) -> outcomes.put(id,
          down == 0 ? Outcome.unchanged() : Outcome.failed(failure(FRAMES, id + " in cycle " + down + ": "))));
      return outcomes;
    }

    private static Exception failure(int depth, String message) {
      return depth > 0 ? failure(depth - 1, message) : new IOException(message + "m".repeat(MESSAGE));
    }

    /** The least of many readings: what ended just now may still hold its batch. */
    private static long used() {
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 20; i++) {
        System.gc();
        least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
      }
      return least;
    }

    private static void check(boolean fact, String text) {
      if (!fact) {
        throw new IllegalStateException("not so: " + text);
      }
    }
  }

  @Test
  void R6_anOutageInWhichEachItemFailsByAnExceptionOfItsOwn_takesBoundedMemory() throws Exception {
    Process process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), HEAP,
        "-XX:+UseSerialGC", "-cp", System.getProperty("java.class.path"), Outage.class.getName())
        .redirectErrorStream(true).start();
    try {
      List<String> lines = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertThat(process.waitFor()).as("%s", lines).isZero();
      assertThat(Integer.parseInt(lines.getLast())).as("bytes an item").isBetween(50, BOUND);
    } finally {
      process.destroyForcibly();
    }
  }

  /** The items of one call that failed as a whole share what is kept of the exception. */
  @Test
  void R6_anExceptionIsAskedOnceForItsMessage_howeverManyItemsItFails() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    RuntimeException failure = new RuntimeException() {
      private static final long serialVersionUID = 1L;

      @Override
      public String getMessage() {
        return "asked " + asked.incrementAndGet();
      }

      @Override
      public String toString() {
        return "a failure";
      }
    };
    try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder().name("jobs")
        .refreshEvery(Duration.ofSeconds(10)).refreshBatch(items -> {
          throw failure;
        }).build()) {
      IntStream.range(0, 100).forEach(id -> cache.getOrCreate(id, 0));
      assertThat(cache.sync().failed()).isEqualTo(100);
      assertThat(IntStream.range(0, 100)).allMatch(
          id -> cache.inspect(id).orElseThrow().lastFailure().orElseThrow().message().orElse("").equals("asked 1"));
    }
  }

  @Test
  void R6_theSummaryTellsClassMessageAndTimes() throws Exception {
    ManualTicker ticker = new ManualTicker();
    try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder().name("jobs")
        .refreshEvery(Duration.ofSeconds(10)).ticker(ticker).refresh((id, item) -> {
          throw id == 0 ? new IOException("m".repeat(MESSAGE)) : new IllegalStateException();
        }).build()) {
      cache.getOrCreate(0, 0);
      cache.getOrCreate(1, 0);
      cache.sync();
      ticker.jump(Duration.ofSeconds(30));
      cache.sync();
      ticker.jump(Duration.ofSeconds(3));
      assertThat(cache.inspect(0).orElseThrow().lastFailure().orElseThrow())
          .returns("java.io.IOException", FailureSummary::type)
          .returns("m".repeat(97) + "...", summary -> summary.message().orElseThrow())
          .returns(Duration.ofSeconds(3), FailureSummary::age)
          .returns(Duration.ofSeconds(33), FailureSummary::since)
          .hasToString("java.io.IOException: " + "m".repeat(97) + "...");
      assertThat(cache.inspect(1).orElseThrow().lastFailure().orElseThrow())
          .returns(false, summary -> summary.message().isPresent())
          .hasToString("java.lang.IllegalStateException");
    }
  }
}
