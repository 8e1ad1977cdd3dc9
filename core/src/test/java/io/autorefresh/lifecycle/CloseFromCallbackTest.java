package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemEvent;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * L2: {@code close()} waits for callbacks of every kind that run on the cache's threads, interrupts those of refreshes,
 * and may be called from any callback, which begins it and goes on.
 */
@Timeout(60)
class CloseFromCallbackTest {

  private static final Duration PERIOD = Duration.ofHours(1);

  enum Callback {
    REFRESHER, BATCH_REFRESHER, TERMINAL, GROUP_KEY, DELETER, LISTENER, DELETION_LISTENER, EVICTION_LISTENER,
    TERMINAL_OF_CREATION, GROUP_KEY_OF_CREATION, CREATOR;

    /** Whether it runs in the thread of a caller that creates an item. */
    boolean isOfCreation() {
      return compareTo(TERMINAL_OF_CREATION) >= 0;
    }

    /** Whether the close interrupts it. */
    boolean isOfRefresh() {
      return compareTo(DELETER) < 0;
    }

    boolean needsDeletion() {
      return this == DELETER || this == DELETION_LISTENER;
    }
  }

  private final ManualTicker ticker = new ManualTicker();
  private final AtomicReference<AutoRefresh<String, Integer>> cache = new AtomicReference<>();
  private final AtomicInteger ends = new AtomicInteger();

  /** Builds a cache of which one callback does something before it returns what it has to. */
  private AutoRefresh<String, Integer> build(Callback callback, Runnable action) {
    AutoRefreshBuilder<String, Integer> builder = AutoRefresh.<String, Integer>builder()
        .refreshEvery(PERIOD).refreshTimeout(Duration.ofDays(1)).closeTimeout(Duration.ofSeconds(20)).ticker(ticker)
        .maximumSize(1).refreshBatch(items -> {
          if (callback == Callback.BATCH_REFRESHER) {
            after(action, () -> items);
          }
          return Remote.increments(items);
        });
    switch (callback) {
      case REFRESHER -> builder = AutoRefresh.<String, Integer>builder().refreshEvery(PERIOD)
          .refreshTimeout(Duration.ofDays(1)).closeTimeout(Duration.ofSeconds(20)).ticker(ticker)
          .refresh((id, n) -> after(action, () -> n + 1));
      case DELETER -> builder.onDelete((id, n) -> after(action, () -> n));
      case TERMINAL -> builder.terminal(n -> n > 0 && after(action, () -> false));
      case TERMINAL_OF_CREATION -> builder.terminal(n -> after(action, () -> false));
      case GROUP_KEY -> builder.batchBy((id, n) -> n > 0 ? after(action, () -> "group") : "group");
      case GROUP_KEY_OF_CREATION -> builder.batchBy((id, n) -> after(action, () -> "group"));
      case LISTENER -> listenTo(builder, ItemEvent.Updated.class, action);
      case DELETION_LISTENER -> listenTo(builder, ItemEvent.Removed.class, action).onDelete((id, n) -> {});
      case EVICTION_LISTENER -> listenTo(builder, ItemEvent.Removed.class, action);
      case CREATOR -> builder.create(id -> after(action, () -> 1));
      default -> { }
    }
    cache.set(builder.build());
    return cache.get();
  }

  private AutoRefreshBuilder<String, Integer> listenTo(
      AutoRefreshBuilder<String, Integer> builder, Class<?> kind, Runnable action) {
    return builder.listener(event -> {
      if (kind.isInstance(event)) {
        after(action, () -> event);
      }
    });
  }

  private <T> T after(Runnable action, Supplier<T> result) {
    action.run();
    ends.incrementAndGet();
    return result.get();
  }

  /** Does what makes the callback be called, in a thread of its own if that is a caller's. */
  private Worker<?> provoke(AutoRefresh<String, Integer> cache, Callback callback) throws Exception {
    if (callback.isOfCreation()) {
      return Worker.start(() -> callback == Callback.CREATOR ? cache.getOrCreate("a") : cache.getOrCreate("a", 0));
    }
    cache.getOrCreate("a", 0);
    cache.start();
    prepare(cache, callback);
    return Worker.start(() -> null);
  }

