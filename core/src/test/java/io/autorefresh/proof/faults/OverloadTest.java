package io.autorefresh.proof.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Stats;
import io.autorefresh.internal.items.Invariants;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.ThreadDump;
import io.autorefresh.kit.Worker;
import io.autorefresh.proof.Proof;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** More work than there is room for, and a remote that is away altogether. */
@Proof
@Tag("faults")
@Timeout(60)
class OverloadTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(100);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .refreshTimeout(Duration.ofDays(1)).spread(false);
  }

  private static void create(AutoRefresh<String, Integer> cache, String prefix, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate(prefix + i, 0));
  }

  @Test
  void C4_aHerdOf100000NewItems_isRefreshedOnceEach_withinTheLimits() throws Exception {
    int items = 100_000;
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    remote.answers(batch -> {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      Thread.yield();
      running.decrementAndGet();
      return Remote.increments(batch);
    });
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(8).build()) {
      cache.start();
      Worker.together(4, caller -> {
        create(cache, caller + "-", items / 4);
        return null;
      });
      Await.until("each is refreshed", () -> cache.stats().updated() == items);
      Await.until("nothing runs", () -> cache.stats().runningJobs() == 0 && cache.stats().inFlight() == 0);
      for (int caller = 0; caller < 4; caller++) {
        int prefix = caller;
        assertThat(IntStream.range(0, items / 4)).allMatch(i -> cache.get(prefix + "-" + i) == 1);
      }
      assertThat(most).hasValueLessThanOrEqualTo(8);
      assertThat(cache.stats().refreshCalls()).as("coalesced").isLessThan(items / 4);
      assertThat(Invariants.check(cache)).isEmpty();
    }
  }

  @Test
  void C4_aStormOfCreations_goesFirst_andStarvesNoOldItem() throws Exception {
    int rate = 20;
    int old = 40;
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxCallsPerSecond(rate).build()) {
      create(cache, "old-", old);
      cache.start();
      ticker.advance(Duration.ofSeconds(3));
      for (int second = 0; second < 10; second++) {
        create(cache, "new-" + second + "-", rate);
        ticker.advance(Duration.ofSeconds(1));
      }
      create(cache, "during-", 10);
      remote.forget();
      for (int second = 10; second < 16; second++) {
        create(cache, "new-" + second + "-", rate);
        ticker.advance(Duration.ofSeconds(1));
      }
      long olds = remote.refreshes().stream().filter(call -> call.items().values().iterator().next() > 0).count();
      assertThat(remote.refreshes()).as("the rate holds").hasSizeLessThanOrEqualTo(6 * rate + 1);
      assertThat(olds).as("refreshes that are not the first of their item: every fourth turn")
          .isBetween(remote.refreshes().size() / 5L, remote.refreshes().size() / 3L);
      assertThat(IntStream.range(0, 10)).as("in the order of their coming").allMatch(i -> cache.get("during-" + i) > 0);
    }
  }

  @Test
  void R8_anOverloadThatLasts_isFlatInMemoryAndThreads() throws Exception {
    int room = 2_000;
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(2).maximumSize(room)
        .onDelete((id, item) -> gate.pass()).build()) {
      cache.start();
      List<Long> heap = new ArrayList<>();
      for (int wave = 0; wave < 20; wave++) {
        create(cache, wave + "-", room);
        int number = wave;
        IntStream.range(0, room / 10).forEach(i -> cache.deleteDelayed(number + "-" + i));
        ticker.jump(PERIOD).settle();
        Stats stats = cache.stats();
        assertThat(stats.size()).isEqualTo(room);
        assertThat(stats.runningJobs()).isLessThanOrEqualTo(2);
        assertThat(ThreadDump.take().threads()).filteredOn(name -> name.startsWith("jobs")).hasSizeLessThan(10);
        System.gc();
        heap.add(Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
      }
      assertThat(heap.getLast()).as("the heap, after waves of %s", heap).isLessThan(heap.get(4) + (4 << 20));
      gate.open();
      Await.until("it recovers", () -> {
        ticker.jump(PERIOD).settle();
        Stats stats = cache.stats();
        return stats.inFlight() == 0 && stats.neverRefreshed() == 0 && stats.pendingDeletion() == 0;
      });
      Await.until("the map is sound", () -> Invariants.check(cache).isEmpty());
    }
  }

  @Test
  void R8_anOutageAndItsEnd_bringNoBurst() throws Exception {
    int rate = 10;
    int items = 60;
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxCallsPerSecond(rate).spread(true)
        .refreshOnCreate(false).build()) {
      create(cache, "id-", items);
      cache.start();
      ticker.advance(PERIOD.dividedBy(2));
      remote.answers(batch -> {
        throw new IllegalStateException("away");
      });
      ticker.advance(PERIOD.multipliedBy(3));
      remote.answers(Remote::increments);
      ticker.advance(PERIOD.multipliedBy(2));
      assertThat(IntStream.range(0, items)).as("back to normal").allMatch(i -> cache.get("id-" + i) > 0);
      List<Remote.Call> calls = remote.calls();
      for (int from = 0; from + rate + 1 < calls.size(); from++) {
        assertThat(calls.get(from + rate + 1).at().minus(calls.get(from).at()))
            .as("the time of %s calls", rate + 2).isGreaterThanOrEqualTo(Duration.ofSeconds(1).minus(STEP));
      }
    }
  }
}
