package io.autorefresh;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's first example: that very text is compiled and run, and its calls are counted. */
@Timeout(60)
class ReadmeTest {

  /** What a user of the example has: jobs, and a remote that knows them. The first answer says that the job is done. */
  private static final String PROGRAM = """
      import io.autorefresh.*;
      import java.time.Duration;
      import java.util.*;

      public class Example implements java.util.concurrent.Callable<List<String>> {
        record Job(String id, boolean isDone) {
          static Job submitted(String id) { return new Job(id, false); }
        }

        static class Api {
          final List<String> calls = Collections.synchronizedList(new ArrayList<>());

          Map<String, Outcome<Job>> statuses(Map<String, Job> jobs) {
            calls.add("statuses " + jobs.keySet());
            Map<String, Outcome<Job>> outcomes = new HashMap<>();
            jobs.keySet().forEach(id -> outcomes.put(id, Outcome.updated(new Job(id, true))));
            return outcomes;
          }

          void release(String id) { calls.add("release " + id); }
        }

        public List<String> call() throws Exception {
          Api api = new Api();
          %s
          return api.calls;
        }
      }
      """;

  @TempDir
  private Path folder;

  private static Path root() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.exists(at.resolve("README.md"))) {
      at = at.getParent();
    }
    return at;
  }

  private static String example() throws Exception {
    Matcher example = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(root().resolve("README.md")));
    assertThat(example.find()).isTrue();
    return example.group(1);
  }

  @Test
  void firstExample_compiles_andDoesWhatItSays() throws Exception {
    Path source = folder.resolve("Example.java");
    Files.writeString(source, PROGRAM.formatted(example()));
    assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", "-d", folder.toString(),
        "-cp", System.getProperty("java.class.path"), source.toString())).isZero();
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      Object example = loader.loadClass("Example").getConstructor().newInstance();
      List<?> calls = (List<?>) ((java.util.concurrent.Callable<?>) example).call();
      assertThat(calls).isEqualTo(List.of("statuses [job-17]", "release job-17"));
    }
  }

  @Test
  void firstExample_isThatOfTheJavadoc() throws Exception {
    String javadoc = Files.readString(root().resolve("core/src/main/java/io/autorefresh/AutoRefresh.java"));
    String lines = example().lines().map(line -> " * " + line).collect(joining("\n"));
    assertThat(javadoc).contains(lines);
  }
}
