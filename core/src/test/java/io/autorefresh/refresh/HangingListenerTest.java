package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.RemovalCause;
import io.autorefresh.Stats;
import io.autorefresh.internal.items.Invariants;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R11 and L2: a listener that hangs costs no item anything. Events wait for it, and a close for a bounded time. */
@Timeout(60)
class HangingListenerTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final int ITEMS = 5;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> told = new ConcurrentLinkedQueue<>();
  private final AtomicInteger toHang = new AtomicInteger(1);
  private final Gate gate = new Gate(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  /** The listener ignores interruption while it hangs. */
  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).spread(false)
        .refreshBatch(remote).onDelete(remote).batchSize(ITEMS).refreshTimeout(TIMEOUT).listener(event -> {
          if (toHang.getAndDecrement() > 0) {
            gate.passStubbornly();
          }
          told.add(Told.of(event));
        });
  }

  @AfterEach
  void letGo() {
    gate.open();
  }

  private static void create(AutoRefresh<String, Integer> cache) {
    IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  private static void awaitRefreshed(AutoRefresh<String, Integer> cache, int times) throws Exception {
    Await.until("all are refreshed " + times + " times", () -> cache.stats().runningJobs() == 0
        && IntStream.range(0, ITEMS).allMatch(i -> cache.get("id-" + i) == times));
  }

  @Test
  void R11_aListenerThatHangs_costsNoItemAnything() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      create(cache);
      gate.awaitArrived(1);
      awaitRefreshed(cache, 1);
      for (int cycle = 2; cycle <= 10; cycle++) {
        ticker.jump(PERIOD);
        awaitRefreshed(cache, cycle);
      }
      cache.deleteDelayed("id-0");
      assertThat(cache.sync()).returns(1L, CycleReport::deletions).returns(ITEMS - 1L, CycleReport::updated);
      assertThat(cache.stats()).returns(0L, Stats::timedOutCalls).returns(0L, Stats::abandonedJobs)
          .returns(0L, Stats::failed).returns(0L, Stats::inFlight);
      assertThat(told).isEmpty();
      assertThat(Invariants.check(cache)).isEmpty();
      int events = ITEMS + ITEMS * 10 + 1 + ITEMS - 1;
      assertThat(cache.stats().waitingEvents()).as("all but the one that hangs").isEqualTo(events - 1);
      gate.open();
      Await.until("all is heard", () -> told.size() == events);
      // The first refresh of one may take effect before the creation of the next.
      assertThat(told.stream().filter(event -> event.kind().equals("created")).toList()).isEqualTo(
          IntStream.range(0, ITEMS).mapToObj(i -> Told.created("id-" + i, 0)).toList());
      assertThat(told.stream().filter(event -> event.id().equals("id-0")).toList()).isEqualTo(
          IntStream.rangeClosed(0, 11).mapToObj(i -> switch (i) {
            case 0 -> Told.created("id-0", 0);
            case 11 -> Told.removed("id-0", 10, RemovalCause.DELETED);
            default -> Told.updated("id-0", i - 1, i);
          }).toList());
    }
  }

  @Test
  void L2_aListenerThatHangs_isInterruptedByACloseAfterItsTimeout() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().closeTimeout(TIMEOUT).listener(event -> gate.passUnchecked())
        .build()) {
      cache.start();
      create(cache);
      gate.awaitArrived(1);
      awaitRefreshed(cache, 1);
      Worker<Void> closer = Worker.<Void>start(() -> {
        cache.close();
        return null;
      }).awaitWaiting();
      ticker.settle().jump(TIMEOUT);
      closer.result();
      gate.awaitInterrupted(1);
      assertThat(gate.arrived()).as("no further event is heard").isOne();
      assertThat(log.entries()).anyMatch(entry -> entry.contains("jobs/listener"))
          .anyMatch(entry -> entry.contains(2 * ITEMS - 1 + " events"));
    }
  }

  @Test
  void L2_aListenerThatIgnoresItsInterruption_doesNotHoldUpAClose() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().closeTimeout(TIMEOUT).build()) {
      cache.start();
      create(cache);
      gate.awaitArrived(1);
      Worker<Void> closer = Worker.<Void>start(() -> {
        cache.close();
        return null;
      }).awaitWaiting();
      ticker.settle().jump(TIMEOUT);
      closer.result();
      gate.awaitInterrupted(1);
      assertThat(log.entries()).anyMatch(entry -> entry.contains("jobs/listener") && entry.contains("passStubbornly"));
      gate.open();
      Await.until("its call has ended", () -> told.size() == 1);
    }
  }

  @Test
  void R11_aCallerOfSyncThatIsInterrupted_leavesAlone_andTheEventsAreHeard() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache);
      Worker<CycleReport> caller = Worker.<CycleReport>start(cache::sync);
      gate.awaitArrived(1);
      awaitRefreshed(cache, 1);
      caller.awaitWaiting();
      caller.interrupt();
      assertThat(caller.failure()).isInstanceOf(InterruptedException.class);
      assertThat(told).isEmpty();
      gate.open();
      Await.until("all is heard", () -> told.size() == 2 * ITEMS);
      assertThat(cache.sync().updated()).isEqualTo(ITEMS);
      assertThat(told).hasSize(3 * ITEMS);
    }
  }
}
