package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemEvent;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R7: a job that is longer than the time-out. */
@Timeout(60)
class TimeoutTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final Duration INSTANT = Duration.ofNanos(1);
  private static final Duration BACKOFF = Duration.ofMillis(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<ItemEvent<String, Integer>> events = new ConcurrentLinkedQueue<>();
  /** Where the refreshes of an id stop; those of an id without a gate return at once. */
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .batchSize(1).spread(false).refreshTimeout(TIMEOUT).backoff(BACKOFF, BACKOFF)
        .listener(events::add);
  }

  private Gate gate(String id) {
    Gate gate = new Gate(ticker);
    gates.put(id, gate);
    return gate;
  }

  private void stubborn() {
    remote.answers(items -> {
      Gate gate = gates.get(items.keySet().iterator().next());
      if (gate != null) {
        gate.passStubbornly();
      }
      return Remote.increments(items);
    });
  }

  private void interruptible() {
    remote.answers(items -> {
      Gate gate = gates.get(items.keySet().iterator().next());
      if (gate != null) {
        gate.pass();
      }
      return Remote.increments(items);
    });
  }

  @Test
  void R7_aLongJobIsInterruptedAndItsItemsFail() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(10).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      gate.awaitArrived(1);
      ticker.jump(TIMEOUT.minus(INSTANT)).settle();
      assertThat(cache.inspect("a").orElseThrow()).as("not before its time")
          .returns(true, ItemState::inFlight).returns(0, ItemState::failures);
      ticker.jump(INSTANT);
      gate.awaitInterrupted(1);
      CycleReport report = cycle.result();

      assertThat(report).returns(2L, CycleReport::failed).returns(2L, CycleReport::timedOut)
          .returns(0L, CycleReport::staleOutcomes).returns(2L, CycleReport::items);
      for (String id : new String[] {"a", "b"}) {
        assertThat(cache.get(id)).isZero();
        assertThat(cache.inspect(id).orElseThrow().lastFailure().orElseThrow().type())
          .isEqualTo(TimeoutException.class.getName());
        assertThat(cache.inspect(id).orElseThrow()).returns(1, ItemState::failures).returns(false, ItemState::inFlight);
      }
      assertThat(events).filteredOn(ItemEvent.RefreshFailed.class::isInstance).hasSize(2)
          .allMatch(event -> event instanceof ItemEvent.RefreshFailed<String, Integer> failed
              && failed.cause() instanceof TimeoutException && failed.failures() == 1);
      assertThat(cache.stats()).returns(1L, Stats::timedOutCalls).returns(2L, Stats::failed)
          .returns(0L, Stats::abandonedJobs).returns(0L, Stats::runningJobs);
    }
  }

  @Test
  void R7_theTimeOutIsOfTheJobAndNotOfTheCycle() throws Exception {
    interruptible();
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(1).build()) {
      Gate a = gate("a");
      Gate b = gate("b");
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      Await.until("one waits", () -> a.arrived() + b.arrived() == 1);
      Gate first = a.arrived() == 1 ? a : b;
      Gate second = first == a ? b : a;
      ticker.jump(TIMEOUT.minus(INSTANT)).settle();
      first.open();
      second.awaitArrived(1);
      ticker.jump(TIMEOUT.minus(INSTANT)).settle();
      second.open();
      assertThat(cycle.result()).returns(2L, CycleReport::updated).returns(0L, CycleReport::timedOut);
    }
  }

  @Test
  void R7_aJobThatIgnoresItsInterruptionGivesItsSlotBackAllTheSame() throws Exception {
    stubborn();
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).build()) {
      cache.start();
      Gate stuck = gate("stuck");
      cache.getOrCreate("stuck", 0);
      stuck.awaitArrived(1);
      ticker.jump(TIMEOUT);
      Await.until("its item has failed at once", () -> cache.inspect("stuck").orElseThrow().failures() == 1);
      Await.until("it is abandoned", () -> cache.stats().abandonedJobs() == 1);
      Await.until("its slot is given back", () -> cache.stats().runningJobs() == 0);
      assertThat(cache.inspect("stuck").orElseThrow()).as("its call still runs, and a probe is due")
          .returns(true, ItemState::inFlight).returns(PERIOD, ItemState::dueIn)
          .returns(ItemState.Due.BACKING_OFF, ItemState::due);
      assertThat(cache.stats().timedOutCalls()).isOne();

      Gate b = gate("b");
      Gate c = gate("c");
      cache.getOrCreate("b", 0);
      cache.getOrCreate("c", 0);
      b.awaitArrived(1);
      c.awaitArrived(1);
      assertThat(cache.stats()).returns(2L, Stats::runningJobs).returns(1L, Stats::abandonedJobs);
      b.open();
      c.open();
      Await.until("both are refreshed", () -> cache.get("b") == 1 && cache.get("c") == 1);
      stuck.open();
      Await.until("the abandoned job has ended", () -> cache.stats().abandonedJobs() == 0);
      assertThat(cache.get("stuck")).as("its late result is discarded").isZero();
      assertThat(events.stream().filter(event -> event.id().equals("stuck"))).as("created and failed").hasSize(2);
    }
  }

  @Test
  void R7_aLateResultDoesNotTouchALaterGeneration() throws Exception {
    Gate stuck = new Gate(ticker);
    Gate later = new Gate(ticker);
    remote.answers(items -> {
      if (stuck.arrived() == 0) {
        stuck.passStubbornly();
        return Map.of("a", Outcome.updated(-1));
      }
      later.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      Worker<CycleReport> first = Worker.start(cache::sync);
      stuck.awaitArrived(1);
      ticker.jump(TIMEOUT);
      assertThat(first.result()).as("it does not wait for an abandoned job")
          .returns(1L, CycleReport::failed).returns(1L, CycleReport::items);
      assertThat(cache.stats().abandonedJobs()).isOne();
      cache.deleteDelayed("a");
      assertThat(cache.sync().deletions()).isOne();
      cache.getOrCreate("a", 10);
      Worker<CycleReport> second = Worker.start(cache::sync);
      later.awaitArrived(1);
      stuck.open();
      Await.until("the abandoned job has ended", () -> cache.stats().abandonedJobs() == 0);
      assertThat(cache.get("a")).isEqualTo(10);
      assertThat(cache.inspect("a").orElseThrow().inFlight()).as("the later one still runs").isTrue();
      later.open();
      assertThat(second.result().updated()).isOne();
      assertThat(cache.get("a")).isEqualTo(11);
    }
  }

  @Test
  void R7_anotherJobThatRunsIsNotHarmed() throws Exception {
    interruptible();
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      Gate old = gate("old");
      Gate young = gate("young");
      cache.start();
      cache.getOrCreate("old", 0);
      old.awaitArrived(1);
      ticker.jump(TIMEOUT.dividedBy(2));
      cache.getOrCreate("young", 0);
      young.awaitArrived(1);
      ticker.jump(TIMEOUT.minus(TIMEOUT.dividedBy(2)));
      Await.until("the older one has failed", () -> cache.inspect("old").orElseThrow().failures() == 1);
      assertThat(cache.inspect("young").orElseThrow().inFlight()).isTrue();
      young.open();
      Await.until("the younger one has not", () -> cache.get("young") == 1);
      assertThat(cache.stats().timedOutCalls()).isOne();
    }
  }

  @Test
  void R7_anOnDeleteHasTheSameTimeOut() throws Exception {
    Gate gate = new Gate(ticker);
    remote.releases((id, item) -> gate.pass());
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      gate.awaitArrived(1);
      ticker.jump(TIMEOUT);
      gate.awaitInterrupted(1);
      assertThat(cycle.result()).returns(0L, CycleReport::deletions).returns(1L, CycleReport::deletionFailures);
      assertThat(cache.get("a")).isZero();
      assertThat(cache.inspect("a").orElseThrow()).returns(true, ItemState::marked).returns(1, ItemState::failures);
      assertThat(cache.inspect("a").orElseThrow().lastFailure().orElseThrow().type())
          .isEqualTo(TimeoutException.class.getName());
      assertThat(cache.stats()).returns(1L, Stats::timedOutCalls).returns(1L, Stats::deletionFailures);
      gate.open();
      ticker.jump(BACKOFF);
      assertThat(cache.sync().deletions()).as("it is tried again").isOne();
    }
  }

  @Test
  void R7_anAbandonedOnDeleteIsNotCalledAgainWhileItsCallRuns_andIsAfterThat() throws Exception {
    Gate stuck = new Gate(ticker);
    remote.releases((id, item) -> {
      if (stuck.arrived() == 0) {
        stuck.passStubbornly();
      }
    });
    try (AutoRefresh<String, Integer> cache = jobs().onDelete(remote).build()) {
      cache.getOrCreate("a", 0);
      cache.deleteDelayed("a");
      Worker<CycleReport> first = Worker.start(cache::sync);
      stuck.awaitArrived(1);
      ticker.jump(TIMEOUT);
      assertThat(first.result()).returns(0L, CycleReport::deletions).returns(1L, CycleReport::deletionFailures);
      ticker.jump(PERIOD);
      assertThat(cache.sync().deletions()).as("its call still runs").isZero();
      assertThat(remote.deletions()).hasSize(1);
      stuck.open();
      Await.until("the abandoned job has ended", () -> cache.stats().abandonedJobs() == 0);
      assertThat(cache.get("a")).as("its late success is discarded").isZero();
      assertThat(cache.sync().deletions()).as("it is tried again").isOne();
      assertThat(events.stream().filter(ItemEvent.Removed.class::isInstance)).hasSize(1);
    }
  }

  @Test
  void R7_aResultInTheMomentOfTheTimeOutCountsOnce() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      for (int round = 0; round < 200; round++) {
        Gate gate = new Gate(ticker);
        remote.answers(items -> {
          gate.passStubbornly();
          return Remote.increments(items);
        });
        String id = "id-" + round;
        cache.getOrCreate(id, 0);
        Worker<CycleReport> cycle = Worker.start(cache::sync);
        gate.awaitArrived(1);
        Worker.together(2, racer -> {
          if (racer == 0) {
            ticker.jump(TIMEOUT);
          } else {
            gate.open();
          }
          return null;
        });
        CycleReport report = cycle.result();
        assertThat(report.updated() + report.failed()).isOne();
        assertThat(report.timedOut()).isEqualTo(report.failed());
        assertThat(report.staleOutcomes()).isZero();
        assertThat(cache.get(id)).isEqualTo((int) report.updated());
        assertThat(cache.inspect(id).orElseThrow().failures()).isEqualTo((int) report.failed());
        assertThat(events.stream().filter(event -> event.id().equals(id))).as("created, failed or updated").hasSize(2);
        cache.deleteDelayed(id);
        cache.sync();
        events.clear();
      }
      assertThat(cache.stats()).returns(0L, Stats::runningJobs).returns(0L, Stats::abandonedJobs)
          .returns(0L, Stats::inFlight);
    }
  }
}
