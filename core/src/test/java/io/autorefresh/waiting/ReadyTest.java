package io.autorefresh.waiting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** W5: whether everything that was there at the start has been heard of. */
@Timeout(60)
class ReadyTest {

  private static final Duration LONG = Duration.ofHours(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder()
        .name("jobs").refreshBatch(remote).refreshEvery(LONG).spread(false).ticker(ticker);
  }

  private static Worker<Boolean> waiter(AutoRefresh<String, Integer> cache) throws Exception {
    return Worker.start(() -> cache.awaitReady(LONG)).awaitWaiting();
  }

  @Test
  void W5_whereNothingWasThere_isReadyAtTheStart_andNotBefore() throws Exception {
    try (var cache = builder().build()) {
      assertThat(cache.stats().isReady()).isFalse();
      assertThat(cache.awaitReady(Duration.ZERO)).isFalse();
      cache.start();
      assertThat(cache.stats().isReady()).isTrue();
      assertThat(cache.awaitReady(Duration.ZERO)).isTrue();
    }
  }

  /** One is confirmed, one fails, one is terminal, one is forgotten, one becomes terminal. */
  @Test
  void W5_readyWhenTheLastWasConfirmedFailedTerminalOrGone() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Map.of("confirmed", Outcome.unchanged(), "failing", Outcome.failed(new IllegalStateException("down")),
          "final", Outcome.updated(-1), "late", Outcome.unchanged());
    });
    try (var cache = builder().terminal(value -> value < 0).build()) {
      for (String id : new String[] {"confirmed", "failing", "final", "forgotten"}) {
        cache.getOrCreate(id, 0);
      }
      cache.getOrCreate("terminal", -1);
      Worker<Boolean> early = waiter(cache);
      cache.start();
      Worker<Boolean> waiter = waiter(cache);
      gate.awaitArrived(1);
      assertThat(cache.stats().isReady()).isFalse();
      gate.open();
      // The answer does not mention it: that says nothing of it.
      Await.until("the answer is applied", () -> cache.stats().unanswered() == 1);
      assertThat(cache.stats().isReady()).isFalse();
      assertThat(waiter.isDone()).isFalse();
      cache.forget("forgotten");
      assertThat(waiter.result()).isTrue();
      assertThat(early.result()).as("a caller from before the start").isTrue();
      cache.getOrCreate("later", 0);
      assertThat(cache.stats().isReady()).isTrue();
    }
  }

  @Test
  void W5_whatWasConfirmedBeforeTheStart_isNotWaitedFor() throws Exception {
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      cache.start();
      assertThat(cache.stats().isReady()).isTrue();
    }
  }

  @Test
  void W5_timeoutIsFalse_interruptionAndCloseThrow() throws Exception {
    var cache = builder().build();
    Worker<Boolean> late = waiter(cache);
    Worker<Boolean> interrupted = Worker.start(() -> cache.awaitReady(LONG.multipliedBy(2))).awaitWaiting();
    Worker<Boolean> closed = Worker.start(() -> cache.awaitReady(LONG.multipliedBy(2))).awaitWaiting();
    ticker.jump(LONG);
    assertThat(late.result()).isFalse();
    interrupted.interrupt();
    assertThat(interrupted.failure()).isInstanceOf(InterruptedException.class);
    cache.close();
    assertThat(closed.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(() -> cache.awaitReady(LONG));
    assertThat(cache.stats().isReady()).isFalse();
  }
}
