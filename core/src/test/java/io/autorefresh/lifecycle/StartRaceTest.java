package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L1 of a start that comes at any moment of a cycle on demand. */
@Timeout(120)
class StartRaceTest {

  private static final int ROUNDS = 300;
  private static final int ITEMS = 20;

  @Test
  void L1_aStartThatRacesWithASync_holdsUpNeither() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      AtomicInteger heard = new AtomicInteger();
      try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder()
          .refreshEvery(Duration.ofHours(1)).refresh((id, item) -> item + 1)
          .listener(event -> heard.incrementAndGet()).build()) {
        IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate(i, 0));
        Worker.together(2, racer -> {
          if (racer == 0) {
            cache.start();
          } else {
            cache.sync();
          }
          return null;
        });
        cache.sync();
        assertThat(cache.stats().updated()).as("updates in round %s", round).isBetween(2L * ITEMS, 3L * ITEMS);
      }
      assertThat(heard).as("events that were heard in round %s", round).hasValueGreaterThanOrEqualTo(3 * ITEMS);
    }
  }
}
