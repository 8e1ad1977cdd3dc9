package io.autorefresh.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;

/**
 * Compares this version of the library with a jar of an older one, in one JVM:
 *
 * <pre>{@code
 * mvn verify -Dbenchmarks=paired -Dbenchmarks.jar=old.jar
 * }</pre>
 *
 * <p>After some warming up, both versions do the same work in turns, in nine rounds. A round's ratio is the time of the
 * new version over that of the old one. The answer is the median of the rounds. On a noisy machine such ratios are
 * steadier than times.
 */
final class PairedRounds {

  static final int ITEMS = 100_000;

  private static final int ROUNDS = 9;
  private static final int TURNS = 8;
  private static final long WARM_UP = 8_000_000_000L;
  private static final String[] KINDS = {"1 16", "100 16", "1 1000", "100 1000", "get", "create"};

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
    for (String kind : KINDS) {
      try (Side old = open(older, kind); Side here = open(place("io/autorefresh/AutoRefresh.class"), kind)) {
        compare(kind, old, here);
      }
    }
  }

  /** One version with its work. */
  private record Side(URLClassLoader loader, Callable<Long> work) implements AutoCloseable {

    @Override
    public void close() throws Exception {
      ((AutoCloseable) work).close();
      loader.close();
    }
  }

  @SuppressWarnings("unchecked")
  private static Side open(Path library, String kind) throws Exception {
    URL[] path = {library.toUri().toURL(), place("io/autorefresh/benchmarks/PairedWork.class").toUri().toURL()};
    URLClassLoader loader = new URLClassLoader(path, ClassLoader.getPlatformClassLoader());
    Class<?> type = loader.loadClass("io.autorefresh.benchmarks.PairedWork");
    return new Side(loader, (Callable<Long>) type.getMethod("of", String.class).invoke(null, kind));
  }

  /** Returns the folder or the jar that a class of this version lies in. */
  private static Path place(String name) throws IOException {
    String url = PairedRounds.class.getResource("/" + name).toString();
    String place = url.substring(url.indexOf("file:") + "file:".length(), url.length() - name.length());
    return Path.of(place.endsWith("!/") ? place.substring(0, place.length() - 2) : place);
  }

  private void compare(String kind, Side old, Side here) throws Exception {
    for (long end = System.nanoTime() + WARM_UP; System.nanoTime() < end; ) {
      old.work.call();
      here.work.call();
    }
    double[] ratios = new double[ROUNDS];
    double[] olds = new double[ROUNDS];
    double[] heres = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      for (int turn = 0; turn < TURNS; turn++) {
        boolean first = (round + turn) % 2 == 0;
        heres[round] += first ? here.work.call() : 0;
        olds[round] += old.work.call();
        heres[round] += first ? 0 : here.work.call();
      }
      ratios[round] = heres[round] / olds[round];
    }
    Arrays.sort(ratios);
    Arrays.sort(olds);
    Arrays.sort(heres);
    String label = kind.contains(" ") ? "cycle, batches of " + kind.replace(" ", ", concurrency ") : kind;
    console.printf(Locale.ROOT, "| %s | %.2f ms | %.2f ms | %.2f | %.2f | %.2f |%n", label,
        olds[ROUNDS / 2] / TURNS / 1e6, heres[ROUNDS / 2] / TURNS / 1e6, ratios[ROUNDS / 2], ratios[0],
        ratios[ROUNDS - 1]);
  }
}
