package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R11: a listener that falls behind costs bounded memory. */
@Timeout(60)
class ListenerBoundTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final int MAX_EVENTS = 65_536;
  private static final int MAX_EXCEPTIONS = 1_024;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate(ticker);
  private final Queue<ItemEvent<String, Integer>> heard = new ConcurrentLinkedQueue<>();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  /** The listener hears nothing before the gate is open. */
  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).spread(false)
        .refreshOnCreate(false).refreshBatch(remote).listener(event -> {
          gate.passUnchecked();
          heard.add(event);
        });
  }

  private static void create(AutoRefresh<String, Integer> cache, String kind, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate(kind + i, 0));
  }

  private List<String> logOfDropped() {
    return log.entries().stream().filter(entry -> entry.contains("dropped")).toList();
  }

  @Test
  void R11_eventsBeyondTheBound_areDroppedCountedAndLogged() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      create(cache, "first-", 1);
      gate.awaitArrived(1);
      create(cache, "waiting-", MAX_EVENTS);
      assertThat(cache.stats()).returns((long) MAX_EVENTS, Stats::waitingEvents).returns(0L, Stats::droppedEvents);
      assertThat(logOfDropped()).isEmpty();
      create(cache, "dropped-", 100);
      assertThat(cache.stats()).returns((long) MAX_EVENTS, Stats::waitingEvents).returns(100L, Stats::droppedEvents);
      assertThat(cache.size()).isEqualTo(1 + MAX_EVENTS + 100);
      gate.open();
      Await.until("all that waited is heard", () -> cache.stats().waitingEvents() == 0);
      Await.until("the last is heard", () -> heard.size() == 1 + MAX_EVENTS);
      assertThat(heard).noneMatch(event -> event.id().startsWith("dropped-"));
      ticker.jump(PERIOD);
      Await.until("it is logged", () -> !logOfDropped().isEmpty());
      assertThat(logOfDropped()).hasSize(1).first().asString().contains("WARNING").contains("jobs").contains("100");
      create(cache, "later-", 1);
      Await.until("later events are heard", () -> heard.stream().anyMatch(event -> event.id().equals("later-0")));
      cache.sync();
      assertThat(logOfDropped()).as("once").hasSize(1);
    }
  }

  @Test
  void R11_eventsThatAreDroppedWhileTheListenerHangs_areLogged() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      create(cache, "id-", 1 + MAX_EVENTS + 100);
      gate.awaitArrived(1);
      create(cache, "more-", 100);
      for (int cycle = 0; logOfDropped().isEmpty() && cycle < 20; cycle++) {
        ticker.jump(PERIOD).settle();
      }
      assertThat(logOfDropped()).isNotEmpty().hasSizeLessThan(20);
      gate.open();
    }
  }

  @Test
  void R11_exceptionsBeyondTheirBound_comeAsSummaries() throws Exception {
    int items = MAX_EXCEPTIONS + 500;
    remote.answers(items1 -> {
      Map<String, Outcome<Integer>> outcomes = new HashMap<>();
      items1.forEach((id, item) -> outcomes.put(id, Outcome.failed(new IllegalStateException("failure of " + id))));
      return outcomes;
    });
    // One job at a time: jobs beside each other post their events in another order than they take their places.
    try (AutoRefresh<String, Integer> cache = jobs().maxConcurrency(1).build()) {
      cache.start();
      create(cache, "id-", items);
      gate.awaitArrived(1);
      ticker.jump(PERIOD);
      Await.until("all have failed", () -> cache.stats().failed() == items);
      gate.open();
      Await.until("all is heard", () -> heard.size() == 2 * items);
      List<ItemEvent.RefreshFailed<String, Integer>> failures = heard.stream()
          .filter(ItemEvent.RefreshFailed.class::isInstance)
          .map(event -> (ItemEvent.RefreshFailed<String, Integer>) event).toList();
      assertThat(failures).hasSize(items);
      assertThat(failures)
          .allSatisfy(failed -> assertThat(failed.cause()).hasMessageContaining("failure of " + failed.id()));
      assertThat(failures.subList(0, MAX_EXCEPTIONS))
          .allSatisfy(failed -> assertThat(failed.cause()).isInstanceOf(IllegalStateException.class));
      assertThat(failures.subList(MAX_EXCEPTIONS, items)).allSatisfy(failed -> {
        assertThat(failed.cause()).isNotInstanceOf(IllegalStateException.class).hasNoCause()
            .hasMessageContaining("java.lang.IllegalStateException");
        assertThat(failed.cause().getStackTrace()).isEmpty();
      });
      assertThat(cache.stats().droppedEvents()).isZero();
    }
  }

  /** Its message is the user's code. */
  private static final class Hostile extends RuntimeException {
    private static final long serialVersionUID = 1;

    Hostile() {
      super("of the test", null, false, false);
    }

    @Override
    public String getMessage() {
      throw new IllegalStateException("no message");
    }
  }

  @Test
  void R5_exceptionsThatCannotBeSummarized_costTheirItemsNoMoreThanOthers() throws Exception {
    int items = MAX_EXCEPTIONS + 500;
    remote.answersAll(Outcome.failed(new Hostile()));
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      cache.start();
      create(cache, "id-", items);
      gate.awaitArrived(1);
      ticker.jump(PERIOD);
      Await.until("nothing runs", () -> remote.refreshes().size() == 16 && cache.stats().runningJobs() == 0);
      assertThat(cache.stats()).returns((long) items, Stats::failed).returns((long) items, Stats::failing);
      remote.answers(Remote::increments);
      for (int step = 0; step < 40 && cache.stats().failing() > 0; step++) {
        ticker.jump(PERIOD.dividedBy(10)).settle();
      }
      assertThat(cache.stats().failing()).as("items that are not refreshed again").isZero();
      gate.open();
      Await.until("all is heard", () -> cache.stats().waitingEvents() == 0);
      assertThat(heard.stream().filter(ItemEvent.RefreshFailed.class::isInstance)).hasSize(items);
    }
  }
}
