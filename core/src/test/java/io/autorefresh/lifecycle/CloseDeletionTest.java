package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemEvent;
import io.autorefresh.RemovalCause;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** L2: the close carries out the pending deletions, each once. */
@Timeout(60)
class CloseDeletionTest {

  private static final Duration PERIOD = Duration.ofHours(1);
  private static final int ITEMS = 50;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate(ticker);
  private final LogCapture log = LogCapture.ofCache("jobs");

  /** What became of the cache before it is closed. */
  enum Background { NONE, RUNNING, RUN_BY_A_CALLER, INTERRUPTED, SYNCED }

  @AfterEach
  void giveTheLogBack() {
    gate.open();
    log.close();
  }

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(ticker)
        .refreshTimeout(Duration.ofDays(1)).closeTimeout(Duration.ofDays(1)).refreshBatch(remote).onDelete(remote);
  }

  private static List<String> ids(int count) {
    return IntStream.range(0, count).mapToObj(i -> "id-" + i).toList();
  }

  private static void createMarked(AutoRefresh<String, Integer> cache, int count) {
    for (String id : ids(count)) {
      cache.getOrCreate(id, 0);
      assertThat(cache.deleteDelayed(id)).isTrue();
    }
  }

  private static void prepare(AutoRefresh<String, Integer> cache, Background background) throws Exception {
    switch (background) {
      case NONE -> { }
      case RUNNING -> cache.start();
      case RUN_BY_A_CALLER -> {
        cache.getOrCreate("sign of life", 0);
        Worker.start(cache::run);
        Await.until("it runs", () -> cache.get("sign of life") == 1);
      }
      case INTERRUPTED -> {
        Worker<Void> runner = Worker.start(() -> {
          Thread.currentThread().interrupt();
          cache.run();
        });
        assertThat(runner.failure()).isInstanceOf(InterruptedException.class);
      }
      case SYNCED -> cache.sync();
    }
  }

  @ParameterizedTest
  @EnumSource
  void L2_pendingDeletions_areCarriedOutOnceEach_andHeard(Background background) throws Exception {
    Queue<String> told = new ConcurrentLinkedQueue<>();
    AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      if (event instanceof ItemEvent.Removed<String, Integer> removed && removed.cause() == RemovalCause.DELETED) {
        told.add(event.id());
      }
    }).build();
    prepare(cache, background);
    createMarked(cache, ITEMS);
    cache.getOrCreate("stays", 0);
    cache.close();
    assertThat(remote.deletions()).containsExactlyInAnyOrderElementsOf(ids(ITEMS));
    ids(ITEMS).forEach(id -> assertThat(cache.get(id)).isNull());
    assertThat(cache.get("stays")).isNotNull();
    assertThat(cache.stats().pendingDeletion()).isZero();
    assertThat(cache.stats().deletions()).isEqualTo(ITEMS);
    assertThat(cache.stats().deleteCalls()).isEqualTo(ITEMS);
    assertThat(told).containsExactlyInAnyOrderElementsOf(ids(ITEMS));
    assertThat(cache.stats().waitingEvents()).isZero();
    assertThat(log.entries()).isEmpty();
    cache.close();
    assertThat(remote.deletions()).as("after another close").hasSize(ITEMS);
  }

  /** Row S of the faults: the first example of the README. */
  @Test
  void L2_theJobOfTheReadmesExample_isReleased() {
    Queue<String> released = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> jobs = AutoRefresh.<String, Integer>builder()
        .name(log.name())
        .refreshBatch(Remote::increments)
        .refreshEvery(Duration.ofSeconds(10))
        .terminal(job -> job > 5)
        .onDelete((id, job) -> released.add(id))
        .start()) {
      jobs.getOrCreate("job-17", 0);
      assertThat(jobs.get("job-17")).isNotNull();
      jobs.deleteDelayed("job-17");
    }
    assertThat(released).containsExactly("job-17");
  }

  @Test
  void L2_aTerminalItemThatIsMarked_isDeletedToo() {
    AutoRefresh<String, Integer> cache = jobs().terminal(n -> true).build();
    createMarked(cache, 1);
    cache.close();
    assertThat(remote.deletions()).containsExactly("id-0");
    assertThat(cache.size()).isZero();
  }

  @Test
  void L2_aPendingDeletionThatBacksOff_isTriedOnceMore() throws Exception {
    remote.releases((id, n) -> {
      throw new IllegalStateException("of the test");
    });
    AutoRefresh<String, Integer> cache = jobs().backoff(Duration.ofDays(100), Duration.ofDays(100)).build();
    createMarked(cache, ITEMS);
    assertThat(cache.sync().deletionFailures()).isEqualTo(ITEMS);
    assertThat(cache.sync().deletionFailures()).as("while they back off").isZero();
    remote.forget();
    remote.releases((id, n) -> {});
    cache.close();
    assertThat(remote.deletions()).containsExactlyInAnyOrderElementsOf(ids(ITEMS));
    assertThat(cache.size()).isZero();
  }

  @Test
  void L2_aPendingDeletionThatTheRemoteAskedToRetryLater_isTriedOnceMore() throws Exception {
    remote.releases((id, n) -> {
      throw new RetryAfterException(Duration.ofDays(100));
    });
    AutoRefresh<String, Integer> cache = jobs().build();
    createMarked(cache, 1);
    assertThat(cache.sync().deletionFailures()).isEqualTo(1);
    remote.forget();
    remote.releases((id, n) -> {});
    cache.close();
    assertThat(remote.deletions()).containsExactly("id-0");
    assertThat(cache.size()).isZero();
  }

  @Test
  void L2_aDeletionThatFailsAtTheClose_isNotTriedAgain_andTheNumberIsLogged() {
    Queue<Told> told = new ConcurrentLinkedQueue<>();
    remote.releases((id, n) -> {
      throw new IllegalStateException("of the test");
    });
    AutoRefresh<String, Integer> cache = jobs().backoff(Duration.ofMillis(1), Duration.ofMillis(1))
        .listener(event -> told.add(Told.of(event))).build();
    createMarked(cache, ITEMS);
    cache.close();
    assertThat(remote.deletions()).containsExactlyInAnyOrderElementsOf(ids(ITEMS));
    assertThat(cache.size()).isEqualTo(ITEMS);
    assertThat(cache.stats().pendingDeletion()).isEqualTo(ITEMS);
    assertThat(cache.stats().deletionFailures()).isEqualTo(ITEMS);
    ids(ITEMS).forEach(id -> assertThat(told).contains(Told.deletionFailed(id, 0, 1)));
    assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("jobs", ITEMS + " items not deleted"));
  }

  @Test
  void L2_deletionsAtTheClose_keepToMaxConcurrency() throws Exception {
    remote.releases((id, n) -> gate.pass());
    AutoRefresh<String, Integer> cache = jobs().maxConcurrency(3).build();
    createMarked(cache, ITEMS);
    Worker<Void> closer = Worker.start(cache::close);
    gate.awaitArrived(3);
    ticker.settle();
    assertThat(gate.arrived()).as("deletions at once").isEqualTo(3);
    assertThat(cache.stats().runningJobs()).isEqualTo(3);
    gate.open();
    closer.result();
    assertThat(gate.arrived()).isEqualTo(ITEMS);
    assertThat(gate.interrupted()).isZero();
    assertThat(cache.size()).isZero();
  }

  @Test
  void L2_deletionsAtTheClose_keepToMaxCallsPerSecond() throws Exception {
    AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(1).build();
    createMarked(cache, 4);
    Worker<Void> closer = Worker.start(cache::close);
    for (int calls = 1; calls <= 4; calls++) {
      int expected = calls;
      Await.until("the next item is deleted", () -> remote.deletions().size() == expected);
      ticker.jump(Duration.ofSeconds(1).minusNanos(1)).settle();
      assertThat(remote.deletions()).hasSize(expected);
      ticker.jump(Duration.ofNanos(1));
    }
    closer.result();
    assertThat(cache.size()).isZero();
  }

  @Test
  void L2_aDeletionThatRunsAtTheClose_isNeitherInterruptedNorRepeated() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    remote.releases((id, n) -> {
      if (calls.incrementAndGet() <= 2) {
        gate.pass();
      }
    });
    Queue<Told> told = new ConcurrentLinkedQueue<>();
    AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).listener(event -> told.add(Told.of(event))).build();
    createMarked(cache, ITEMS);
    Worker<CycleReport> syncer = Worker.start(() -> cache.sync());
    gate.awaitArrived(2);
    Worker<Void> closer = Worker.start(cache::close).awaitWaiting();
    ticker.settle();
    assertThat(closer.isDone()).isFalse();
    gate.open();
    closer.result();
    assertThat(syncer.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    assertThat(gate.interrupted()).isZero();
    assertThat(remote.deletions()).containsExactlyInAnyOrderElementsOf(ids(ITEMS));
    ids(ITEMS).forEach(id -> assertThat(told).contains(Told.removed(id, 0, RemovalCause.DELETED)));
    assertThat(cache.size()).isZero();
    assertThat(log.entries()).isEmpty();
  }

  @Test
  void L2_aDeletionThatEndsLongAfterAllOthers_isHeard() throws Exception {
    remote.releases((id, n) -> gate.pass());
    Queue<Told> told = new ConcurrentLinkedQueue<>();
    AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).spread(false)
        .listener(event -> told.add(Told.of(event))).start();
    createMarked(cache, 1);
    ticker.jump(PERIOD);
    gate.awaitArrived(1);
    Worker<Void> closer = Worker.start(cache::close).awaitWaiting();
    ticker.settle();
    gate.open();
    closer.result();
    assertThat(told).containsExactly(Told.created("id-0", 0), Told.removed("id-0", 0, RemovalCause.DELETED));
    assertThat(log.entries()).isEmpty();
  }

  @Test
  void L2_deafRefreshes_doNotKeepDeletionsOut() throws Exception {
    remote.answers(items -> {
      gate.passStubbornly();
      return Remote.increments(items);
    });
    AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).batchSize(1).build();
    cache.start();
    cache.getOrCreate("deaf 1", 0);
    cache.getOrCreate("deaf 2", 0);
    gate.awaitArrived(2);
    createMarked(cache, ITEMS);
    Worker<Void> closer = Worker.start(cache::close);
    gate.awaitInterrupted(2);
    Await.until("all are deleted", () -> remote.deletions().size() == ITEMS && cache.size() == 2);
    assertThat(closer.isDone()).as("close() waits for the refreshes all the same").isFalse();
    gate.open();
    closer.result();
    assertThat(gate.interrupted()).as("interruptions").isEqualTo(2);
    assertThat(gate.arrived()).as("refreshes").isEqualTo(2);
    assertThat(remote.deletions()).containsExactlyInAnyOrderElementsOf(ids(ITEMS));
    assertThat(cache.get("deaf 1")).as("a late result").isZero();
  }

  @Test
  void L2_aMarkedItemWhoseOwnRefreshIsDeaf_isDeletedToo() throws Exception {
    remote.answers(items -> {
      gate.passStubbornly();
      return Remote.increments(items);
    });
    AutoRefresh<String, Integer> cache = jobs().build();
    cache.start();
    cache.getOrCreate("a", 0);
    gate.awaitArrived(1);
    assertThat(cache.deleteDelayed("a")).isTrue();
    Worker<Void> closer = Worker.start(cache::close);
    Await.until("it is deleted", () -> cache.size() == 0);
    assertThat(remote.deletions()).containsExactly("a");
    gate.open();
    closer.result();
    assertThat(cache.get("a")).isNull();
  }

  @Test
  void L2_aDeletionThatHangsAtTheClose_timesOut_andMakesRoomForTheOthers() throws Exception {
    remote.releases((id, n) -> {
      if (gate.arrived() == 0) {
        gate.passStubbornly();
      }
    });
    AutoRefresh<String, Integer> cache = jobs().maxConcurrency(1).refreshTimeout(Duration.ofSeconds(5)).build();
    createMarked(cache, ITEMS);
    Worker<Void> closer = Worker.start(cache::close);
    gate.awaitArrived(1);
    ticker.jump(Duration.ofSeconds(5));
    Await.until("the others are deleted", () -> cache.size() == 1);
    assertThat(cache.stats().timedOutCalls()).isEqualTo(1);
    assertThat(gate.interrupted()).isEqualTo(1);
    gate.open();
    closer.result();
    assertThat(remote.deletions()).containsExactlyInAnyOrderElementsOf(ids(ITEMS));
    assertThat(cache.stats().pendingDeletion()).as("the one that timed out").isEqualTo(1);
    assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("jobs", "1 items not deleted"));
  }

  @Test
  void L2_afterTheCloseTimeout_whatIsLeftIsInterruptedOnce_andTheNumberIsLogged() throws Exception {
    AtomicInteger ended = new AtomicInteger();
    remote.releases((id, n) -> {
      gate.passStubbornly();
      ended.incrementAndGet();
    });
    AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).closeTimeout(Duration.ofSeconds(1)).build();
    createMarked(cache, ITEMS);
    Worker<Void> closer = Worker.start(cache::close);
    gate.awaitArrived(2);
    ticker.settle().jump(Duration.ofMillis(999)).settle();
    assertThat(gate.interrupted()).as("interruptions within the time").isZero();
    ticker.jump(Duration.ofMillis(1));
    closer.result();
    gate.awaitInterrupted(2);
    assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("jobs", "passStubbornly"))
        .anySatisfy(entry -> assertThat(entry).contains("jobs", ITEMS + " items not deleted"));
    gate.open();
    Await.until("both have ended", () -> ended.get() == 2);
    Await.until("nothing runs", () -> cache.stats().runningJobs() == 0 && cache.stats().abandonedJobs() == 0);
    assertThat(gate.interrupted()).as("interruptions").isEqualTo(2);
    assertThat(gate.arrived()).as("deletions that began").isEqualTo(2);
    assertThat(cache.stats().pendingDeletion()).isEqualTo(ITEMS);
  }

  @Test
  void L2_withACloseTimeoutOfZero_closeReturnsAtOnce_andLogsTheNumber() throws Exception {
    remote.releases((id, n) -> gate.passStubbornly());
    AutoRefresh<String, Integer> cache = jobs().closeTimeout(Duration.ZERO).build();
    createMarked(cache, ITEMS);
    cache.close();
    assertThat(log.entries()).anySatisfy(entry -> assertThat(entry).contains("jobs", ITEMS + " items not deleted"));
  }

  @Test
  void L2_aCloseFromACallback_carriesOutTheDeletionsBehindIt() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    AtomicInteger deletedAtReturn = new AtomicInteger(-1);
    remote.answers(items -> {
      self.get().close();
      deletedAtReturn.set(remote.deletions().size());
      gate.passStubbornly();
      return Remote.increments(items);
    }).releases((id, n) -> Await.until("close() has returned to its callback", () -> deletedAtReturn.get() >= 0));
    AutoRefresh<String, Integer> cache = jobs().build();
    self.set(cache);
    createMarked(cache, ITEMS);
    cache.getOrCreate("closer", 0);
    cache.start();
    Await.until("all are deleted", () -> cache.size() == 1);
    gate.open();
    cache.close();
    assertThat(remote.deletions()).containsExactlyInAnyOrderElementsOf(ids(ITEMS));
  }

  @Test
  void L2_deletionsAtTheClose_mayReadTheCache() {
    Queue<String> seen = new ConcurrentLinkedQueue<>();
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    remote.releases((id, n) -> seen.add(id + self.get().getOrThrow(id)));
    AutoRefresh<String, Integer> cache = jobs().build();
    self.set(cache);
    createMarked(cache, 2);
    cache.close();
    assertThat(seen).containsExactlyInAnyOrder("id-00", "id-10");
  }
}
