package io.autorefresh.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The README's examples of the test kit, which are the methods of this class, word for word. */
@Timeout(60)
class ReadmeTest {

  private static final String SOURCE = "core/src/test/java/io/autorefresh/testing/ReadmeTest.java";
  private static final Pattern EXAMPLE = Pattern.compile("```java\n(@Test\n.*?)```", Pattern.DOTALL);

  @Test
  void jobThatIsDone_isRefreshedNoMore() {
    ManualTicker ticker = new ManualTicker();
    FakeRemote<String, String> api = new FakeRemote<>(ticker, 1, (id, version) -> version == 0 ? "running" : "done");
    try (AutoRefresh<String, String> jobs = AutoRefresh.<String, String>builder().refreshEvery(Duration.ofSeconds(10))
        .ticker(ticker).create(api).refreshBatch(api).terminal("done"::equals).start()) {
      assertThat(jobs.getOrCreate("job-17")).isEqualTo("running");
      api.change("job-17");
      ticker.advance(Duration.ofSeconds(20));
      assertThat(jobs.get("job-17")).isEqualTo("done");
      int calls = api.calls();
      ticker.advance(Duration.ofHours(1));
      assertThat(api.calls()).isEqualTo(calls);
    }
  }

  @Test
  void tenThousandJobs_fitIntoTwentyFiveCallsASecond() {
    Forecast forecast = Forecast.of(10_000, 42,
        remote -> remote.changesEvery(Duration.ofMinutes(5)).takes(Duration.ofMillis(50), Duration.ofMillis(400)),
        jobs -> jobs.refreshEvery(Duration.ofSeconds(10)).batchSize(50).maxCallsPerSecond(25));
    assertThat(forecast.fits()).isTrue();
    assertThat(forecast.slotsNeeded()).isLessThanOrEqualTo(5);
    assertThat(forecast.delay().p99()).isLessThan(Duration.ofSeconds(11));
  }

  @Test
  void theExamplesOfTheReadme_areThoseOfThisClass() throws Exception {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve(SOURCE))) {
      root = root.getParent();
    }
    String source = Files.readString(root.resolve(SOURCE)).replaceAll("(?m)^  ", "");
    List<String> examples = EXAMPLE.matcher(Files.readString(root.resolve("README.md"))).results()
        .map((MatchResult match) -> match.group(1)).toList();
    assertThat(examples).hasSize(2).allSatisfy(example -> assertThat(source).contains(example));
  }
}
