package io.autorefresh.proof.time;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.proof.Proof;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A ticker that jumps forward by an hour: a laptop that was shut, a virtual machine that was moved, a long pause. */
@Proof
@Tag("time")
@Timeout(60)
class JumpTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration JUMP = Duration.ofHours(1);
  private static final Duration INSTANT = Duration.ofNanos(1);
  private static final Duration DAYS = Duration.ofDays(100);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .onDelete(remote).batchSize(1).spread(false).refreshOnCreate(false).refreshTimeout(DAYS);
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  private void stopAt(Gate gate) {
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
  }

  private List<Long> refreshes(int items) {
    return IntStream.range(0, items).mapToObj(i -> remote.refreshes("id-" + i)).distinct().toList();
  }

  @Test
  void R10_oneCycleFollowsAJump_andTheTicksGoOnAsBefore() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 20);
      cache.start();
      ticker.jump(JUMP.plus(PERIOD.dividedBy(2)));
      Await.until("a cycle has ended", () -> cache.stats().cycles() == 1);
      ticker.settle();
      assertThat(refreshes(20)).containsExactly(1L);
      ticker.jump(PERIOD.dividedBy(2).minus(INSTANT)).settle();
      assertThat(cache.stats().cycles()).as("not before the next multiple of the period").isOne();
      ticker.jump(INSTANT);
      Await.until("the next cycle has ended", () -> cache.stats().cycles() == 2);
      ticker.settle();
      assertThat(refreshes(20)).containsExactly(2L);
      assertThat(cache.stats().overruns()).as("what was missed is no overrun").isZero();
    }
  }

  @Test
  void R10_aJumpDuringACycle_isFollowedByOneCycleMore() throws Exception {
    Gate gate = new Gate(ticker);
    stopAt(gate);
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(2).build()) {
      create(cache, 20);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(2);
      ticker.jump(JUMP);
      Await.until("the overrun is counted", () -> cache.stats().overruns() == 1);
      Await.until("all wait, those in flight for their next turn", () -> cache.stats().backlog() == 20);
      assertThat(cache.stats()).returns(1L, Stats::overruns).returns(2L, Stats::runningJobs).returns(0L, Stats::failed);
      gate.open();
      Await.until("two cycles have ended", () -> cache.stats().cycles() == 2);
      ticker.settle();
      assertThat(cache.stats()).returns(2L, Stats::cycles).returns(0L, Stats::failed).returns(1L, Stats::overruns);
      assertThat(remote.refreshes()).as("all once, and those in flight once more unless their turn came too early")
          .hasSizeBetween(20, 22);
    }
  }

  @Test
  void R8_afterAJump_neverMoreThanMaxConcurrencyJobs() throws Exception {
    Gate gate = new Gate(ticker);
    stopAt(gate);
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(3).build()) {
      create(cache, 50);
      cache.start();
      cache.deleteDelayed("id-0");
      ticker.jump(JUMP);
      gate.awaitArrived(3);
      for (int jump = 0; jump < 3; jump++) {
        ticker.jump(JUMP).settle();
      }
      assertThat(gate.arrived()).isEqualTo(3);
      assertThat(cache.stats().runningJobs()).isEqualTo(3);
      gate.open();
    }
  }

  @Test
  void R8_afterAJump_theRateIsNotCaughtUp() throws Exception {
    int rate = 20;
    try (AutoRefresh<String, Integer> cache = jobs().maxCallsPerSecond(rate).build()) {
      create(cache, 400);
      cache.start();
      ticker.jump(PERIOD);
      ticker.advance(Duration.ofSeconds(2));
      ticker.jump(JUMP);
      ticker.settle();
      Duration landed = remote.now();
      ticker.advance(Duration.ofSeconds(2));
      assertThat(remote.calls()).filteredOn(call -> call.at().equals(landed)).as("calls at once").hasSizeLessThan(2);
      assertThat(remote.calls()).filteredOn(call -> call.at().compareTo(landed) >= 0).as("calls of two seconds")
          .hasSizeBetween(rate, 2 * rate + 1);
    }
  }

  @Test
  void R9_afterAJump_cyclesAreEvenAgain() throws Exception {
    int items = 20;
    try (AutoRefresh<String, Integer> cache = jobs().spread(true).build()) {
      create(cache, items);
      cache.start();
      ticker.jump(PERIOD);
      ticker.advance(PERIOD.dividedBy(3));
      ticker.jump(JUMP);
      ticker.settle();
      ticker.advance(PERIOD.multipliedBy(2));
      remote.forget();
      ticker.advance(PERIOD);
      assertThat(remote.refreshes()).hasSizeBetween(items - 2, items + 2);
      // The last tenth of a cycle is quiet.
      int quiet = 0;
      for (int second = 0; second < 10; second++) {
        Duration from = remote.now().minus(PERIOD).plusSeconds(second);
        long calls = remote.refreshes().stream()
            .filter(call -> call.at().compareTo(from) > 0 && call.at().compareTo(from.plusSeconds(1)) <= 0).count();
        assertThat(calls).as("calls of second %s", second).isLessThanOrEqualTo(3);
        quiet += calls == 0 ? 1 : 0;
      }
      assertThat(quiet).as("seconds without a call").isLessThanOrEqualTo(1);
    }
  }

  @Test
  void R6_aBackOffThatEndsInAJump_costsOneCall() throws Exception {
    remote.answersAll(Outcome.failed(new IllegalStateException("of the test")));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 20);
      cache.start();
      ticker.jump(PERIOD);
      Await.until("all have failed", () -> cache.stats().failed() == 20);
      ticker.jump(JUMP);
      Await.until("all have failed again", () -> cache.stats().failed() == 40);
      ticker.settle();
      assertThat(refreshes(20)).containsExactly(2L);
      assertThat(cache.inspect("id-0").orElseThrow().failures()).as("time is no failure").isEqualTo(2);
    }
  }

  @Test
  void R6_aRetryAfterBeyondAJump_isHonouredToTheLetter() throws Exception {
    remote.answersAll(Outcome.failed(new RetryAfterException(JUMP.plus(PERIOD.multipliedBy(2)))));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 5);
      cache.start();
      ticker.jump(PERIOD);
      Await.until("all have failed", () -> cache.stats().failed() == 5);
      ticker.jump(JUMP).settle().jump(PERIOD.multipliedBy(2).minus(INSTANT)).settle();
      assertThat(refreshes(5)).containsExactly(1L);
      assertThat(cache.inspect("id-0").orElseThrow().due()).isEqualTo(ItemState.Due.RETRY_AFTER);
      ticker.jump(INSTANT);
      Await.until("they are tried again", () -> cache.stats().failed() == 10);
    }
  }

  @Test
  void R7_callsInFlightTimeOutAtAJump_onceEach_andTheirItemsComeBack() throws Exception {
    Gate gate = new Gate(ticker);
    stopAt(gate);
    try (AutoRefresh<String, Integer> cache = jobs().refreshTimeout(Duration.ofSeconds(30)).maxConcurrency(4).build()) {
      create(cache, 4);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(4);
      ticker.jump(JUMP);
      gate.awaitInterrupted(4);
      Await.until("they have failed", () -> cache.stats().failed() == 4);
      Await.until("none is in flight any more, as its callback has ended", () -> cache.stats().inFlight() == 0
          && cache.stats().runningJobs() == 0 && cache.stats().abandonedJobs() == 0);
      assertThat(cache.inspect("id-0").orElseThrow().lastFailure().orElseThrow().type())
          .isEqualTo(TimeoutException.class.getName());
      assertThat(cache.stats().timedOutCalls()).isEqualTo(4);
      gate.open();
      ticker.jump(JUMP);
      // By the retry, and maybe by the cycle, too.
      Await.until("all are refreshed", () -> IntStream.range(0, 4).allMatch(i -> cache.get("id-" + i) > 0));
      assertThat(cache.stats()).returns(4L, Stats::timedOutCalls).returns(4L, Stats::failed)
          .returns(0L, Stats::abandonedJobs);
    }
  }

  @Test
  void D3_aDeletionThatBacksOff_isTriedOnceAfterAJump() throws Exception {
    remote.releases((id, item) -> {
      throw new IllegalStateException("of the test");
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 3);
      cache.start();
      cache.deleteDelayed("id-0");
      ticker.jump(PERIOD);
      Await.until("it has failed", () -> cache.stats().deletionFailures() == 1);
      ticker.jump(JUMP);
      Await.until("it has failed again", () -> cache.stats().deletionFailures() == 2);
      ticker.settle();
      assertThat(remote.deletions()).hasSize(2);
      remote.releases((id, item) -> {});
      ticker.jump(JUMP);
      Await.until("it is carried out", () -> cache.size() == 2);
    }
  }

  @Test
  void C4_aJumpDuringAStormOfCreations_losesNone() throws Exception {
    Gate gate = new Gate(ticker);
    stopAt(gate);
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(true).batchSize(10).maxConcurrency(2).build()) {
      cache.start();
      create(cache, 500);
      gate.awaitArrived(2);
      ticker.jump(JUMP).settle();
      gate.open();
      Await.until("each is refreshed", () -> IntStream.range(0, 500).allMatch(i -> cache.get("id-" + i) > 0));
      Await.until("nothing is left", () -> cache.stats().neverRefreshed() == 0 && cache.stats().backlog() == 0);
    }
  }

  @Test
  void R1_theAgeTellsOfAJump_andTheEffectivePeriodDoesNot() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      create(cache, 1);
      assertThat(cache.inspect("id-0").orElseThrow().age()).isZero();
      ticker.jump(JUMP);
      assertThat(cache.inspect("id-0").orElseThrow().age()).isEqualTo(JUMP);
      assertThat(cache.freshness().max()).isEqualTo(JUMP);
      cache.start();
      ticker.jump(JUMP);
      Await.until("a cycle has ended", () -> cache.stats().cycles() == 1);
      assertThat(cache.stats().period()).as("it could have kept up").isEqualTo(PERIOD);
      assertThat(cache.inspect("id-0").orElseThrow().age()).isZero();
      assertThat(cache.inspect("id-0").orElseThrow().dueIn()).isEqualTo(PERIOD);
    }
  }

  @Test
  void L2_aJumpOverTheCloseTimeout_endsTheWaitForWhatIgnoresItsInterruption() throws Exception {
    Gate stuck = new Gate(ticker);
    remote.answers(items -> {
      stuck.passStubbornly();
      return Remote.increments(items);
    });
    AutoRefresh<String, Integer> cache = jobs().closeTimeout(Duration.ofMinutes(30)).build();
    create(cache, 1);
    cache.start();
    ticker.jump(PERIOD);
    stuck.awaitArrived(1);
    Worker<Void> closer = Worker.start(cache::close);
    stuck.awaitInterrupted(1);
    ticker.settle();
    assertThat(closer.isDone()).isFalse();
    ticker.jump(JUMP);
    closer.result();
    stuck.open();
    Await.until("nothing runs", () -> cache.stats().runningJobs() == 0 && cache.stats().abandonedJobs() == 0);
  }
}
