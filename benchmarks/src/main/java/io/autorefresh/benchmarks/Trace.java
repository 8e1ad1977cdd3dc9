package io.autorefresh.benchmarks;

import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A sequence of accesses: read from a file, or made by one of three rules where there is none.
 *
 * <p>A file has one id per line, in any charset that contains ASCII, and may be compressed by gzip, which is seen by
 * its first two bytes. The rules: {@code zipf} draws from 100,000 ids by Zipf's law, {@code loop} asks for 10,000 ids
 * in turn, again and again, and {@code scan} draws by Zipf's law as well but is broken every 20,000 accesses by a scan
 * of as many ids that are never asked for again.
 *
 * @param accesses the ids in their order; equal ids are one instance
 * @param distinct how many ids there are
 */
record Trace(String[] accesses, int distinct) {

  /** The names of the traces that are made. */
  static final List<String> MADE = List.of("zipf", "loop", "scan");

  private static final int MADE_LENGTH = 1_000_000;
  private static final int ZIPF_IDS = 100_000;
  private static final int LOOP_IDS = 10_000;
  private static final int SCAN = 20_000;

  /** Returns the trace of that name, or that of the file which the name is the path of. */
  static Trace of(String name) {
    return switch (name) {
      case "zipf" -> made(zipf());
      case "loop" -> made(i -> i % LOOP_IDS);
      case "scan" -> made(scan());
      default -> read(Path.of(name));
    };
  }

  /** Returns the paths of all files in a folder, in their order. */
  static List<String> in(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      List<String> paths = files.filter(Files::isRegularFile).map(Path::toString).sorted().toList();
      if (paths.isEmpty()) {
        throw new IllegalArgumentException("no trace in " + folder);
      }
      return paths;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Trace made(IntUnaryOperator rule) {
    int[] numbers = new int[MADE_LENGTH];
    int highest = 0;
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = rule.applyAsInt(i);
      highest = Math.max(highest, numbers[i]);
    }
    String[] ids = Ids.of(highest + 1, 1);
    String[] accesses = new String[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      accesses[i] = ids[numbers[i]];
    }
    return new Trace(accesses, (int) Stream.of(accesses).distinct().count());
  }

  private static IntUnaryOperator zipf() {
    SplittableRandom random = new SplittableRandom(42);
    double[] cumulative = Ids.cumulative(ZIPF_IDS);
    return i -> Ids.rank(cumulative, random);
  }

  private static IntUnaryOperator scan() {
    IntUnaryOperator zipf = zipf();
    return i -> {
      int phase = i / SCAN;
      return phase % 2 == 0 ? zipf.applyAsInt(i) : ZIPF_IDS + phase / 2 * SCAN + i % SCAN;
    };
  }

  private static Trace read(Path file) {
    Map<String, String> known = new HashMap<>();
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(open(file), StandardCharsets.ISO_8859_1))) {
      String[] accesses = lines.lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .map(line -> known.computeIfAbsent(line, id -> id))
          .toArray(String[]::new);
      return new Trace(accesses, known.size());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    try {
      in.mark(2);
      int magic = in.read() | in.read() << 8;
      in.reset();
      return magic == GZIPInputStream.GZIP_MAGIC ? new GZIPInputStream(in) : in;
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
  }
}
