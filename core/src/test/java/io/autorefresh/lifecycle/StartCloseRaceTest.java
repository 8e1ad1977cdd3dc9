package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemEvent;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2: a close beside a start, or right after it, waits for nothing, and loses no event of a caller. */
@Timeout(120)
class StartCloseRaceTest {

  private static final int REPEATS = 500;

  private final Queue<ItemEvent<String, Integer>> heard = new ConcurrentLinkedQueue<>();

  private AutoRefresh<String, Integer> jobs() {
    heard.clear();
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(Duration.ofSeconds(10))
        .refresh((id, item) -> item).listener(heard::add).closeTimeout(Duration.ofMinutes(5)).build();
  }

  @Test
  void L2_closeRightAfterTheStart_waitsForNothing() {
    for (int i = 0; i < REPEATS; i++) {
      AutoRefresh<String, Integer> cache = jobs();
      cache.getOrCreate("a", 1);
      cache.start();
      cache.close();
      assertThat(heard).hasSize(1);
    }
  }

  @Test
  void L2_closeBesideTheStart_waitsForNothing() throws Exception {
    for (int i = 0; i < REPEATS; i++) {
      AutoRefresh<String, Integer> cache = jobs();
      cache.getOrCreate("a", 1);
      Worker.together(2, number -> {
        if (number == 0) {
          cache.close();
        } else {
          startUnlessClosed(cache);
        }
        return null;
      });
      cache.close();
      assertThat(heard).hasSize(1);
    }
  }

  private static void startUnlessClosed(AutoRefresh<String, Integer> cache) {
    try {
      cache.start();
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("closed");
    }
  }
}
