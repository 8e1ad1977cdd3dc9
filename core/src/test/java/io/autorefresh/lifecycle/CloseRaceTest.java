package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2: close at any moment, against everything that may be going on. */
@Timeout(60)
class CloseRaceTest {

  /**
   * Callbacks of all kinds, which note when one of them runs after {@code close()} has returned. Those in the threads
   * of creating callers may, and do not count.
   */
  private static final class Watch {
    final AtomicInteger running = new AtomicInteger();
    final AtomicInteger late = new AtomicInteger();
    final AtomicInteger calls = new AtomicInteger();
    final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    volatile boolean closed;

    <T> T call(T value) {
      if (!Thread.currentThread().isVirtual()) {
        return value;
      }
      running.incrementAndGet();
      calls.incrementAndGet();
      threads.add(Thread.currentThread());
      if (closed) {
        late.incrementAndGet();
      }
      Thread.yield();
      if (closed) {
        late.incrementAndGet();
      }
      running.decrementAndGet();
      return value;
    }

    void assertSilent() {
      assertThat(running).as("callbacks running after close()").hasValue(0);
      assertThat(late).as("callbacks seen after close()").hasValue(0);
    }

    AutoRefreshBuilder<String, Integer> builder() {
      return AutoRefresh.<String, Integer>builder()
          .refresh((id, n) -> call(n + 1))
          .terminal(n -> call(n < 0))
          .onDelete((id, n) -> call(n))
          .listener(event -> call(event))
          .create(id -> call(0))
          .refreshEvery(Duration.ofMillis(1))
          .maximumSize(200)
          .closeTimeout(Duration.ofSeconds(20));
    }

    void close(AutoRefresh<String, Integer> cache) {
      cache.close();
      closed = true;
      assertSilent();
    }
  }

  @Test
  void L2_afterCloseOfABusyCache_noCallbackRuns() throws Exception {
    for (int round = 0; round < 100; round++) {
      Watch watch = new Watch();
      try (var cache = watch.builder().build()) {
        cache.start();
        List<Worker<Void>> users = Worker.startTogether(2, number -> {
          try {
            for (int i = 0; ; i++) {
              cache.getOrCreate(number + "/" + i % 150);
              if (i % 7 == 0) {
                cache.deleteDelayed(number + "/" + i % 31);
              }
            }
          } catch (IllegalStateException closed) {
            return null;
          }
        });
        int few = 1 + 20 * round;
        Await.until("callbacks run", () -> watch.calls.get() >= few);
        watch.close(cache);
        for (Worker<Void> user : users) {
          user.result();
        }
        watch.assertSilent();
      }
    }
  }

  @Test
  void L2_closeThatRacesWithStart_leavesNothingRunning() throws Exception {
    for (int round = 0; round < 100; round++) {
      Watch watch = new Watch();
      try (var cache = watch.builder().build()) {
        for (int i = 0; i < 20; i++) {
          cache.getOrCreate("item " + i);
        }
        Worker.together(2, number -> {
          if (number == 0) {
            watch.close(cache);
          } else {
            try {
              cache.start();
            } catch (IllegalStateException e) {
              assertThat(e).hasMessageContaining("closed");
            }
          }
          return null;
        });
        watch.assertSilent();
      }
    }
  }

  @Test
  void L2_closeThatRacesWithRun_endsIt() throws Exception {
    for (int round = 0; round < 100; round++) {
      Watch watch = new Watch();
      try (var cache = watch.builder().build()) {
        for (int i = 0; i < 20; i++) {
          cache.getOrCreate("item " + i);
        }
        Worker.together(2, number -> {
          if (number == 0) {
            watch.close(cache);
          } else {
            try {
              cache.run();
            } catch (IllegalStateException e) {
              assertThat(e).hasMessageContaining("closed");
            }
          }
          return null;
        });
        watch.assertSilent();
      }
    }
  }

  @Test
  void L2_closeThatRacesWithSync_cutsItOrLetsItEnd() throws Exception {
    for (int round = 0; round < 100; round++) {
      Watch watch = new Watch();
      try (var cache = watch.builder().build()) {
        for (int i = 0; i < 20; i++) {
          cache.getOrCreate("item " + i);
        }
        Worker.together(3, number -> {
          if (number == 0) {
            watch.close(cache);
          } else {
            try {
              assertThat(cache.sync().items()).isLessThanOrEqualTo(20);
            } catch (IllegalStateException e) {
              assertThat(e).hasMessageContaining("closed");
            }
          }
          return null;
        });
        watch.assertSilent();
      }
    }
  }

