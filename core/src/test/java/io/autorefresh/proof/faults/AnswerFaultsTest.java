package io.autorefresh.proof.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.CycleReport;
import io.autorefresh.internal.engine.Engine;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import io.autorefresh.proof.Proof;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** R3 for every wrong answer of the remote. */
@Proof
@Tag("faults")
@Timeout(60)
class AnswerFaultsTest {

  private static final int BATCH = 10;
  private static final int ITEMS = 5 * BATCH;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  @ParameterizedTest
  @EnumSource
  void R3_aWrongAnswerCostsItsOwnItemsOnly_andIsCounted(Answer answer) throws Exception {
    remote.answers(answer::to);
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().refreshEvery(Duration.ofSeconds(1))
            .ticker(ticker).batchSize(BATCH).refreshBatch(remote)
            .batchBy((id, item) -> id.length() == Answer.BAD.length()).build()) {
      IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
      CycleReport report = cache.sync();
      assertThat(report).returns((long) answer.failed, CycleReport::failed)
          .returns((long) answer.unmentioned, CycleReport::unmentioned)
          .returns((long) answer.foreign, CycleReport::foreign)
          .returns((long) ITEMS - answer.failed - answer.unmentioned, CycleReport::updated)
          .returns((long) ITEMS, CycleReport::items);
      assertThat(IntStream.range(BATCH, ITEMS)).as("the others").allMatch(i -> cache.get("id-" + i) == 1);
      assertThat(IntStream.range(0, BATCH)).as("its batch").allMatch(i -> cache.get("id-" + i) >= 0);
      assertThat(cache.size()).isEqualTo(ITEMS);

      remote.answers(Remote::increments);
      ticker.advance(Duration.ofMinutes(1));
      assertThat(cache.sync().updated()).as("it passes").isEqualTo(ITEMS);
      assertThat(((Engine<?, ?>) cache).check()).isEmpty();
      assertThat(log.entries()).hasSizeLessThanOrEqualTo(1);
    }
  }
}
