package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** R1, R6 and D3 as {@code inspect} tells them beforehand: what is to happen to an item next, why, and when. */
@Timeout(60)
class DueTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration PART = Duration.ofSeconds(3);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .onDelete(remote).spread(false).refreshOnCreate(false).refreshTimeout(Duration.ofDays(1))
        .terminal(item -> item == 100);
  }

  private static void isDue(AutoRefresh<String, Integer> cache, String id, ItemState.Due due, Duration in) {
    assertThat(cache.inspect(id).orElseThrow()).as(id).returns(due, ItemState::due).returns(in, ItemState::dueIn);
  }

  @Test
  void R1_aLiveItemIsDueInTheNextCycleAndATerminalOneNever() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("live", 0);
      cache.getOrCreate("final", 100);
      isDue(cache, "live", ItemState.Due.NEXT_CYCLE, null);
      cache.start();
      ticker.advance(PART);
      isDue(cache, "live", ItemState.Due.NEXT_CYCLE, PERIOD.minus(PART));
      isDue(cache, "final", ItemState.Due.NEVER, null);
      ticker.advance(PERIOD.minus(PART));
      Await.until("the cycle has ended", () -> cache.stats().cycles() == 1);
      isDue(cache, "live", ItemState.Due.NEXT_CYCLE, PERIOD);
    }
  }

  /** One call is made at once, and the others come every second. */
  @Test
  void R1_withSpread_anItemWhoseTurnInTheCycleIsStillToComeIsDueNow() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(true).batchSize(1).build()) {
      IntStream.range(0, 10).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.start();
      ticker.advance(PERIOD);
      for (int turn = 1; turn <= 10; turn++) {
        int refreshed = turn;
        Await.until("turn " + turn + " is over", () -> cache.stats().updated() == refreshed
            && cache.stats().runningJobs() == 0 && cache.stats().backlog() == 10 - refreshed);
        Duration untilNext = PERIOD.multipliedBy(2).minus(remote.now());
        for (int i = 0; i < 10; i++) {
          boolean over = cache.get("id-" + i) == 1;
          isDue(cache, "id-" + i, ItemState.Due.NEXT_CYCLE, over ? untilNext : Duration.ZERO);
        }
        ticker.advance(Duration.ofSeconds(1));
      }
    }
  }

  @Test
  void R1_withoutSpread_anItemThatWaitsForASlotIsDueNow() throws Exception {
    Gate gate = new Gate();
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      cache.start();
      ticker.advance(PERIOD);
      gate.awaitArrived(1);
      ticker.advance(PART);
      isDue(cache, remote.calls().getFirst().ids().contains("a") ? "b" : "a", ItemState.Due.NEXT_CYCLE, Duration.ZERO);
      cache.getOrCreate("c", 0);
      isDue(cache, "c", ItemState.Due.NEXT_CYCLE, PERIOD.minus(PART));
      gate.open();
    }
  }

  @Test
  void R1_anItemInFlightIsDueWhenItsJobEnds() throws Exception {
    Gate gate = new Gate();
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      ticker.advance(PERIOD);
      gate.awaitArrived(1);
      isDue(cache, "a", ItemState.Due.IN_FLIGHT, null);
      gate.open();
    }
  }

  @Test
  void R8_aNewItemIsDueAsSoonAsThereIsASlot() throws Exception {
    Gate gate = new Gate();
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(true).maxConcurrency(1).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      gate.awaitArrived(1);
      cache.getOrCreate("b", 0);
      isDue(cache, "b", ItemState.Due.FIRST_REFRESH, Duration.ZERO);
      gate.open();
    }
  }

  @Test
  void R6_anItemBackingOffIsDueInTheFirstCycleAfterItsDelay() throws Exception {
    remote.answersAll(Outcome.failed(new RetryAfterException(Duration.ofSeconds(12))));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      ticker.advance(PERIOD);
      Await.until("the cycle has ended", () -> cache.stats().cycles() == 1);
      isDue(cache, "a", ItemState.Due.RETRY_AFTER, PERIOD.multipliedBy(2));
      ticker.advance(PART);
      isDue(cache, "a", ItemState.Due.RETRY_AFTER, PERIOD.multipliedBy(2).minus(PART));
    }
  }

  /** The call that fails is made at 10 s, and the cycle that begins at 20 s takes in what is due by 29 s. */
  @ParameterizedTest(name = "a back-off that ends at {0} ms")
  @CsvSource({"12000, 20000", "19999, 20000", "20000, 20000", "22000, 22000", "29000, 29000", "29001, 30000",
      "32000, 32000", "39500, 40000"})
  void R6_withSpread_anItemBackingOffIsDueInTheCourseOfACycle(long end, long due) throws Exception {
    remote.answersAll(Outcome.failed(new RetryAfterException(Duration.ofMillis(end).minus(PERIOD))));
    try (AutoRefresh<String, Integer> cache = jobs().spread(true).build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      ticker.advance(PERIOD);
      Await.until("the call has failed", () -> cache.stats().failed() == 1 && cache.stats().inFlight() == 0);
      long now = PERIOD.toMillis();
      for (long next : new long[] {11_000, 15_000, 20_000, 21_000, 30_000, due - 1}) {
        if (next < due && next > now) {
          ticker.advance(Duration.ofMillis(next - now));
          now = next;
          long begun = now / PERIOD.toMillis();
          Await.until("the cycle of that time has begun, and has ended or waits for the item",
              () -> hasBegun(cache.stats(), begun));
          ticker.awaitNoticed();
          assertThat(cache.inspect("a").orElseThrow()).as("at %s ms", now)
              .returns(now < end ? ItemState.Due.RETRY_AFTER : ItemState.Due.NEXT_CYCLE, ItemState::due)
              .returns(Duration.ofMillis(due - now), ItemState::dueIn);
        }
      }
      assertThat(remote.calls()).as("calls before it is due").hasSize(1);
      ticker.advance(Duration.ofMillis(due - now));
      Await.until("it is tried again", () -> remote.calls().size() == 2);
    }
  }

  private static boolean hasBegun(Stats stats, long cycles) {
    return stats.cycles() + stats.backlog() >= cycles;
  }

  @Test
  void D3_aMarkedItemIsDueInTheNextCycleOrInTheFirstAfterItsDelay() throws Exception {
    remote.releases((id, item) -> {
      throw new RetryAfterException(Duration.ofSeconds(12));
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      cache.deleteDelayed("a");
      ticker.advance(PART);
      isDue(cache, "a", ItemState.Due.DELETION, PERIOD.minus(PART));
      ticker.advance(PERIOD.minus(PART));
      Await.until("the cycle has ended", () -> cache.stats().cycles() == 1);
      isDue(cache, "a", ItemState.Due.DELETION, PERIOD.multipliedBy(2));
    }
  }
}
