package io.autorefresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import io.autorefresh.kit.Remote;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R1 and R5 for {@code batchBy}: batches of one group, and keys that are no good. */
@Timeout(60)
class GroupKeyTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Queue<ItemEvent<String, Integer>> events = new ConcurrentLinkedQueue<>();
  @AutoClose
  private final LogCapture log = LogCapture.open();

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(remote).backoff(Duration.ofMillis(1), Duration.ofMillis(1)).listener(events::add);
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

  /** A key that cannot be put into a map. */
  private record BrokenKey() {
    @Override
    public int hashCode() {
      throw new IllegalStateException("of the test");
    }
  }

  /** A key that cannot be compared with others. */
  private record IncomparableKey(String id) {
    @Override
    public boolean equals(Object other) {
      throw new IllegalStateException("of the test");
    }

    @Override
    public int hashCode() {
      return "group".hashCode();
    }
  }

  @Test
  void R5_aGroupKeyThatThrowsFailsItsItemOnly() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().batchBy((id, item) -> switch (id) {
      case "id-0" -> throw new IllegalStateException("of the test");
      case "id-1" -> null;
      case "id-2" -> new BrokenKey();
      default -> "group";
    }).build()) {
      create(cache, 6);
      CycleReport report = cache.sync();

      assertThat(report).returns(6L, CycleReport::items).returns(3L, CycleReport::failed)
          .returns(3L, CycleReport::updated).returns(1L, CycleReport::refreshCalls);
      for (int i = 0; i < 3; i++) {
        assertThat(cache.get("id-" + i)).isZero();
        assertThat(cache.inspect("id-" + i).orElseThrow()).returns(1, ItemState::failures)
            .returns(false, ItemState::inFlight);
        assertThat(cache.inspect("id-" + i).orElseThrow().lastFailure()).isPresent();
      }
      assertThat(cache.get("id-3")).isOne();
      assertThat(events.stream().filter(ItemEvent.Failed.class::isInstance)).hasSize(3);
      assertThat(cache.stats().contained()).isGreaterThanOrEqualTo(2);
      assertThat(log.entries()).hasSizeBetween(1, 2);
      ticker.advance(PERIOD);
      assertThat(cache.sync()).as("they are tried again").returns(6L, CycleReport::items);
    }
  }

  /** A key that is found by a recursion without an end. */
  private static int endless(int depth) {
    return endless(depth + 1) + 1;
  }

  @Test
  void R5_aGroupKeyThatExhaustsItsStackHarmsNoOtherItem() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).refreshOnCreate(false)
        .batchBy((id, item) -> id.equals("id-0") ? endless(0) : 0).build()) {
      create(cache, 6);
      cache.start();
      for (int cycle = 1; cycle <= 3; cycle++) {
        Await.until("nothing runs", () -> cache.stats().runningJobs() == 0);
        ticker.advance(PERIOD);
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
  void R5_aGroupKeyOfANewItemThatIsSlow_holdsUpNoOtherItem() throws Exception {
    Gate first = new Gate();
    Gate slow = new Gate();
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).maxConcurrency(4).batchBy((id, item) -> {
      if (id.equals("first")) {
        first.passUnchecked();
      } else if (id.equals("slow")) {
        slow.passUnchecked();
      }
      return "group";
    }).build()) {
      cache.start();
      create(cache, 5);
      Await.until("the old items are refreshed", () -> areRefreshed(cache, 5, 1));
      cache.getOrCreate("first", 0);
      first.awaitArrived(1);
      cache.getOrCreate("slow", 0);
      first.open();
      slow.awaitArrived(1);
      for (int cycle = 2; cycle <= 4; cycle++) {
        int expected = cycle;
        ticker.awaitNoticed().advance(PERIOD);
        Await.until("the others are refreshed", () -> areRefreshed(cache, 5, expected));
      }
      assertThat(remote.refreshes("slow")).isZero();
      slow.open();
      Await.until("the slow one is refreshed", () -> remote.refreshes("slow") > 0);
    }
  }

  @Test
  void R5_groupKeysThatCannotBeComparedHarmNoOtherGroup() throws Exception {
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).refreshOnCreate(false)
        .batchBy((id, item) -> id.compareTo("id-3") < 0 ? new IncomparableKey(id) : "another group").build()) {
      create(cache, 6);
      CycleReport report = cache.sync();
      assertThat(report.items()).isEqualTo(6).isEqualTo(report.updated() + report.failed());
      assertThat(report.failed()).isPositive();
      assertThat(IntStream.range(3, 6)).allMatch(i -> cache.get("id-" + i) == 1);
      cache.start();
      for (int cycle = 2; cycle <= 4; cycle++) {
        Await.until("nothing runs", () -> cache.stats().runningJobs() == 0);
        ticker.advance(PERIOD);
        int expected = cycle;
        Await.until("the loop goes on", () -> IntStream.range(3, 6).allMatch(i -> cache.get("id-" + i) == expected));
      }
    }
  }

  @Test
  void R5_groupKeysAreNotAskedForItemsThatAreRefreshedOneByOne() throws Exception {
    try (AutoRefresh<String, Integer> cache = AutoRefresh.<String, Integer>builder().refreshEvery(PERIOD)
        .ticker(ticker).refresh((id, item) -> item + 1).batchBy((id, item) -> {
          throw new IllegalStateException("of the test");
        }).build()) {
      create(cache, 3);
      assertThat(cache.sync()).returns(3L, CycleReport::updated).returns(3L, CycleReport::refreshCalls);
      assertThat(cache.stats().contained()).isZero();
    }
  }
}
