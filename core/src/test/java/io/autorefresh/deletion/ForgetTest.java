package io.autorefresh.deletion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.RemovalCause;
import io.autorefresh.Ticker;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Forgetting: an item is removed at once, here only. */
@Timeout(60)
class ForgetTest {

  private final Remote remote = new Remote(Ticker.systemTicker());
  private final List<Told> told = new CopyOnWriteArrayList<>();

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder()
        .refreshBatch(remote)
        .onDelete(remote)
        .refreshEvery(Duration.ofHours(1))
        .spread(false)
        .listener(event -> told.add(Told.of(event)));
  }

  @Test
  void forget_removesAtOnce_andCallsNoDeleter() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 1);
      assertThat(cache.forget("a")).isTrue();
      assertThat(cache.get("a")).isNull();
      assertThat(cache.size()).isZero();
      assertThat(cache.forget("a")).as("once more").isFalse();
      cache.sync();
    }
    assertThat(remote.calls()).isEmpty();
    assertThat(told).containsExactly(Told.created("a", 1), Told.removed("a", 1, RemovalCause.FORGOTTEN));
  }

  @Test
  void forget_ofAMarkedItem_makesRoomForANewOne() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 1);
      cache.deleteDelayed("a");
      assertThat(cache.forget("a")).isTrue();
      assertThat(cache.getOrCreate("a", 10)).isEqualTo(10);
      cache.sync();
      assertThat(cache.get("a")).as("refreshed, and not deleted").isEqualTo(11);
    }
    assertThat(remote.deletions()).isEmpty();
  }

  /** D4 and R2: the late outcome touches nothing, and the new generation's call waits for the old one's. */
  @Test
  void D4_R2_forgetDuringARefresh_theOutcomeHasNoEffect_andTheNextCallWaits() throws Exception {
    Gate gate = new Gate();
    remote.answers(items -> {
      if (items.containsValue(1)) {
        gate.pass();
      }
      return Remote.increments(items);
    });
    try (var cache = builder().start()) {
      cache.getOrCreate("a", 1);
      gate.awaitArrived(1);
      assertThat(cache.forget("a")).isTrue();
      cache.getOrCreate("a", 10);
      cache.getOrCreate("b", 20);
      Await.until("another id is refreshed", () -> cache.get("b") == 21);
      assertThat(cache.get("a")).isEqualTo(10);
      assertThat(remote.refreshes("a")).as("calls of the id").isEqualTo(1);
      gate.open();
      Await.until("the new one is refreshed", () -> cache.get("a") == 11);
      assertThat(cache.stats().staleOutcomes()).isEqualTo(1);
    }
  }

  @Test
  void forget_duringADeletion_theItemIsGoneOnce() throws Exception {
    Gate gate = new Gate();
    remote.releases((id, item) -> gate.pass());
    try (var cache = builder().refreshEvery(Duration.ofMillis(20)).start()) {
      cache.getOrCreate("a", 1);
      cache.deleteDelayed("a");
      gate.awaitArrived(1);
      assertThat(cache.forget("a")).isTrue();
      gate.open();
      Await.until("the call has ended", () -> cache.stats().runningJobs() == 0);
      assertThat(cache.stats().deletions()).isZero();
      assertThat(cache.size()).isZero();
    }
    assertThat(told).filteredOn(event -> event.kind().equals("removed"))
        .extracting(Told::detail).containsExactly(RemovalCause.FORGOTTEN);
  }

  @Test
  void L3_forget_afterTheClose_throws() {
    var cache = builder().build();
    cache.getOrCreate("a", 1);
    cache.close();
    assertThatIllegalStateException().isThrownBy(() -> cache.forget("a")).withMessageContaining("closed");
    assertThat(cache.get("a")).isEqualTo(1);
  }
}
