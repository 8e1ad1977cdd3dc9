package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A cycle ends with its last job, however that end meets the owner that is about to wait for it. */
@Timeout(120)
class CycleEndTest {

  private static final int CYCLES = 2_000;

  @ParameterizedTest(name = "{0} items")
  @ValueSource(ints = {1, 2, 3})
  void R1_aCycleEndsWithItsLastJob(int items) throws InterruptedException {
    try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder().refreshEvery(Duration.ofHours(1))
        .refreshTimeout(Duration.ofDays(1)).refresh((id, item) -> item + 1).build()) {
      for (int id = 0; id < items; id++) {
        cache.getOrCreate(id, 0);
      }
      for (int cycle = 0; cycle < CYCLES; cycle++) {
        cache.sync();
      }
      assertThat(cache.get(0)).isEqualTo(CYCLES);
      assertThat(cache.stats().cycles()).as("each is counted").isEqualTo(CYCLES);
    }
  }
}