  /** Does what a background that has begun needs to call the callback. */
  private void prepare(AutoRefresh<String, Integer> cache, Callback callback) throws Exception {
    if (callback.needsDeletion()) {
      cache.deleteDelayed("a");
      Await.until("time runs", () -> cache.inspect("a").orElseThrow().dueIn() != null);
      ticker.settle().jump(PERIOD);
    } else if (callback == Callback.EVICTION_LISTENER) {
      cache.getOrCreate("b", 0);
    }
  }

  private static void assertClosed(AutoRefresh<String, Integer> cache) {
    assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("other", 1)).withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(cache::sync).withMessageContaining("closed");
    assertThat(cache.stats().runningJobs()).isZero();
  }

  @ParameterizedTest
  @EnumSource(names = {"TERMINAL_OF_CREATION", "GROUP_KEY_OF_CREATION", "CREATOR"}, mode = EnumSource.Mode.EXCLUDE)
  void L2_close_waitsForACallback_andInterruptsThoseOfRefreshes(Callback callback) throws Exception {
    Gate gate = new Gate(ticker);
    try (var cache = build(callback, () -> gate.passStubbornly())) {
      provoke(cache, callback);
      gate.awaitArrived(1);
      Worker<Integer> closer = Worker.start(() -> {
        cache.close();
        return ends.get();
      });
      if (callback.isOfRefresh()) {
        gate.awaitInterrupted(1);
      }
      closer.awaitWaiting();
      gate.open();
      assertThat(closer.result()).as("ended when close() returned").isEqualTo(gate.arrived());
      assertThat(gate.interrupted()).isEqualTo(callback.isOfRefresh() ? 1 : 0);
      assertClosed(cache);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TERMINAL_OF_CREATION", "GROUP_KEY_OF_CREATION", "CREATOR"})
  void L2_close_neitherInterruptsNorAwaitsWhatRunsInACallersThread(Callback callback) throws Exception {
    Gate gate = new Gate(ticker);
    try (LogCapture log = LogCapture.open(); var cache = build(callback, () -> gate.passStubbornly())) {
      Worker<?> caller = provoke(cache, callback);
      gate.awaitArrived(1);
      cache.close();
      assertThat(ends).as("ended when close() returned").hasValue(0);
      assertClosed(cache);
      gate.open();
      assertThat(caller.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertThat(gate.interrupted()).isZero();
      assertThat(cache.size()).isZero();
      assertThat(log.entries()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource
  void L2_close_fromACallback_beginsItAndReturns(Callback callback) throws Exception {
    try (LogCapture log = LogCapture.open(); var cache = build(callback, this::close)) {
      Worker<?> caller = provoke(cache, callback);
      Await.until("close() returned to the callback", () -> ends.get() > 0);
      cache.close();
      assertClosed(cache);
      assertThat(log.entries()).as("what a close waited for in vain").noneMatch(entry -> entry.contains("closed"));
      if (callback.isOfCreation()) {
        assertThat(caller.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
        assertThat(cache.size()).isZero();
      }
    }
  }

  private void close() {
    cache.get().close();
  }

  @ParameterizedTest
  @EnumSource(names = {"TERMINAL_OF_CREATION", "GROUP_KEY_OF_CREATION", "CREATOR"}, mode = EnumSource.Mode.EXCLUDE)
  void L2_close_fromACallbackOfSync_cutsItShort(Callback callback) throws Exception {
    try (LogCapture log = LogCapture.open(); var cache = build(callback, this::close)) {
      cache.getOrCreate("a", 0);
      if (callback.needsDeletion()) {
        cache.deleteDelayed("a");
      } else if (callback == Callback.EVICTION_LISTENER) {
        cache.getOrCreate("b", 0);
      }
      Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
      assertThat(syncer.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
      assertThat(ends).hasPositiveValue();
      assertClosed(cache);
      assertThat(log.entries()).as("what a close waited for in vain").noneMatch(entry -> entry.contains("closed"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TERMINAL_OF_CREATION", "GROUP_KEY_OF_CREATION", "CREATOR"}, mode = EnumSource.Mode.EXCLUDE)
  void L2_close_fromACallbackOfRun_endsItNormally(Callback callback) throws Exception {
    try (LogCapture log = LogCapture.open(); var cache = build(callback, this::close)) {
      cache.getOrCreate("a", 0);
      Worker<Void> runner = Worker.start(() -> cache.run());
      prepare(cache, callback);
      runner.result();
      assertThat(ends).hasPositiveValue();
      assertClosed(cache);
      assertThat(log.entries()).as("what a close waited for in vain").noneMatch(entry -> entry.contains("closed"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"TERMINAL_OF_CREATION", "GROUP_KEY_OF_CREATION", "CREATOR"}, mode = EnumSource.Mode.EXCLUDE)
  void L2_sync_fromACallback_isRefused(Callback callback) throws Exception {
    AtomicReference<Throwable> refusal = new AtomicReference<>();
    AtomicBoolean once = new AtomicBoolean();
    try (var cache = build(callback, () -> {
      if (!once.getAndSet(true)) {
        try {
          refusal.set(new AssertionError("" + this.cache.get().sync()));
        } catch (IllegalStateException | InterruptedException e) {
          refusal.set(e);
        }
      }
    })) {
      Worker<?> caller = provoke(cache, callback);
      Await.until("the callback was answered", () -> refusal.get() != null);
      assertThat(refusal.get()).isInstanceOf(IllegalStateException.class);
      caller.result();
      assertThat(cache.getOrCreate("other", 1)).as("not closed").isEqualTo(1);
    }
  }

  /** The cache does not know that such a caller is a callback of its own; no cycle waits for that callback, though. */
  @ParameterizedTest
  @EnumSource(names = {"TERMINAL_OF_CREATION", "GROUP_KEY_OF_CREATION", "CREATOR"})
  void L2_sync_fromACallbackInACallersThread_isNoDeadlock(Callback callback) throws Exception {
    AtomicInteger syncs = new AtomicInteger();
    try (var cache = build(callback, () -> {
      try {
        this.cache.get().sync();
      } catch (IllegalStateException | InterruptedException e) {
        // It may be refused.
      }
      syncs.incrementAndGet();
    })) {
      provoke(cache, callback).result();
      assertThat(syncs).hasPositiveValue();
      assertThat(cache.get("a")).isNotNull();
    }
  }

  @Test
  void L2_close_fromACallbackWhileAnotherThreadCloses_isNoDeadlock() throws Exception {
    Gate gate = new Gate(ticker);
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    try (LogCapture log = LogCapture.open(); var cache = AutoRefresh.<String, Integer>builder().refresh((id, n) -> {
      gate.passStubbornly();
      self.get().close();
      ends.incrementAndGet();
      return n + 1;
    }).refreshEvery(PERIOD).closeTimeout(Duration.ofSeconds(20)).build()) {
      self.set(cache);
      for (int i = 0; i < 4; i++) {
        cache.getOrCreate("item " + i, 0);
      }
      cache.start();
      gate.awaitArrived(4);
      Worker<Integer> closer = Worker.start(() -> {
        cache.close();
        return ends.get();
      });
      gate.awaitInterrupted(4);
      closer.awaitWaiting();
      gate.open();
      assertThat(closer.result()).as("ended when close() returned").isEqualTo(4);
      assertThat(log.entries()).as("what a close waited for in vain").noneMatch(entry -> entry.contains("closed"));
    }
  }

  @Test
  void L2_close_byAllCallbacksAtOnce_isNoDeadlock() throws Exception {
    for (int round = 0; round < 50; round++) {
      AtomicInteger running = new AtomicInteger();
      AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
      try (LogCapture log = LogCapture.open(); var cache = AutoRefresh.<String, Integer>builder().refresh((id, n) -> {
        running.incrementAndGet();
        self.get().close();
        running.decrementAndGet();
        return n + 1;
      }).refreshEvery(PERIOD).closeTimeout(Duration.ofSeconds(20)).build()) {
        self.set(cache);
        for (int i = 0; i < 8; i++) {
          cache.getOrCreate("item " + i, 0);
        }
        cache.start();
        Await.until("a callback closes", () -> cache.stats().refreshCalls() > 0);
        cache.close();
        assertThat(running).hasValue(0);
        assertClosed(cache);
        assertThat(log.entries()).as("what a close waited for in vain").noneMatch(entry -> entry.contains("closed"));
      }
    }
  }
}
