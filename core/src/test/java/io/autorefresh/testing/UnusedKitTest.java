package io.autorefresh.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cache that is not tested loads nothing of the test kit; seen in a JVM of its own. */
@Timeout(60)
class UnusedKitTest {

  static final class Main {

    public static void main(String[] args) throws InterruptedException {
      try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder()
          .refreshEvery(Duration.ofMillis(5)).refresh((id, item) -> item + 1).start()) {
        cache.getOrCreate("a", 0);
        cache.sync();
      }
    }
  }

  @Test
  void aCache_loadsNothingOfTheKit() throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process = new ProcessBuilder(
        java, "-Xlog:class+load:stdout", "-cp", System.getProperty("java.class.path"), Main.class.getName())
        .redirectErrorStream(true).start();
    try {
      String loaded = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(loaded).isZero();
      assertThat(loaded.lines().filter(line -> line.contains(" io.autorefresh.")))
          .anyMatch(line -> line.contains(" io.autorefresh.internal.engine.Engine "))
          .noneMatch(line -> line.contains(" io.autorefresh.testing.") && !line.contains("UnusedKitTest"));
    } finally {
      process.destroy();
    }
  }
}
