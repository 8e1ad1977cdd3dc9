package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

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