  @Test
  void L2_close_byManyThreadsAtOnce_isSilentForEachOfThem() throws Exception {
    for (int round = 0; round < 100; round++) {
      Watch watch = new Watch();
      try (var cache = watch.builder().build()) {
        for (int i = 0; i < 20; i++) {
          cache.getOrCreate("item " + i);
        }
        cache.start();
        Worker.together(4, number -> {
          watch.close(cache);
          return null;
        });
        watch.assertSilent();
      }
    }
  }

  /** The ancestor's workers live on after the end, and each runs one callback more. */
  @Test
  void L2_close_endsEveryThread() throws Exception {
    Watch watch = new Watch();
    ManualTicker ticker = new ManualTicker();
    try (var cache = watch.builder().ticker(ticker).spread(false).build()) {
      for (int i = 0; i < 50; i++) {
        cache.getOrCreate("item " + i);
      }
      cache.start();
      Await.until("all are refreshed", () -> cache.stats().updated() >= 50 && cache.stats().runningJobs() == 0);
      ticker.settle().jump(Duration.ofMillis(1));
      Await.until("all are refreshed", () -> cache.stats().updated() >= 100);
      watch.close(cache);
      assertThat(watch.threads).isNotEmpty();
      for (Thread thread : watch.threads) {
        assertThat(thread.join(Duration.ofSeconds(30))).as("%s has ended", thread).isTrue();
      }
      watch.assertSilent();
    }
  }

  @Test
  void L2_noThread_keepsTheJvmAlive() throws Exception {
    Set<Thread> before = Thread.getAllStackTraces().keySet();
    Set<Boolean> daemons = ConcurrentHashMap.newKeySet();
    ManualTicker ticker = new ManualTicker();
    Gate gate = new Gate(ticker);
    try (var cache = AutoRefresh.<String, Integer>builder().refresh((id, n) -> {
      daemons.add(Thread.currentThread().isDaemon());
      gate.pass();
      return n + 1;
    }).onDelete((id, n) -> {
      daemons.add(Thread.currentThread().isDaemon());
      gate.pass();
    }).refreshEvery(Duration.ofHours(1)).ticker(ticker).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      cache.deleteDelayed("b");
      cache.start();
      gate.awaitArrived(1);
      ticker.settle().jump(Duration.ofHours(1));
      gate.awaitArrived(2);
      Set<Thread> own = new HashSet<>(Thread.getAllStackTraces().keySet());
      own.removeAll(before);
      assertThat(own).allMatch(Thread::isDaemon);
      assertThat(daemons).containsExactly(true);
      gate.open();
    }
  }

  @Test
  void L2_close_waitsForAListenerThatHearsOfAnEviction() throws Exception {
    Gate gate = new Gate();
    AtomicBoolean ended = new AtomicBoolean();
    try (var cache = AutoRefresh.<String, Integer>builder().refresh((id, n) -> n).maximumSize(1).listener(event -> {
      if (event instanceof ItemEvent.Removed) {
        gate.passStubbornly();
        ended.set(true);
      }
    }).refreshEvery(Duration.ofHours(1)).closeTimeout(Duration.ofSeconds(20)).start()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      gate.awaitArrived(1);
      Worker<Boolean> closer = Worker.start(() -> {
        cache.close();
        return ended.get();
      });
      closer.awaitWaiting();
      gate.open();
      assertThat(closer.result()).as("ended when close() returned").isTrue();
      assertThat(gate.interrupted()).isZero();
    }
  }

  @Test
  void L2_deletionsThatRaceWithTheClose_areCarriedOutOrRefused() throws Exception {
    int each = 300;
    for (int round = 0; round < 100; round++) {
      AtomicInteger deleted = new AtomicInteger();
      AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder().refresh((id, n) -> n)
          .refreshEvery(Duration.ofHours(1)).onDelete((id, n) -> deleted.incrementAndGet()).build();
      for (int i = 0; i < 2 * each; i++) {
        cache.getOrCreate(i, 0);
      }
      List<Worker<Integer>> users = Worker.startTogether(2, number -> {
        int marked = 0;
        try {
          while (marked < each) {
            assertThat(cache.deleteDelayed(number * each + marked)).isTrue();
            marked++;
          }
        } catch (IllegalStateException e) {
          assertThat(e).hasMessageContaining("closed");
        }
        return marked;
      });
      int some = round % 40;
      Await.spinUntil(() -> cache.stats().pendingDeletion() >= some);
      cache.close();
      int marked = users.get(0).result() + users.get(1).result();
      assertThat(deleted).as("deletions of what was marked, in round %s", round).hasValue(marked);
      assertThat(cache.size()).isEqualTo(2 * each - marked);
    }
  }

