package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The size, looked at while items come and go: it counts none that a read does not find. */
@Timeout(300)
class SizeRaceTest {

  private static final int ROUNDS = 1_000;

  private static AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(Duration.ofHours(1));
  }

  private static Worker<Integer> sizeWhenGone(AutoRefresh<String, Integer> cache, String id) {
    return Worker.start(() -> {
      Await.spinUntil(() -> cache.get(id) == null);
      return cache.size();
    });
  }

  @Test
  void D3_anItemThatIsDeletedIsNotCountedWhenItIsNotFound() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refresh((id, item) -> item).build()) {
      for (int round = 0; round < ROUNDS; round++) {
        cache.getOrCreate("a", 0);
        cache.deleteDelayed("a");
        Worker<Integer> size = sizeWhenGone(cache, "a");
        cache.sync();
        assertThat(size.result()).as("round %s", round).isZero();
      }
    }
  }

  @Test
  void R3_anItemThatTheRemoteHasDeletedIsNotCountedWhenItIsNotFound() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refresh((id, item) -> null).build()) {
      for (int round = 0; round < ROUNDS; round++) {
        cache.getOrCreate("a", 0);
        Worker<Integer> size = sizeWhenGone(cache, "a");
        cache.sync();
        assertThat(size.result()).as("round %s", round).isZero();
      }
    }
  }

  @Test
  void C5_anItemThatIsEvictedIsNotCountedWhenItIsNotFound() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refresh((id, item) -> item).maximumSize(1).build()) {
      for (int round = 0; round < ROUNDS; round++) {
        cache.getOrCreate("id-" + round, 0);
        Worker<Integer> size = sizeWhenGone(cache, "id-" + round);
        cache.getOrCreate("id-" + (round + 1), 0);
        assertThat(size.result()).as("round %s", round).isOne();
      }
    }
  }

  @Test
  void C1_anItemThatIsCountedIsFound() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      try (AutoRefresh<String, Integer> cache = jobs().refresh((id, item) -> item).build()) {
        Worker<Integer> found = Worker.start(() -> {
          Await.spinUntil(() -> cache.size() > 0);
          return cache.get("a");
        });
        cache.getOrCreate("a", 7);
        assertThat(found.result()).as("round %s", round).isEqualTo(7);
      }
    }
  }
}
