package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.ThreadDump;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R8: the bounds on jobs at once, on calls by time, and on memory. */
@Timeout(60)
class LimitsTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration STEP = Duration.ofMillis(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .onDelete(remote).batchSize(1).spread(false).refreshTimeout(Duration.ofDays(100));
  }

  private static void create(AutoRefresh<String, Integer> cache, String prefix, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate(prefix + i, 0));
  }

  private void stopAt(Gate gate) {
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    remote.releases((id, item) -> gate.pass());
  }

  /** Fails if there is any span of time with more calls than the rate allows, by more than one step of the ticker. */
  private static void isWithin(double rate, double burst, List<Remote.Call> calls) {
    double[] at = calls.stream().mapToDouble(call -> call.at().toNanos() / 1e9).sorted().toArray();
    double step = STEP.toNanos() / 1e9;
    for (int from = 0; from < at.length; from++) {
      for (int to = from; to < at.length; to++) {
        assertThat(to - from + 1).as("calls from %s s to %s s", at[from], at[to])
            .isLessThanOrEqualTo((int) (burst + rate * (at[to] - at[from] + step) + 1e-6));
      }
    }
  }

  @Test
  void R8_neverMoreThanMaxConcurrencyJobsWhateverTheyAre() throws Exception {
    Gate gate = new Gate(ticker);
    stopAt(gate);
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(3).build()) {
      create(cache, "early-", 5);
      cache.start();
      gate.awaitArrived(3);
      create(cache, "late-", 5);
      cache.deleteDelayed("late-0");
      cache.deleteDelayed("late-1");
      Worker<CycleReport> beside = Worker.start(cache::sync);
      ticker.jump(PERIOD).settle().jump(PERIOD).settle();
      assertThat(gate.arrived()).isEqualTo(3);
      assertThat(cache.stats().runningJobs()).isEqualTo(3);
      gate.open();
      beside.result();
      Await.until("everything is done", () -> cache.size() == 8 && remote.deletions().size() == 2
          && IntStream.range(0, 5).allMatch(i -> cache.get("early-" + i) > 0)
          && IntStream.range(2, 5).allMatch(i -> cache.get("late-" + i) > 0));
    }
  }

  @Test
  void R8_ofScarceSlotsNewItemsGetMostAndPeriodicWorkTheRest() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(1).build()) {
      create(cache, "old-", 40);
      cache.start();
      Await.until("the first refreshes are done", () -> cache.stats().updated() == 40);
      Await.until("nothing runs", () -> cache.stats().runningJobs() == 0);
      Gate gate = new Gate(ticker);
      stopAt(gate);
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      create(cache, "new-", 30);
      Await.until("all others wait", () -> cache.stats().neverRefreshed() == 30 && cache.stats().backlog() > 39);
      ticker.settle();
      remote.forget();
      gate.open();
      Await.until("all are refreshed", () -> remote.calls().size() == 39 + 30);
      List<String> order = remote.calls().stream().map(call -> call.ids().iterator().next()).toList();
      assertThat(order.subList(0, 12)).filteredOn(id -> id.startsWith("new-")).hasSizeBetween(8, 10);
      assertThat(order.subList(0, 36)).filteredOn(id -> id.startsWith("old-")).hasSizeBetween(6, 12);
    }
  }

  @Test
  void R8_neverMoreThanMaxConcurrencyJobsInTheThickOfIt() throws Exception {
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    Runnable job = () -> {
      most.accumulateAndGet(running.incrementAndGet(), Math::max);
      Thread.yield();
      running.decrementAndGet();
    };
    remote.answers(items -> {
      job.run();
      return Remote.increments(items);
    });
    remote.releases((id, item) -> job.run());
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().name("jobs").spread(false)
        .refreshEvery(Duration.ofMillis(1)).refreshBatch(remote).onDelete(remote).batchSize(2).maxConcurrency(3)
        .build()) {
      cache.start();
      List<Worker<Void>> callers = Worker.startTogether(4, caller -> {
        for (int i = 0; !stop.get(); i++) {
          cache.getOrCreate("id-" + caller + "-" + i % 10, 0);
          cache.deleteDelayed("id-" + caller + "-" + (i + 5) % 10);
          if (caller % 2 == 0) {
            cache.sync();
          } else {
            Thread.yield();
          }
        }
        return null;
      });
      try {
        Await.until("there were many calls",
            () -> cache.stats().refreshCalls() > 3_000 && cache.stats().deleteCalls() > 300);
      } finally {
        stop.set(true);
      }
      for (Worker<Void> caller : callers) {
        caller.result();
      }
      assertThat(most).hasValueBetween(2, 3);
    }
  }

  @Test
  void R8_neverMoreThanMaxCallsPerSecondWhateverTheyAre() throws Exception {
    int rate = 20;
    try (AutoRefresh<String, Integer> cache = jobs().refreshEvery(Duration.ofSeconds(2)).maxCallsPerSecond(rate)
        .closeTimeout(Duration.ZERO).build()) {
      create(cache, "old-", 60);
      cache.start();
      for (int second = 0; second < 5; second++) {
        create(cache, "new-" + second + "-", 3);
        cache.deleteDelayed("old-" + second);
        ticker.advance(Duration.ofSeconds(1));
      }
      isWithin(rate, 1, remote.calls());
      assertThat(remote.calls()).as("the rate is used").hasSizeBetween(90, 101);
      assertThat(remote.deletions()).hasSizeGreaterThanOrEqualTo(2);
      assertThat(IntStream.range(0, 4)).allMatch(i -> cache.get("new-" + i + "-0") > 0);
    }
  }

  @Test
  void R8_burstsAreBoundedByFiftyMillisecondsWorthOfCalls() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(100).build()) {
      create(cache, "id-", 100);
      cache.start();
      for (int moment = 1; moment <= 3; moment++) {
        int expected = moment * 5;
        Await.until("a burst was let through", () -> remote.calls().size() >= expected);
        ticker.settle();
        assertThat(remote.calls()).hasSize(expected);
        ticker.jump(moment < 3 ? Duration.ofSeconds(4) : Duration.ZERO);
      }
      ticker.jump(Duration.ofMillis(10));
      Await.until("the next call begins in its time", () -> remote.calls().size() == 16);
    }
  }

  /** New items, retries, items that the remote wants to be asked for again at once, and deletions. */
  @Test
  void R8_whatBecomesDueInTheCourseOfACycleObeysTheRateToo() throws Exception {
    int rate = 20;
    Duration backoff = Duration.ofMillis(50);
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(rate).backoff(backoff, backoff)
        .closeTimeout(Duration.ZERO).build()) {
      remote.answers(items -> Remote.all(items, items.keySet().iterator().next().startsWith("bad")
          ? Outcome.failed(new IOException("of the test")) : Outcome.<Integer>unchanged().nextIn(Duration.ZERO)));
      create(cache, "bad-", 20);
      create(cache, "soon-", 20);
      cache.start();
      for (int part = 0; part < 6; part++) {
        ticker.advance(Duration.ofSeconds(1));
        cache.deleteDelayed("bad-" + part);
        cache.getOrCreate("new-" + part, 0);
      }
      isWithin(rate, 1, remote.calls());
      assertThat(remote.calls()).as("the rate is used").hasSizeBetween(6 * rate - 6, 6 * rate + 1);
    }
  }

  @Test
  void R8_aSyncObeysTheRateToo() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(10).build()) {
      create(cache, "id-", 5);
      cache.deleteDelayed("id-0");
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      for (int calls = 1; calls <= 5; calls++) {
        int expected = calls;
        Await.until("call " + calls + " has begun", () -> remote.calls().size() >= expected);
        ticker.settle().jump(Duration.ofMillis(99)).settle();
        assertThat(remote.calls()).hasSize(expected);
        ticker.jump(Duration.ofMillis(1));
      }
      assertThat(cycle.result()).returns(4L, CycleReport::updated).returns(1L, CycleReport::deletions);
    }
  }

  @Test
  void R8_aRateMayBeAFraction() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(0.5).build()) {
      create(cache, "id-", 3);
      cache.start();
      for (int calls = 1; calls <= 3; calls++) {
        int expected = calls;
        Await.until("call " + calls + " has begun", () -> remote.calls().size() >= expected);
        ticker.jump(Duration.ofMillis(1_999)).settle();
        assertThat(remote.calls()).hasSize(expected);
        ticker.jump(Duration.ofMillis(1));
      }
    }
  }

  @Test
  void R8_whatIsInFlightStillWhenItsTurnComesCostsNoCall() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      if (!items.containsKey("quick-0")) {
        gate.pass();
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(1).refreshOnCreate(false).build()) {
      create(cache, "slow-", 3);
      create(cache, "quick-", 1);
      cache.start();
      ticker.jump(PERIOD);
      Duration second = Duration.ofSeconds(1);
      for (int calls = 1; calls <= 4; calls++) {
        int begun = calls;
        Await.until("one more call has begun", () -> remote.calls().size() == begun);
        ticker.settle().jump(second);
      }
      Await.until("the slow ones run", () -> cache.stats().runningJobs() == 3);
      remote.forget();
      ticker.jump(PERIOD.minus(second.multipliedBy(4)));
      Await.until("the quick one is refreshed at once", () -> remote.calls().size() == 1);
      assertThat(remote.calls().getFirst().ids()).containsExactly("quick-0");
      gate.open();
    }
  }

  @ParameterizedTest(name = "new items: {0}")
  @ValueSource(booleans = {true, false})
  void R8_whatIsMarkedWhenItsTurnComesCostsNoCall(boolean fresh) throws Exception {
    Duration day = Duration.ofDays(1);
    try (AutoRefresh<String, Integer> cache =
        jobs().maxCallsPerSecond(1).refreshOnCreate(fresh).refreshEvery(day).closeTimeout(Duration.ZERO).build()) {
      create(cache, "gone-", 20);
      create(cache, "kept-", 3);
      cache.start();
      ticker.jump(fresh ? Duration.ZERO : day);
      Await.until("the first call", () -> remote.calls().size() == 1);
      IntStream.range(0, 20).forEach(i -> cache.deleteDelayed("gone-" + i));
      for (int calls = 2; IntStream.range(0, 3).anyMatch(i -> remote.refreshes("kept-" + i) == 0); calls++) {
        int begun = calls;
        ticker.settle().jump(Duration.ofSeconds(1));
        Await.until("call " + calls + " of one that is kept", () -> remote.calls().size() == begun);
        assertThat(remote.calls().getLast().ids()).allMatch(id -> id.startsWith("kept-"));
      }
    }
  }

  @Test
  void R8_memoryDoesNotGrowWithTheBacklog() throws Exception {
    Gate gate = new Gate(ticker);
    stopAt(gate);
    int items = 20_000;
    try (LogCapture log = LogCapture.open();
        AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(false).maxConcurrency(2).build()) {
      create(cache, "id-", items);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(2);
      Await.until("the rest waits", () -> cache.stats().backlog() == items - 2);
      for (int missed = 1; missed <= 20; missed++) {
        ticker.jump(PERIOD);
        int expected = missed;
        Await.until("the overrun is counted", () -> cache.stats().overruns() == expected);
        Await.until("all wait, those in flight for their next turn", () -> cache.stats().backlog() == items);
      }
      assertThat(ThreadDump.take().threads()).as("no thread waits for its turn")
          .filteredOn(thread -> thread.startsWith("jobs")).hasSizeLessThan(10);
      gate.open();
      Await.until("all wait no longer", () -> cache.stats().backlog() == 0 && cache.stats().runningJobs() == 0);
      ticker.settle();
      assertThat(cache.stats().refreshCalls()).as("all once, and twice those that were in flight")
          .isEqualTo(items + 2L);
    }
  }
}
