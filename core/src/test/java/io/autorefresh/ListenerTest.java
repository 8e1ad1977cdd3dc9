package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R11: events come in the order of their effects, and after them. */
@Timeout(60)
class ListenerTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<ItemEvent<String, Integer>> events = new ConcurrentLinkedQueue<>();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).listener(events::add);
  }

  /** Whether the effect of an event can be seen, while nothing else goes on. */
  private static boolean isVisible(ItemEvent<String, Integer> event, AutoRefresh<String, Integer> cache) {
    Integer item = cache.get(event.id());
    return switch (event) {
      case ItemEvent.Updated<String, Integer> updated -> updated.item() == item;
      case ItemEvent.BecameTerminal<String, Integer> end ->
          end.item() == item && cache.inspect(event.id()).orElseThrow().terminal();
      case ItemEvent.Failed<String, Integer> failed -> failed.item() == item
          && cache.inspect(event.id()).orElseThrow().failures() == failed.failures()
          && cache.inspect(event.id()).orElseThrow().failure() == failed.cause();
      case ItemEvent.Deleted<String, Integer> deleted -> item == null;
      case ItemEvent.Evicted<String, Integer> evicted -> item == null;
    };
  }

  @Test
  void R11_eachEventComesAfterItsEffectIsVisible() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    Queue<ItemEvent<String, Integer>> invisible = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> item == 1_002).maximumSize(3)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(1)).listener(event -> {
          events.add(event);
          if (!isVisible(event, self.get())) {
            invisible.add(event);
          }
        }).build()) {
      self.set(cache);
      IOException failure = new IOException("of the test");
      cache.getOrCreate("a", 1_000);
      cache.sync();
      remote.answersAll(Outcome.failed(failure));
      cache.sync();
      remote.answers(Remote::increments);
      ticker.advance(PERIOD);
      cache.sync();
      cache.deleteDelayed("a");
      cache.sync();
      cache.getOrCreate("b", 5);
      remote.answersAll(Outcome.deleted());
      cache.sync();
      assertThat(events).containsExactly(
          new ItemEvent.Updated<>("a", 1_000, 1_001),
          new ItemEvent.Failed<>("a", 1_001, failure, 1, false),
          new ItemEvent.Updated<>("a", 1_001, 1_002),
          new ItemEvent.BecameTerminal<>("a", 1_002),
          new ItemEvent.Deleted<>("a", 1_002, false),
          new ItemEvent.Deleted<>("b", 5, true));
      events.clear();
      IntStream.range(0, 10).forEach(i -> cache.getOrCreate("id-" + i, 1_000 + 3 + i));
      assertThat(events).hasSize(7).allMatch(ItemEvent.Evicted.class::isInstance);
      assertThat(events).extracting(ItemEvent::id).doesNotHaveDuplicates();
      assertThat(invisible).isEmpty();
    }
  }

  @Test
  void R11_whatHasNoEffectHasNoEvent() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().terminal(item -> item == 7).build()) {
      cache.getOrCreate("final from the beginning", 7);
      cache.getOrCreate("a", 0);
      remote.answersAll(Outcome.unchanged());
      cache.sync();
      remote.answers(items -> Map.of("foreign", Outcome.updated(1)));
      cache.sync();
      cache.deleteDelayed("absent");
      cache.deleteDelayed("a");
      assertThat(events).isEmpty();
    }
  }

  @Test
  void R11_anEventWaitsForTheEndOfTheOneBefore() throws Exception {
    Gate gate = new Gate();
    Queue<String> order = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().listener(event -> {
      String name = event.getClass().getSimpleName();
      order.add(name + " begins");
      if (event instanceof ItemEvent.Updated) {
        try {
          gate.pass();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
      order.add(name + " ends");
    }).build()) {
      cache.getOrCreate("a", 0);
      Worker<CycleReport> refreshing = Worker.start(cache::sync);
      gate.awaitArrived(1);
      assertThat(cache.get("a")).as("a slow listener slows no read").isOne();
      cache.deleteDelayed("a");
      Worker<CycleReport> deleting = Worker.start(cache::sync);
      assertThat(deleting.result().deletions()).as("it does not wait for what another thread is telling").isOne();
      assertThat(order).containsExactly("Updated begins");
      gate.open();
      assertThat(refreshing.result().updated()).isOne();
      assertThat(order).containsExactly("Updated begins", "Updated ends", "Deleted begins", "Deleted ends");
    }
  }

  @Test
  void R11_aSlowListenerHoldsUpNoOtherItem() throws Exception {
    Gate gate = new Gate();
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(1).maxConcurrency(2).listener(event -> {
      if (event.id().equals("slow")) {
        try {
          gate.pass();
        } catch (Exception e) {
          throw new IllegalStateException(e);
        }
      }
    }).build()) {
      cache.getOrCreate("slow", 0);
      IntStream.range(0, 20).forEach(i -> cache.getOrCreate("id-" + i, 0));
      Worker<CycleReport> first = Worker.start(cache::sync);
      Await.until("all others are refreshed", () -> IntStream.range(0, 20).allMatch(i -> cache.get("id-" + i) == 1));
      gate.awaitArrived(1);
      Await.until("nothing else runs", () -> cache.stats().runningJobs() == 1);
      assertThat(cache.sync()).as("the item of the slow one is in flight").returns(20L, CycleReport::updated);
      gate.open();
      assertThat(first.result()).returns(21L, CycleReport::updated);
    }
  }

  @Test
  void R11_aListenerMayUseTheCache() throws Exception {
    AtomicReference<AutoRefresh<String, Integer>> self = new AtomicReference<>();
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(4).terminal(item -> item == 2).listener(event -> {
      events.add(event);
      AutoRefresh<String, Integer> inner = self.get();
      switch (event) {
        case ItemEvent.BecameTerminal<String, Integer> end -> inner.deleteDelayed(end.id());
        case ItemEvent.Deleted<String, Integer> deleted -> inner.getOrCreate(deleted.id(), 0);
        case ItemEvent.Updated<String, Integer> updated -> {
          for (int i = 0; updated.id().equals("a") && i < 5; i++) {
            inner.getOrCreate("filler-" + updated.item() + "-" + i, 2);
          }
        }
        default -> { }
      }
    }).build()) {
      self.set(cache);
      cache.getOrCreate("a", 0);
      cache.sync();
      cache.getOrCreate("a", 1);
      cache.sync();
      assertThat(cache.size()).isLessThanOrEqualTo(4);
      cache.getOrCreate("b", 1);
      cache.sync();
      assertThat(cache.inspect("b").orElseThrow().marked()).as("marked by the listener").isTrue();
      cache.sync();
      assertThat(cache.get("b")).as("created anew by the listener").isNotNull();
      assertThat(events).extracting(event -> (Object) event.getClass()).contains(ItemEvent.Evicted.class);
      assertThat(cache.stats().contained()).isZero();
    }
  }

  @Test
  void R11_aFailedItemTellsItsFailuresInARow() throws Exception {
    IOException failure = new IOException("of the test");
    remote.answersAll(Outcome.failed(failure));
    try (AutoRefresh<String, Integer> cache = jobs().backoff(Duration.ofMillis(1), Duration.ofMillis(1)).build()) {
      cache.getOrCreate("a", 1_000);
      for (int cycle = 0; cycle < 3; cycle++) {
        cache.sync();
        ticker.advance(PERIOD);
      }
      assertThat(List.copyOf(events)).isEqualTo(IntStream.rangeClosed(1, 3)
          .mapToObj(failures -> new ItemEvent.Failed<>("a", 1_000, failure, failures, false)).toList());
    }
  }
}
