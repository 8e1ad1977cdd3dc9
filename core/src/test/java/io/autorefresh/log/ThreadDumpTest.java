package io.autorefresh.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.ThreadDump;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The names in a thread dump: each job in the scope of its cycle, and each cycle in the scope of its cache. */
@Timeout(60)
class ThreadDumpTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate(ticker);
  private final Set<Boolean> virtual = ConcurrentHashMap.newKeySet();

  private AutoRefreshBuilder<String, Integer> jobs() {
    remote.answers(items -> {
      virtual.add(Thread.currentThread().isVirtual());
      gate.pass();
      return Remote.increments(items);
    });
    remote.releases((id, item) -> {
      virtual.add(Thread.currentThread().isVirtual());
      gate.pass();
    });
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .onDelete(remote).batchSize(1).spread(false).refreshOnCreate(false).refreshTimeout(Duration.ofDays(1));
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  private static ThreadDump.Container scope(ThreadDump dump, String name) {
    return dump.container(name).orElseThrow(() -> new AssertionError("no " + name + " in " + dump.containers("jobs")));
  }

  @Test
  void R_theJobsOfAPeriodicCycleAreInItsScopeAndThatIsInTheScopeOfTheCache() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 3);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(3);
      ThreadDump dump = ThreadDump.take();
      ThreadDump.Container whole = scope(dump, "jobs");
      ThreadDump.Container cycle = scope(dump, "jobs/cycle-1");
      assertThat(cycle.parent()).isEqualTo("jobs");
      assertThat(cycle.owner()).as("a cycle is a task of the cache's scope").isIn(whole.threads());
      assertThat(cycle.threads())
          .containsExactlyInAnyOrder("jobs/cycle-1/batch-1", "jobs/cycle-1/batch-2", "jobs/cycle-1/batch-3");
      assertThat(whole.threads()).isNotEmpty().allMatch(name -> name.startsWith("jobs/"));
      assertThat(whole.owner()).isEqualTo("jobs");
      assertThat(cycle.owner()).isEqualTo("jobs/cycle-1");
      assertThat(virtual).containsExactly(true);
      gate.open();
    }
  }

  @Test
  void R_aCycleOnAnotherStillRunningHasAScopeOfItsOwn() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 1);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      cache.getOrCreate("late", 0);
      ticker.jump(PERIOD);
      gate.awaitArrived(2);
      ThreadDump dump = ThreadDump.take();
      assertThat(scope(dump, "jobs/cycle-1").threads()).containsExactly("jobs/cycle-1/batch-1");
      assertThat(scope(dump, "jobs/cycle-2").threads()).containsExactly("jobs/cycle-2/batch-1");
      assertThat(scope(dump, "jobs/cycle-2").parent()).isEqualTo("jobs");
      gate.open();
    }
  }

  @Test
  void D3_deletionsRunInTheScopeOfTheCycle() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 2);
      cache.deleteDelayed("id-0");
      cache.deleteDelayed("id-1");
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(2);
      assertThat(scope(ThreadDump.take(), "jobs/cycle-1").threads())
          .containsExactlyInAnyOrder("jobs/cycle-1/delete-1", "jobs/cycle-1/delete-2");
      assertThat(virtual).containsExactly(true);
      gate.open();
    }
  }

  @Test
  void R_firstRefreshesAreInTheScopeOfTheOpenCycle() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(true).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      ThreadDump dump = ThreadDump.take();
      assertThat(scope(dump, "jobs/cycle-0").threads()).containsExactly("jobs/cycle-0/batch-1");
      assertThat(scope(dump, "jobs/cycle-0").parent()).isEqualTo("jobs");
      ticker.jump(PERIOD);
      Await.until("the first cycle is open", () -> ThreadDump.take().container("jobs/cycle-1").isPresent());
      cache.getOrCreate("late", 0);
      gate.awaitArrived(2);
      assertThat(scope(ThreadDump.take(), "jobs/cycle-1").threads()).containsExactly("jobs/cycle-1/batch-1");
      gate.open();
    }
  }

  @Test
  void R_theListenerIsATaskOfTheCachesScope() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> gate.passUnchecked()).build()) {
      create(cache, 1);
      cache.start();
      gate.awaitArrived(1);
      assertThat(scope(ThreadDump.take(), "jobs").threads()).contains("jobs/listener");
      gate.open();
    }
  }

  @Test
  void R_aThreadOfTheLibraryOwnsTheScopeOfASync() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 2);
      Worker<CycleReport> cycle = Worker.start(() -> cache.sync());
      gate.awaitArrived(2);
      ThreadDump.Container scope = scope(ThreadDump.take(), "jobs/cycle-1");
      assertThat(scope.owner()).isEqualTo("jobs/cycle-1");
      assertThat(scope.threads()).containsExactlyInAnyOrder("jobs/cycle-1/batch-1", "jobs/cycle-1/batch-2");
      gate.open();
      assertThat(cycle.result().number()).isOne();
    }
  }

  @Test
  void R_aSyncBesideABackgroundHasAScopeInTheOneOfTheCache() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 1);
      cache.start();
      Worker<CycleReport> cycle = Worker.start(() -> cache.sync());
      gate.awaitArrived(1);
      ThreadDump.Container scope = scope(ThreadDump.take(), "jobs/cycle-1");
      assertThat(scope.parent()).isEqualTo("jobs");
      assertThat(scope.owner()).isEqualTo("jobs/cycle-1");
      assertThat(scope.threads()).containsExactly("jobs/cycle-1/batch-1");
      gate.open();
      cycle.result();
    }
  }

  @Test
  void L2_deletionsAtTheCloseAreInAScopeOfTheirOwn() throws Exception {
    AutoRefresh<String, Integer> cache = jobs().build();
    create(cache, 2);
    cache.deleteDelayed("id-0");
    cache.deleteDelayed("id-1");
    Worker<Void> closer = Worker.start(cache::close);
    gate.awaitArrived(2);
    ThreadDump.Container scope = scope(ThreadDump.take(), "jobs/close");
    assertThat(scope.owner()).isEqualTo("jobs/close");
    assertThat(scope.threads()).containsExactlyInAnyOrder("jobs/close/delete-1", "jobs/close/delete-2");
    assertThat(virtual).containsExactly(true);
    gate.open();
    closer.result();
  }

  @Test
  void R_aCycleThatHasEndedAndACacheThatIsClosedLeaveNothing() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().name("leaver").refreshOnCreate(true)
        .listener(event -> {}).build()) {
      create(cache, 20);
      gate.open();
      cache.start();
      for (int cycle = 1; cycle <= 3; cycle++) {
        cache.sync();
        ticker.jump(PERIOD);
        int expected = 2 * cycle;
        Await.until("the cycles have ended", () -> cache.stats().cycles() >= expected);
      }
      Await.until("no cycle is left except the open one", () -> ThreadDump.take().containers("leaver").size() == 2);
      cache.close();
      Await.until("no thread is left",
          () -> ThreadDump.take().threads().stream().noneMatch(name -> name.startsWith("leaver")));
      assertThat(ThreadDump.take().containers("leaver")).isEmpty();
    }
  }
}
