package io.autorefresh.proof.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.proof.Proof;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.openjdk.jcstress.Main;
import org.openjdk.jcstress.annotations.JCStressTest;

/**
 * The order in which memory is seen: jcstress runs the classes here that are annotated for it in JVMs of their own, a
 * great many times each, and sorts what their actors saw. This fails when something forbidden was seen, and as well
 * when one of those classes did not run, or not to its end. Briefly, one compiler setting is tried; at length, all.
 */
@Proof
@Tag("memory")
class MemoryTest {

  private static final boolean LONG = System.getProperty("proof") != null;
  private static final int MINUTES = LONG ? 180 : 10;
  private static final List<String> EFFORT = LONG
      ? List.of("-m", "default")
      : List.of("-m", "quick", "-f", "1", "-iters", "2", "-time", "300", "-sc", "false", "-jvmArgs", "-ea");
  private static final Path DIRECTORY = Path.of("target", "jcstress").toAbsolutePath();
  private static final Path OUTPUT = DIRECTORY.resolve("output.txt");
  private static final int TAIL = 80;
  private static final Pattern RESULTS =
      Pattern.compile("Results: (\\d+) planned; (\\d+) passed, (\\d+) failed, (\\d+) soft errs, (\\d+) hard errs");

  @Test
  void memory_nothingForbiddenIsSeen() throws Exception {
    Files.createDirectories(DIRECTORY);
    for (Class<?> test : tests()) {
      Files.deleteIfExists(report(test));
    }
    int exitCode = run();
    assertThat(exitCode).as("exit code of jcstress; the end of %s:%n%s", OUTPUT, tail()).isZero();
    assertThat(failures()).as("failures; the end of %s:%n%s", OUTPUT, tail()).isEmpty();
    assertThat(tests()).as("tests that ran").isNotEmpty().allMatch(test -> Files.exists(report(test)));
  }

  /** Otherwise the proofs of growing would prove nothing. */
  @Test
  void growth_isOneItemAway() {
    Subject subject = Subject.full(3);
    int before = subject.length();
    subject.create(Subject.id(3), 1);
    assertThat(subject.length()).isEqualTo(2 * before);
  }

  private static int run() throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Main.class.getName());
    command.addAll(EFFORT);
    command.addAll(List.of("-t", Pattern.quote(MemoryTest.class.getPackageName() + "."), "-r", DIRECTORY.toString()));
    Process child = new ProcessBuilder(command)
        .directory(DIRECTORY.toFile())
        .redirectErrorStream(true)
        .redirectOutput(OUTPUT.toFile())
        .start();
    try {
      assertThat(child.waitFor(MINUTES, TimeUnit.MINUTES)).as("jcstress has ended within %s min", MINUTES).isTrue();
      return child.exitValue();
    } finally {
      List<ProcessHandle> itsOwn = child.descendants().toList();
      child.destroyForcibly();
      itsOwn.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** What the last of the interim results counts besides what was planned and has passed. */
  private static List<String> failures() throws IOException {
    List<MatchResult> results = RESULTS.matcher(Files.readString(OUTPUT)).results().toList();
    if (results.isEmpty()) {
      return List.of("no results");
    }
    MatchResult last = results.getLast();
    boolean passed = last.group(1).equals(last.group(2))
        && Stream.of(3, 4, 5).allMatch(group -> last.group(group).equals("0"));
    return passed ? List.of() : List.of(last.group());
  }

  private static List<Class<?>> tests() throws Exception {
    Path classes = Path.of(MemoryTest.class.getResource("").toURI());
    List<Class<?>> tests = new ArrayList<>();
    try (Stream<Path> files = Files.list(classes)) {
      for (String file : files.map(each -> each.getFileName().toString()).sorted().toList()) {
        if (file.endsWith(".class")) {
          String name = MemoryTest.class.getPackageName() + '.' + file.substring(0, file.lastIndexOf('.'));
          Class<?> loaded = Class.forName(name, false, MemoryTest.class.getClassLoader());
          if (loaded.isAnnotationPresent(JCStressTest.class)) {
            tests.add(loaded);
          }
        }
      }
    }
    return tests;
  }

  private static Path report(Class<?> test) {
    return DIRECTORY.resolve(test.getName() + ".html");
  }

  private static String tail() throws IOException {
    List<String> lines = Files.readAllLines(OUTPUT);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
  }
}
