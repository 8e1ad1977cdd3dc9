package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R1 and R5 for {@code batchBy}: batches of one group, and keys that cannot be had. */
@Timeout(60)
class GroupKeyTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<Told> events = new ConcurrentLinkedQueue<>();
  @AutoClose
  private final LogCapture log = LogCapture.ofCache("jobs");

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name(log.name()).refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).backoff(Duration.ofMillis(1), Duration.ofMillis(1))
        .listener(event -> events.add(Told.of(event)));
  }

  private static void create(AutoRefresh<String, Integer> cache, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  @Test
  void R1_aBatchNeverMixesGroups() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(4)
        .batchBy((id, item) -> Integer.parseInt(id.substring(3)) % 3).build()) {
      create(cache, 30);
      assertThat(cache.sync()).returns(9L, CycleReport::refreshCalls).returns(30L, CycleReport::updated);
      assertThat(remote.refreshes()).allMatch(call -> call.ids().size() <= 4)
          .allMatch(call -> call.ids().stream().map(id -> Integer.parseInt(id.substring(3)) % 3)
              .distinct().count() == 1);
    }
  }

  @Test
  void R1_theGroupOfAnItem_isAskedForWhenItIsCreatedAndAtEachNewValue() throws Exception {
    Queue<String> asked = new ConcurrentLinkedQueue<>();
    try (AutoRefresh<String, Integer> cache = jobs().batchBy((id, item) -> {
      asked.add(id + "=" + item);
      return item % 2;
    }).build()) {
      create(cache, 4);
      assertThat(asked).containsExactly("id-0=0", "id-1=0", "id-2=0", "id-3=0");
      asked.clear();
      remote.answers(items -> Map.of("id-0", Outcome.updated(1), "id-1", Outcome.updated(2), "id-2",
          Outcome.unchanged(), "id-3", Outcome.updated(0)));
      assertThat(cache.sync().refreshCalls()).isOne();
      assertThat(asked).as("for new values").containsExactlyInAnyOrder("id-0=1", "id-1=2");
      remote.forget();
      remote.answers(Remote::increments);
      assertThat(cache.sync().refreshCalls()).isEqualTo(2);
      assertThat(remote.refreshes()).extracting(Remote.Call::ids)
          .containsExactlyInAnyOrder(Set.of("id-0"), Set.of("id-1", "id-2", "id-3"));
    }
  }

  @Test
  void R5_aGroupKeyThatThrowsForACreatedItem_leavesTheItemInAGroupOfItsOwn() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    try (AutoRefresh<String, Integer> cache = jobs().batchBy((id, item) -> {
      if (broken.get() && id.equals("id-0")) {
        throw new IllegalStateException("of the test");
      }
      return broken.get() && id.equals("id-1") ? null : "group";
    }).build()) {
      create(cache, 6);
      assertThat(cache.stats().callbackFailures()).isEqualTo(2);
      assertThat(log.entries()).hasSizeBetween(1, 2);
      broken.set(false);
      assertThat(cache.sync()).returns(6L, CycleReport::updated).returns(3L, CycleReport::refreshCalls);
      assertThat(remote.refreshes()).extracting(Remote.Call::ids).contains(Set.of("id-0"), Set.of("id-1"));
      assertThat(cache.sync()).as("their new values have a key").returns(1L, CycleReport::refreshCalls);
    }
  }

  @Test
  void R5_aGroupKeyThatThrowsForANewValue_failsItsItemOnly() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchBy((id, item) -> {
      if (item == 1 && id.equals("id-0")) {
        throw new IllegalStateException("of the test");
      }
      return item == 1 && id.equals("id-1") ? null : "group";
    }).build()) {
      create(cache, 6);
      CycleReport report = cache.sync();

      assertThat(report).returns(6L, CycleReport::items).returns(2L, CycleReport::failed)
          .returns(4L, CycleReport::updated).returns(1L, CycleReport::refreshCalls);
      for (int i = 0; i < 2; i++) {
        assertThat(cache.get("id-" + i)).isZero();
        assertThat(cache.inspect("id-" + i).orElseThrow()).returns(1, ItemState::failures)
            .returns(false, ItemState::inFlight);
        assertThat(cache.inspect("id-" + i).orElseThrow().lastFailure()).isPresent();
      }
      assertThat(cache.get("id-3")).isOne();
      assertThat(events).contains(Told.refreshFailed("id-0", 0, 1), Told.refreshFailed("id-1", 0, 1));
      assertThat(cache.stats().callbackFailures()).isEqualTo(2);
      assertThat(log.entries()).hasSizeBetween(1, 2);
      ticker.jump(PERIOD);
      assertThat(cache.sync()).as("they are tried again").returns(6L, CycleReport::items);
    }
  }

  /** A key that is found by a recursion without an end. */
  private static int endless(int depth) {
    return endless(depth + 1) + 1;
  }

  @Test
  void R5_aGroupKeyThatExhaustsItsStack_harmsNoOtherItem() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).refreshOnCreate(false)
        .batchBy((id, item) -> id.equals("id-0") ? endless(0) : 0).build()) {
      create(cache, 6);
      cache.start();
      for (int cycle = 1; cycle <= 3; cycle++) {
        Await.until("nothing runs", () -> cache.stats().runningJobs() == 0);
        ticker.jump(PERIOD);
        int expected = cycle;
        Await.until("the others are refreshed",
            () -> IntStream.range(1, 6).allMatch(i -> cache.get("id-" + i) >= expected));
      }
      assertThat(cache.get("id-0")).isZero();
    }
  }

  private static boolean areRefreshed(AutoRefresh<String, Integer> cache, int items, int times) {
    return IntStream.range(0, items).allMatch(i -> cache.get("id-" + i) >= times) && cache.stats().runningJobs() == 0;
  }

  @Test
  void R5_aGroupKeyOfANewItemThatIsSlow_holdsUpItsCallerAlone() throws Exception {
    Gate gate = new Gate(ticker);
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).batchBy((id, item) -> {
      if (id.equals("slow")) {
        gate.passUnchecked();
      }
      return "group";
    }).build()) {
      cache.start();
      create(cache, 5);
      Await.until("the old items are refreshed", () -> areRefreshed(cache, 5, 1));
      Worker<Integer> slow = Worker.start(() -> cache.getOrCreate("slow", 0));
      gate.awaitArrived(1);
      for (int cycle = 2; cycle <= 4; cycle++) {
        int expected = cycle;
        ticker.jump(PERIOD);
        Await.until("the others are refreshed", () -> areRefreshed(cache, 5, expected));
      }
      assertThat(cache.getOrCreate("id-5", 0)).as("another new item").isZero();
      assertThat(cache.get("slow")).isNull();
      gate.open();
      assertThat(slow.result()).isZero();
      Await.until("the slow one is refreshed", () -> remote.refreshes("slow") > 0);
    }
  }

  @Test
  void M1_aGroupOfItemsThatAreRefreshedOneByOne_isPausedAsAWhole() throws Exception {
    Map<String, Integer> calls = new ConcurrentHashMap<>();
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().refreshEvery(PERIOD)
        .ticker(ticker).refresh((id, item) -> {
          calls.merge(id, 1, Integer::sum);
          if (id.equals("a-1")) {
            throw new RetryAfterException(PERIOD.multipliedBy(3));
          }
          return item + 1;
        }).batchBy((id, item) -> id.charAt(0)).build()) {
      List.of("a-1", "a-2", "b-1").forEach(id -> cache.getOrCreate(id, 0));
      cache.sync();
      int before = calls.getOrDefault("a-2", 0);
      ticker.jump(PERIOD);
      cache.sync();
      assertThat(calls).as("paused").containsEntry("b-1", 2).containsEntry("a-1", 1);
      assertThat(calls.getOrDefault("a-2", 0)).isEqualTo(before);
      ticker.jump(PERIOD.multipliedBy(2));
      cache.sync();
      assertThat(calls).as("the pause is over").containsEntry("b-1", 3).containsEntry("a-1", 2);
    }
  }
}
