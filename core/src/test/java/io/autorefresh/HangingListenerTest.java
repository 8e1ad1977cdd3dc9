package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.engine.Engine;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R5 and R7: a listener that hangs costs its own items only, whoever was to tell the others' events after it. */
@Timeout(60)
class HangingListenerTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(3);
  private static final int ITEMS = 5;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<ItemEvent<String, Integer>> told = new ConcurrentLinkedQueue<>();
  /** For whose event the listener hangs, in their order; it does so once for each. */
  private final List<String> hanging = new CopyOnWriteArrayList<>();
  private final AtomicInteger toHang = new AtomicInteger();
  private final Gate gate = new Gate();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, Integer> jobs(int toHang) {
    this.toHang.set(toHang);
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).spread(false)
        .refreshBatch(remote).batchSize(ITEMS).refreshTimeout(TIMEOUT).refreshOnCreate(false).listener(event -> {
          if (this.toHang.getAndDecrement() > 0) {
            hanging.add(event.id());
            hang(gate);
          }
          told.add(event);
        });
  }

  private static void hang(Gate gate) {
    try {
      gate.passStubbornly();
    } catch (TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void create(AutoRefresh<String, Integer> cache) {
    IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  /** Refreshes the others until they have that value: one that was just told of may be in flight for a moment. */
  private void refreshOthers(AutoRefresh<String, Integer> cache, int value) throws Exception {
    Await.until("the others are refreshed", () -> {
      cache.sync();
      return IntStream.range(0, ITEMS).mapToObj(i -> "id-" + i).filter(id -> !hanging.contains(id))
          .allMatch(id -> cache.get(id) >= value);
    });
    assertThat(hanging).as("are in flight").allMatch(id -> cache.get(id) == 1);
  }

  private void areOthersTold(int events) throws Exception {
    Await.until("all others are told", () -> told.size() == events);
    assertThat(told).extracting(ItemEvent::id).doesNotContainAnyElementsOf(hanging);
  }

  /** Lets the listener hang until as many jobs are abandoned for it as are to hang. */
  private void awaitAbandoned(AutoRefresh<String, Integer> cache, int jobs) throws Exception {
    for (int i = 1; i <= jobs; i++) {
      int abandoned = i;
      gate.awaitArrived(i);
      ticker.advance(TIMEOUT);
      Await.until("it is abandoned", () -> cache.stats().abandonedJobs() == abandoned);
    }
  }

  private void goOn(AutoRefresh<String, Integer> cache, Worker<?> cycle) throws Exception {
    gate.open();
    cycle.result();
    assertThat(told).extracting(ItemEvent::id).containsAll(hanging);
    int value = cache.get(hanging.getFirst());
    cache.sync();
    assertThat(hanging).allMatch(id -> cache.get(id) == value + 1);
    assertThat(cache.stats()).returns(0, Stats::abandonedJobs).returns(0, Stats::runningJobs)
        .returns(0L, Stats::timedOutCalls);
    assertThat(((Engine<?, ?>) cache).check()).isEmpty();
  }

  @Test
  void R5_aListenerThatHangs_costsItsOwnItemOnly() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(1).build()) {
      create(cache);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      awaitAbandoned(cache, 1);
      areOthersTold(ITEMS - 1);
      refreshOthers(cache, 5);
      goOn(cache, cycle);
    }
  }

  @Test
  void R5_aListenerThatHangsAgainInTheThreadThatGoesOn_costsItsOwnItemsOnly() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(3).build()) {
      create(cache);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      awaitAbandoned(cache, 3);
      areOthersTold(ITEMS - 3);
      refreshOthers(cache, 5);
      assertThat(hanging).hasSize(3).doesNotHaveDuplicates();
      goOn(cache, cycle);
    }
  }

  @Test
  void R7_thoseThatHangInTheListener_areNoMoreThanMaxConcurrency() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(2).maxConcurrency(1).build()) {
      create(cache);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      awaitAbandoned(cache, 1);
      gate.awaitArrived(2);
      ticker.advance(TIMEOUT);
      gate.awaitInterrupted(2);
      ticker.awaitNoticed();
      assertThat(cache.stats()).returns(1, Stats::abandonedJobs);
      assertThat(told).isEmpty();
      assertThat(log.entries()).anyMatch(entry -> entry.contains("no job begins"));
      goOn(cache, cycle);
    }
  }

  @Test
  void R11_whatHappensToAnItemWhoseListenerHangs_isToldAfterThat() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs(1).build()) {
      create(cache);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      awaitAbandoned(cache, 1);
      areOthersTold(ITEMS - 1);
      String id = hanging.getFirst();
      cache.deleteDelayed(id);
      assertThat(cache.sync().deletions()).isOne();
      cache.getOrCreate(id, 7);
      assertThat(cache.get(id)).isEqualTo(7);
      assertThat(told).extracting(ItemEvent::id).doesNotContain(id);
      goOn(cache, cycle);
      assertThat(told.stream().filter(event -> event.id().equals(id))).containsExactly(
          new ItemEvent.Updated<>(id, 0, 1), new ItemEvent.Deleted<>(id, 1, false), new ItemEvent.Updated<>(id, 7, 8));
    }
  }

  /** A failure that hangs when it is asked for its cause. */
  private static final class Hanging extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Gate gate;

    Hanging(Gate gate) {
      this.gate = gate;
    }

    @Override
    public @Nullable Throwable getCause() {
      hang(gate);
      return null;
    }
  }

  @Test
  void R5_aListenerThatHangsInAJobThatWasAbandonedBefore_costsItsOwnItemOnly() throws Exception {
    Gate cause = new Gate();
    remote.answers(items -> {
      Map<String, Outcome<Integer>> outcomes = new HashMap<>(Remote.increments(items));
      List.copyOf(items.keySet()).reversed().stream().limit(1)
          .forEach(last -> outcomes.put(last, Outcome.failed(new Hanging(cause))));
      return outcomes;
    });
    try (AutoRefresh<String, Integer> cache = jobs(1).build()) {
      create(cache);
      Worker<CycleReport> cycle = Worker.start(cache::sync);
      cause.awaitArrived(1);
      ticker.advance(TIMEOUT);
      Await.until("it is abandoned", () -> cache.stats().abandonedJobs() == 1);
      cause.open();
      gate.awaitArrived(1);
      ticker.advance(TIMEOUT);
      areOthersTold(ITEMS - 2);
      remote.answers(Remote::increments);
      refreshOthers(cache, 5);
      goOn(cache, cycle);
    }
  }
}
