package io.autorefresh.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R1, R6 and D3 as {@code inspect} tells them beforehand: what happens to an item next, why, and when. */
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
      ticker.jump(PART);
      isDue(cache, "live", ItemState.Due.NEXT_CYCLE, PERIOD.minus(PART));
      isDue(cache, "final", ItemState.Due.NEVER, null);
      ticker.jump(PERIOD.minus(PART));
      Await.until("the cycle has ended", () -> cache.stats().cycles() == 1);
      isDue(cache, "live", ItemState.Due.NEXT_CYCLE, PERIOD);
    }
  }

  /** The calls come every .9 s. */
  @Test
  void R1_withSpread_anItemWhoseTurnInTheCycleIsStillToComeIsDueNow() throws Exception {
    Duration second = Duration.ofSeconds(1);
    try (AutoRefresh<String, Integer> cache = jobs().spread(true).batchSize(1).build()) {
      IntStream.range(0, 10).forEach(i -> cache.getOrCreate("id-" + i, 0));
      cache.start();
      ticker.jump(PERIOD);
      Await.until("the cycle has begun", () -> cache.stats().backlog() > 0);
      for (int past = 0; past < 9; past++) {
        ticker.advance(second);
        Duration untilNext = PERIOD.multipliedBy(2).minus(remote.now());
        for (int i = 0; i < 10; i++) {
          boolean over = cache.get("id-" + i) == 1;
          isDue(cache, "id-" + i, ItemState.Due.NEXT_CYCLE, over ? untilNext : Duration.ZERO);
        }
      }
      assertThat(remote.refreshes()).as("all have had their turn").hasSize(10);
    }
  }

  @Test
  void R1_withoutSpread_anItemThatWaitsForASlotIsDueNow() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(1).build()) {
      cache.getOrCreate("a", 0);
      cache.getOrCreate("b", 0);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      Await.until("the other one waits", () -> cache.stats().backlog() == 1);
      ticker.jump(PART);
      isDue(cache, remote.calls().getFirst().ids().contains("a") ? "b" : "a", ItemState.Due.NEXT_CYCLE, Duration.ZERO);
      cache.getOrCreate("c", 0);
      isDue(cache, "c", ItemState.Due.NEXT_CYCLE, PERIOD.minus(PART));
      gate.open();
    }
  }

  @Test
  void R1_anItemInFlightIsDueWhenItsJobEnds() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      ticker.jump(PERIOD);
      gate.awaitArrived(1);
      isDue(cache, "a", ItemState.Due.IN_FLIGHT, null);
      gate.open();
    }
  }

  @Test
  void R8_aNewItemIsDueAsSoonAsThereIsASlot() throws Exception {
    Gate gate = new Gate(ticker);
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

  @ParameterizedTest(name = "spread: {0}")
  @ValueSource(booleans = {true, false})
  void R6_anItemBackingOffIsDueWhenItsDelayEnds_andNotWithTheNextCycle(boolean spread) throws Exception {
    Duration delay = Duration.ofSeconds(12);
    remote.answersAll(Outcome.failed(new RetryAfterException(delay)));
    try (AutoRefresh<String, Integer> cache = jobs().spread(spread).refreshOnCreate(true).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      Await.until("the first call has failed", () -> cache.stats().failed() == 1 && cache.stats().inFlight() == 0);
      isDue(cache, "a", ItemState.Due.RETRY_AFTER, delay);
      ticker.jump(PART);
      isDue(cache, "a", ItemState.Due.RETRY_AFTER, delay.minus(PART));
      ticker.jump(delay.minus(PART).minusNanos(1)).settle();
      isDue(cache, "a", ItemState.Due.RETRY_AFTER, Duration.ofNanos(1));
      assertThat(remote.refreshes()).as("calls before its delay has ended").hasSize(1);
      ticker.jump(Duration.ofNanos(1));
      Await.until("it is tried again", () -> remote.refreshes().size() == 2);
    }
  }

  @Test
  void R6_anItemThatBacksOffByItselfIsDueWithinItsDelay() throws Exception {
    Duration delay = Duration.ofSeconds(4);
    remote.answersAll(Outcome.failed(new IOException("of the test")));
    try (AutoRefresh<String, Integer> cache = jobs().backoff(delay, delay).refreshOnCreate(true).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      Await.until("the first call has failed", () -> cache.stats().failed() == 1 && cache.stats().inFlight() == 0);
      ItemState<Integer> state = cache.inspect("a").orElseThrow();
      assertThat(state).returns(ItemState.Due.BACKING_OFF, ItemState::due);
      assertThat(state.dueIn()).isBetween(delay.dividedBy(2), delay);
    }
  }

  @Test
  void S1_anItemWithATimeOfItsOwnIsDueThen() throws Exception {
    Duration delay = Duration.ofSeconds(25);
    remote.answersAll(Outcome.<Integer>unchanged().nextIn(delay));
    try (AutoRefresh<String, Integer> cache = jobs().refreshOnCreate(true).build()) {
      cache.start();
      cache.getOrCreate("a", 0);
      Await.until("the answer has come", () -> cache.stats().unchanged() == 1 && cache.stats().inFlight() == 0);
      isDue(cache, "a", ItemState.Due.OWN_TIME, delay);
      ticker.jump(PART);
      isDue(cache, "a", ItemState.Due.OWN_TIME, delay.minus(PART));
    }
  }

  @Test
  void D3_aMarkedItemIsDueInTheNextCycle_orInTheFirstAfterItsDelay() throws Exception {
    remote.releases((id, item) -> {
      throw new RetryAfterException(Duration.ofSeconds(12));
    });
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.getOrCreate("a", 0);
      cache.start();
      cache.deleteDelayed("a");
      ticker.jump(PART);
      isDue(cache, "a", ItemState.Due.DELETION, PERIOD.minus(PART));
      ticker.jump(PERIOD.minus(PART));
      Await.until("the cycle has ended", () -> cache.stats().cycles() == 1);
      isDue(cache, "a", ItemState.Due.DELETION, PERIOD.multipliedBy(2));
    }
  }
}
