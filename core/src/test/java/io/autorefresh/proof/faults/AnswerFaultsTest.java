package io.autorefresh.proof.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.CycleReport;
import io.autorefresh.internal.items.Invariants;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.proof.Proof;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** R3 for every wrong answer of the remote. */
@Proof
@Tag("faults")
@Timeout(60)
class AnswerFaultsTest {

  private static final int BATCH = 10;
  private static final int ITEMS = 5 * BATCH;

  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");
  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefresh<String, Integer> cache() {
    AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name(log.name())
        .refreshEvery(Duration.ofSeconds(1)).ticker(ticker).batchSize(BATCH).refreshBatch(remote)
        .batchBy((id, item) -> id.length() == Answer.BAD.length()).build();
    IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
    return cache;
  }

  private static Stream<Arguments> pairs() {
    return Stream.of(Answer.values())
        .flatMap(first -> Stream.of(Answer.values()).map(second -> Arguments.of(first, second)));
  }

  @ParameterizedTest
  @EnumSource
  void R3_aWrongAnswerCostsItsOwnItemsOnly_andIsCounted(Answer answer) throws Exception {
    remote.answers(answer::to);
    try (AutoRefresh<String, Integer> cache = cache()) {
      CycleReport report = cache.sync();
      assertThat(report).returns((long) answer.failed, CycleReport::failed)
          .returns((long) answer.unanswered, CycleReport::unanswered)
          .returns((long) answer.unknown, CycleReport::unknownIds)
          .returns((long) ITEMS - answer.failed - answer.unanswered, CycleReport::updated)
          .returns((long) ITEMS, CycleReport::items);
      assertThat(IntStream.range(BATCH, ITEMS)).as("the others").allMatch(i -> cache.get("id-" + i) == 1);
      assertThat(IntStream.range(0, BATCH)).as("its batch").allMatch(i -> cache.get("id-" + i) >= 0);
      assertThat(cache.size()).isEqualTo(ITEMS);

      remote.answers(Remote::increments);
      ticker.jump(Duration.ofMinutes(1));
      assertThat(cache.sync().updated()).as("it passes").isEqualTo(ITEMS);
      assertThat(Invariants.check(cache)).isEmpty();
      assertThat(log.entries()).filteredOn(entry -> entry.contains("failed for")).hasSizeLessThanOrEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("pairs")
  void R3_twoWrongAnswersInARow_pass(Answer first, Answer second) throws Exception {
    try (AutoRefresh<String, Integer> cache = cache()) {
      for (Answer answer : List.of(first, second)) {
        remote.answers(answer::to);
        assertThat(cache.sync().items()).isEqualTo(ITEMS);
        ticker.jump(Duration.ofMinutes(1));
      }
      remote.answers(Remote::increments);
      assertThat(cache.sync().updated()).isEqualTo(ITEMS);
      assertThat(cache.stats().failing()).isZero();
      assertThat(Invariants.check(cache)).isEmpty();
      assertThat(log.entries()).filteredOn(entry -> entry.contains("failed for")).hasSizeLessThanOrEqualTo(2);
    }
  }

  @Test
  void R3_anAnswerWithOtherIdsOnly_isLoggedOnce_withAnIdOfEachKindAndTheirTypes() throws Exception {
    remote.answers(Answer.OTHERS_ONLY::to);
    try (AutoRefresh<String, Integer> cache = cache()) {
      cache.sync();
      cache.sync();
      assertThat(log.entries()).singleElement().asString()
          .contains("WARNING", "java.lang.String").containsPattern("id-\\d\\b").containsPattern("id-7[789]");
    }
  }
}
