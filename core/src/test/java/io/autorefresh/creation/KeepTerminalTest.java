package io.autorefresh.creation;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.RemovalCause;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** C6: terminal items are kept for a time. */
@Timeout(60)
class KeepTerminalTest {

  private static final Duration KEPT = Duration.ofMinutes(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final List<Told> told = new CopyOnWriteArrayList<>();

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder().refreshBatch(remote).onDelete(remote).terminal(value -> value >= 2)
        .refreshEvery(Duration.ofSeconds(10)).spread(false).ticker(ticker)
        .listener(event -> told.add(Told.of(event)));
  }

  @Test
  void C6_aTerminalItem_isRemovedThatLongAfterItBecameTerminal_withoutOnDelete() throws Exception {
    try (var cache = builder().keepTerminal(KEPT).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("created terminal", 2);
      cache.sync();
      ticker.jump(KEPT.dividedBy(2));
      cache.sync();
      assertThat(cache.inspect("a").orElseThrow().terminal()).isTrue();
      ticker.jump(KEPT.dividedBy(2));
      assertThat(cache.get("created terminal")).as("until the next cycle").isEqualTo(2);
      cache.sync();
      assertThat(cache.asMap()).containsOnlyKeys("a");
      ticker.jump(KEPT.dividedBy(2).minusNanos(1));
      cache.sync();
      assertThat(cache.asMap()).containsOnlyKeys("a");
      ticker.jump(Duration.ofNanos(1));
      cache.sync();
      assertThat(cache.asMap()).isEmpty();
    }
    assertThat(remote.deletions()).isEmpty();
    assertThat(told).contains(Told.removed("a", 2, RemovalCause.KEPT_LONG_ENOUGH))
        .contains(Told.removed("created terminal", 2, RemovalCause.KEPT_LONG_ENOUGH));
  }

  @Test
  void C6_aTerminalItemThatARequestConfirmsAgain_isKeptNoLonger() throws Exception {
    try (var cache = builder().keepTerminal(KEPT).start()) {
      cache.getOrCreate("a", 2);
      ticker.advance(KEPT.dividedBy(2));
      cache.refreshNow("a", Duration.ofMinutes(1));
      assertThat(cache.inspect("a").orElseThrow().age()).isZero();
      ticker.advance(KEPT.dividedBy(2));
      assertThat(cache.asMap()).isEmpty();
    }
  }

  @Test
  void C6_aMarkedItem_isDeletedAsEver() throws Exception {
    try (var cache = builder().keepTerminal(Duration.ZERO).build()) {
      cache.getOrCreate("a", 2);
      cache.deleteDelayed("a");
      cache.sync();
      assertThat(remote.deletions()).containsExactly("a");
    }
  }

  @Test
  void C6_byDefault_theyAreKept() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 2);
      ticker.jump(Duration.ofDays(300));
      cache.sync();
      assertThat(cache.get("a")).isEqualTo(2);
    }
  }
}
