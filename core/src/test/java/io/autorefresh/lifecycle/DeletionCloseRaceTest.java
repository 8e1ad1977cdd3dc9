package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2: a deletion that was accepted beside a close is carried out by it. */
@Timeout(120)
class DeletionCloseRaceTest {

  private static final int REPEATS = 100;
  private static final int ITEMS = 400;
  private static final int CALLERS = 2;

  private final Set<Integer> deleted = ConcurrentHashMap.newKeySet();

  @Test
  void L2_deletionsAcceptedBesideTheClose_areCarriedOut() throws Exception {
    for (int i = 0; i < REPEATS; i++) {
      deleted.clear();
      AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder().name("jobs")
          .refreshEvery(Duration.ofSeconds(10)).refresh((id, item) -> item).onDelete((id, item) -> deleted.add(id))
          .build();
      for (int id = 0; id < ITEMS; id++) {
        cache.getOrCreate(id, id);
      }
      List<Worker<Set<Integer>>> callers = Worker.startTogether(CALLERS, number -> deleteUntilClosed(cache, number));
      Await.spinUntil(() -> cache.stats().pendingDeletion() > 10);
      cache.close();
      for (Worker<Set<Integer>> caller : callers) {
        assertThat(deleted.containsAll(caller.result())).isTrue();
      }
    }
  }

  /** An id whose hash is known only when the gate is open. */
  private record SlowId(Gate gate) {
    @Override
    public int hashCode() {
      gate.passUnchecked();
      return 7;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof SlowId;
    }
  }

  @Test
  void L3_aDeletionThatTheCloseOvertakes_isRefused() throws Exception {
    Gate open = new Gate();
    open.open();
    Gate gate = new Gate();
    AutoRefresh<SlowId, Integer> cache = AutoRefresh.<SlowId, Integer>builder().name("jobs")
        .refreshEvery(Duration.ofSeconds(10)).refresh((id, item) -> item).onDelete((id, item) -> {}).build();
    cache.getOrCreate(new SlowId(open), 1);
    Worker<Boolean> caller = Worker.start(() -> cache.deleteDelayed(new SlowId(gate)));
    gate.awaitArrived(1);
    cache.close();
    gate.open();
    assertThat(caller.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    assertThat(cache.stats().pendingDeletion()).isZero();
  }

  private static Set<Integer> deleteUntilClosed(AutoRefresh<Integer, Integer> cache, int number) {
    Set<Integer> accepted = new HashSet<>();
    try {
      for (int id = number; ; id = (id + CALLERS) % ITEMS) {
        if (cache.deleteDelayed(id)) {
          accepted.add(id);
        }
      }
    } catch (IllegalStateException e) {
      assertThat(e).hasMessageContaining("closed");
    }
    return accepted;
  }
}
