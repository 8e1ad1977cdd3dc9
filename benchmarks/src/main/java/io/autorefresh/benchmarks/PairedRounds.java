package io.autorefresh.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * Compares this version of the library with a jar of an older one:
 *
 * <pre>{@code
 * mvn verify -Dbenchmarks=paired -Dbenchmarks.jar=old.jar
 * }</pre>
 *
 * <p>After some warming up, both versions do the same work in turns, in nine rounds. A round's ratio is the time of the
 * new version over that of the old one. The answer is the median of the rounds. On a noisy machine such ratios are
 * steadier than times.
 *
 * <p>Cycles of both versions run in one JVM. Reads and creations are so short that the compiler's choices for the first
 * version change the times of the second one. So each version has a JVM of its own for them, and new JVMs after each
 * third round.
 */
final class PairedRounds {

  static final int ITEMS = 100_000;

  private static final int ROUNDS = 9;
  private static final int TURNS = 8;
  private static final long WARM_UP = 8_000_000_000L;
  private static final int ROUNDS_OF_FORK = 3;
  private static final List<String> CYCLES = List.of("1 16", "100 16", "1 1000", "100 1000");
  private static final List<String> FORKED = List.of("get", "create");

  private final Path older;
  private final PrintStream console;

  PairedRounds(Path older, PrintStream console) {
    if (!Files.isRegularFile(older)) {
      throw new IllegalArgumentException("benchmarks.jar must be the jar of an older version, but is " + older);
    }
    this.older = older;
    this.console = console;
  }

  void run() throws Exception {
    console.println("| work | older | this | this / older | from | to |");
    console.println("|---|---:|---:|---:|---:|---:|");
    Path newer = place("io/autorefresh/AutoRefresh.class");
    for (String kind : CYCLES) {
      Rounds rounds = new Rounds();
      try (Side old = load(older, kind); Side here = load(newer, kind)) {
        rounds.measure(old, here, ROUNDS);
      }
      rounds.print("cycle, batches of " + kind.replace(" ", ", concurrency "));
    }
    for (String kind : FORKED) {
      Rounds rounds = new Rounds();
      while (rounds.count < ROUNDS) {
        try (Side old = fork(older, kind); Side here = fork(newer, kind)) {
          rounds.measure(old, here, ROUNDS_OF_FORK);
        }
      }
      rounds.print(kind);
    }
  }

  /** One version with its work, which returns its nanoseconds. */
  private record Side(Callable<Long> work, List<AutoCloseable> resources) implements AutoCloseable {

    long call() throws Exception { return work.call(); }

    @Override
    public void close() throws Exception {
      for (AutoCloseable resource : resources) {
        resource.close();
      }
    }
  }

  @SuppressWarnings("unchecked")
  private static Side load(Path library, String kind) throws Exception {
    URL[] path = {library.toUri().toURL(), place("io/autorefresh/benchmarks/PairedWork.class").toUri().toURL()};
    URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
    Class<?> type = loader.loadClass("io.autorefresh.benchmarks.PairedWork");
    Object work = type.getMethod("of", String.class).invoke(null, kind);
    return new Side((Callable<Long>) work, List.of((AutoCloseable) work, loader));
  }

  /** Starts a JVM that does the work once for each line that it gets, and answers with the nanoseconds. */
  private static Side fork(Path library, String kind) throws IOException {
    String path = library + File.pathSeparator + place("io/autorefresh/benchmarks/PairedWork.class");
    Process process = new ProcessBuilder(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xms2g", "-Xmx2g", "-XX:+UseParallelGC",
        "-cp", path, "io.autorefresh.benchmarks.PairedWork", kind)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
    BufferedReader answers = process.inputReader();
    BufferedWriter orders = process.outputWriter();
    Callable<Long> work = () -> {
      orders.write("once\n");
      orders.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IOException("the JVM for " + kind + " has ended by " + process.waitFor());
      }
      return Long.valueOf(answer);
    };
    return new Side(work, List.of(orders, answers, process::waitFor));
  }

  /** Returns the folder or the jar that a class of this version lies in. */
  private static Path place(String name) throws IOException {
    String url = PairedRounds.class.getResource("/" + name).toString();
    String place = url.substring(url.indexOf("file:") + "file:".length(), url.length() - name.length());
    return Path.of(place.endsWith("!/") ? place.substring(0, place.length() - 2) : place);
  }

  /** The rounds of one kind of work. */
  private final class Rounds {

    private final double[] ratios = new double[ROUNDS];
    private final double[] olds = new double[ROUNDS];
    private final double[] heres = new double[ROUNDS];
    private int count;

    void measure(Side old, Side here, int rounds) throws Exception {
      for (long end = System.nanoTime() + WARM_UP; System.nanoTime() < end; ) {
        old.call();
        here.call();
      }
      for (int end = count + rounds; count < end; count++) {
        for (int turn = 0; turn < TURNS; turn++) {
          boolean first = (count + turn) % 2 == 0;
          heres[count] += first ? here.call() : 0;
          olds[count] += old.call();
          heres[count] += first ? 0 : here.call();
        }
        ratios[count] = heres[count] / olds[count];
      }
    }

    void print(String label) {
      Arrays.sort(ratios);
      Arrays.sort(olds);
      Arrays.sort(heres);
      console.printf(Locale.ROOT, "| %s | %.2f ms | %.2f ms | %.2f | %.2f | %.2f |%n", label,
          olds[ROUNDS / 2] / TURNS / 1e6, heres[ROUNDS / 2] / TURNS / 1e6, ratios[ROUNDS / 2], ratios[0],
          ratios[ROUNDS - 1]);
    }
  }
}
