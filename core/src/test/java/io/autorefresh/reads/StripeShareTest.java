package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** C5: the room is that of all ids, however their hashes lie: no part of the map keeps what others ask for. */
@Timeout(60)
class StripeShareTest {

  private static final int MAXIMUM_SIZE = 8_000;
  private static final int WORKING_SET = 1_000;

  private static AutoRefresh<Integer, Integer> cache(int maximumSize) {
    return AutoRefresh.<Integer, Integer>builder().refreshEvery(Duration.ofHours(1)).refreshOnCreate(false)
        .maximumSize(maximumSize).refresh((id, item) -> item).build();
  }

  /** Reads a working set once, creating what is not there, and returns how many of it were. */
  private static long hits(AutoRefresh<Integer, Integer> cache, int step, int offset) {
    return IntStream.range(0, WORKING_SET).filter(i -> {
      int id = step * i + offset;
      boolean hit = cache.get(id) != null;
      cache.getOrCreate(id, 0);
      return hit;
    }).count();
  }

  @ParameterizedTest(name = "ids of {0} i + {1} after those of {0} i")
  @CsvSource({"8, 1", "8, 7", "16, 5", "64, 1", "1024, 3"})
  void C5_idsOfOtherHashes_whenTheIdsShift_becomeResident(int step, int offset) {
    try (AutoRefresh<Integer, Integer> cache = cache(MAXIMUM_SIZE)) {
      IntStream.range(0, MAXIMUM_SIZE).forEach(i -> cache.getOrCreate(step * i, 0));
      assertThat(cache.size()).isEqualTo(MAXIMUM_SIZE);
      for (int round = 0; round < 19; round++) {
        hits(cache, step, offset);
      }
      assertThat(hits(cache, step, offset)).as("hits of a working set that fits eight times").isEqualTo(WORKING_SET);
      assertThat(cache.size()).isEqualTo(MAXIMUM_SIZE);
    }
  }

  @ParameterizedTest(name = "ids of {0} i + {1} after those of {0} i")
  @CsvSource({"8, 1", "64, 1"})
  void C5_idsOfOtherHashes_whenTheOldOnesAreReadStill_shareTheRoom(int step, int offset) {
    try (AutoRefresh<Integer, Integer> cache = cache(MAXIMUM_SIZE)) {
      IntStream.range(0, MAXIMUM_SIZE).forEach(i -> cache.getOrCreate(step * i, 0));
      for (int round = 0; round < 19; round++) {
        hits(cache, step, 0);
        hits(cache, step, offset);
      }
      assertThat(hits(cache, step, 0)).as("hits of the old working set").isEqualTo(WORKING_SET);
      assertThat(hits(cache, step, offset)).as("hits of the new one").isEqualTo(WORKING_SET);
    }
  }
}