  /** Large batches, so that results are still being applied when the cache is closed. */
  @Test
  void L2_whatTookEffectBeforeTheCloseReturned_wasHeard() throws Exception {
    for (int round = 0; round < 50; round++) {
      int few = round % 7;
      AtomicInteger updated = new AtomicInteger();
      AtomicInteger removed = new AtomicInteger();
      AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder()
          .refreshBatch(items -> {
            Map<Integer, Outcome<Integer>> outcomes = new HashMap<>();
            items.forEach((id, n) -> outcomes.put(id, n == few ? Outcome.deleted() : Outcome.updated(n + 1)));
            return outcomes;
          }).batchSize(500).refreshOnCreate(false).refreshEvery(Duration.ofHours(1))
          .closeTimeout(Duration.ofSeconds(20)).listener(event -> {
            updated.addAndGet(event instanceof ItemEvent.Updated ? 1 : 0);
            removed.addAndGet(event instanceof ItemEvent.Removed ? 1 : 0);
          }).build();
      for (int i = 0; i < 2_000; i++) {
        cache.getOrCreate(i, i % 7);
      }
      Worker<Void> syncer = Worker.start(() -> {
        try {
          cache.sync();
        } catch (IllegalStateException e) {
          assertThat(e).hasMessageContaining("closed");
        }
      });
      Await.spinUntil(() -> cache.stats().updated() + cache.stats().refreshCalls() > 0);
      cache.close();
      Stats stats = cache.stats();
      assertThat(updated).as("updates that were heard").hasValue((int) stats.updated());
      assertThat(removed).as("removals that were heard").hasValue((int) stats.deletedByRemote());
      assertThat(cache.size()).isEqualTo(2_000 - removed.get());
      syncer.result();
    }
  }

  /** Ids that take their time, so that a creation is still evicting when the cache is closed. */
  private record SlowId(int number) {
    @Override
    public int hashCode() {
      Thread.yield();
      return number;
    }
  }

  @Test
  void L2_closeThatRacesWithEvictions_isFollowedByNoEvent() throws Exception {
    for (int round = 0; round < 150; round++) {
      Watch watch = new Watch();
      try (LogCapture log = LogCapture.open(); var cache = AutoRefresh.<SlowId, Integer>builder()
          .refresh((id, n) -> n).refreshEvery(Duration.ofHours(1))
          .maximumSize(1).listener(event -> watch.call(event)).start()) {
        cache.getOrCreate(new SlowId(-1), 0);
        List<Worker<Void>> users = Worker.startTogether(3, number -> {
          try {
            for (int i = 0; i < 1000; i++) {
              cache.getOrCreate(new SlowId(3 * i + number), 0);
            }
          } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("closed");
          }
          return null;
        });
        Await.until("items are evicted", () -> watch.calls.get() > 0);
        cache.close();
        watch.closed = true;
        watch.assertSilent();
        for (Worker<Void> user : users) {
          user.result();
        }
        watch.assertSilent();
        // An item that is evicted behind the close is an event that is not heard; the log may count it.
        assertThat(log.entries()).as("what close() waited for in vain").noneMatch(entry -> entry.contains("in time"));
      }
    }
  }

  @Test
  void L2_closeThatRacesWithACreator_leavesNoInterruptInItsCaller() throws Exception {
    for (int round = 0; round < 150; round++) {
      Watch watch = new Watch();
      try (var cache = watch.builder().build()) {
        List<Boolean> interrupted = Worker.together(3, number -> {
          try {
            if (number == 0) {
              watch.close(cache);
            } else {
              cache.getOrCreate("of " + number);
            }
          } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("closed");
          }
          return Thread.interrupted();
        });
        assertThat(interrupted).containsOnly(false);
        watch.assertSilent();
      }
    }
  }

  @Test
  void L2_close_ofACacheThatWasNeverStarted_returns() throws Exception {
    Watch watch = new Watch();
    try (var cache = watch.builder().build()) {
      cache.getOrCreate("a");
      watch.close(cache);
      assertThat(cache.get("a")).isZero();
    }
  }
}
