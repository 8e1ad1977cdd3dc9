package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Creator;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemNotFoundException;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L3: what a closed cache still does. */
@Timeout(60)
class ClosedTest {

  private static AutoRefreshBuilder<String, String> builder() {
    return AutoRefresh.<String, String>builder()
        .refresh((id, value) -> value)
        .refreshEvery(Duration.ofHours(1))
        .closeTimeout(Duration.ofSeconds(20));
  }

  private static final String VALUE = new String("value");

  private static AutoRefresh<String, String> closed() {
    var cache = builder().create(id -> VALUE).build();
    cache.getOrCreate("present", VALUE);
    cache.getOrCreate("marked", "dying");
    cache.deleteDelayed("marked");
    cache.close();
    return cache;
  }

  @Test
  void L3_afterClose_getStillAnswers() {
    var cache = closed();
    assertThat(cache.get("present")).isSameAs(VALUE);
    assertThat(cache.get("marked")).isEqualTo("dying");
    assertThat(cache.get("absent")).isNull();
  }

  @Test
  void L3_afterClose_inspectStillAnswers() {
    var cache = closed();
    assertThat(cache.inspect("present")).hasValueSatisfying(state -> {
      assertThat(state.value()).isSameAs(VALUE);
      assertThat(state.marked()).isFalse();
      assertThat(state.inFlight()).isFalse();
    });
    assertThat(cache.inspect("marked")).hasValueSatisfying(state -> assertThat(state.marked()).isTrue());
    assertThat(cache.inspect("absent")).isEmpty();
  }

  @Test
  void L3_afterClose_sizeStillAnswers() {
    assertThat(closed().size()).isEqualTo(2);
  }

  @Test
  void L3_afterClose_statsStillAnswer() {
    Stats stats = closed().stats();
    assertThat(stats.creations()).isEqualTo(2);
    assertThat(stats.size()).isEqualTo(2);
    assertThat(stats.pendingDeletion()).isEqualTo(1);
    assertThat(stats.runningJobs()).isZero();
  }

  @Test
  void L3_afterClose_getOrCreateIsRefused_forPresentAndAbsentIds() {
    AtomicInteger creatorCalls = new AtomicInteger();
    Creator<String, String> creator = id -> "new " + creatorCalls.incrementAndGet();
    var cache = builder().create(creator).build();
    cache.getOrCreate("present", VALUE);
    cache.close();
    for (String id : List.of("present", "absent")) {
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate(id)).withMessageContaining("closed");
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate(id, "new")).withMessageContaining("closed");
      assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate(id, creator))
          .withMessageContaining("closed");
    }
    assertThat(creatorCalls).hasValue(0);
    assertThat(cache.size()).isEqualTo(1);
    assertThat(cache.get("absent")).isNull();
  }

  @Test
  void L3_afterClose_getOrThrowStillAnswers() {
    var cache = closed();
    assertThat(cache.getOrThrow("present")).isSameAs(VALUE);
    assertThat(cache.getOrThrow("marked")).isEqualTo("dying");
    assertThatExceptionOfType(ItemNotFoundException.class).isThrownBy(() -> cache.getOrThrow("absent"));
  }

  @Test
  void L3_afterClose_freshnessStillAnswers() {
    assertThat(closed().freshness().count()).as("items that are live and not marked").isEqualTo(1);
  }

  @Test
  void L3_afterClose_toStringSaysSo() {
    assertThat(closed().toString()).contains("closed");
  }

  /** One of them runs its cycle, and the others wait in the queue behind it. */
  @Test
  void L3_atTheClose_thoseThatWaitForACycleAreSentAway() throws Exception {
    Gate gate = new Gate();
    var cache = builder().refresh((id, value) -> {
      gate.pass();
      return value;
    }).build();
    cache.getOrCreate("present", VALUE);
    Worker<CycleReport> first = Worker.start(() -> cache.sync());
    gate.awaitArrived(1);
    Worker<CycleReport> second = Worker.start(() -> cache.sync()).awaitWaiting();
    Worker<CycleReport> third = Worker.start(() -> cache.sync()).awaitWaiting();
    cache.close();
    for (Worker<CycleReport> waiter : List.of(first, second, third)) {
      assertThat(waiter.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }
  }

  @Test
  void L3_afterClose_deleteDelayedIsRefused_forPresentAndAbsentIds() {
    var cache = closed();
    assertThatIllegalStateException().isThrownBy(() -> cache.deleteDelayed("present")).withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(() -> cache.deleteDelayed("absent")).withMessageContaining("closed");
    assertThat(cache.inspect("present").orElseThrow().marked()).isFalse();
  }

  @Test
  void L3_afterClose_syncIsRefused() {
    var cache = closed();
    assertThatIllegalStateException().isThrownBy(cache::sync).withMessageContaining("closed");
    assertThat(cache.get("marked")).isEqualTo("dying");
    assertThat(cache.stats().refreshCalls()).isZero();
  }

  @Test
  void L3_afterClose_startAndRunAreRefused() {
    var cache = closed();
    assertThatIllegalStateException().isThrownBy(cache::start).withMessageContaining("closed");
    assertThatIllegalStateException().isThrownBy(cache::run).withMessageContaining("closed");
  }

  @Test
  void L3_afterClose_ofAStartedCache_theSameHolds() {
    var cache = builder().create(id -> VALUE).build();
    cache.getOrCreate("present");
    cache.start();
    cache.close();
    assertThat(cache.get("present")).isSameAs(VALUE);
    assertThat(cache.size()).isEqualTo(1);
    assertThat(cache.inspect("present").orElseThrow().dueIn()).as("nothing is due any more").isNull();
    assertThatIllegalStateException().isThrownBy(() -> cache.getOrCreate("present"));
    assertThatIllegalStateException().isThrownBy(() -> cache.deleteDelayed("present"));
    assertThatIllegalStateException().isThrownBy(cache::sync);
    assertThatIllegalStateException().isThrownBy(cache::start);
  }

  @Test
  void L3_atTheClose_thoseThatWaitForACycleBesideABackgroundAreSentAway() throws Exception {
    Gate gate = new Gate();
    var cache = builder().refreshOnCreate(false).refresh((id, value) -> {
      gate.pass();
      return value;
    }).start();
    cache.getOrCreate("present", VALUE);
    Worker<CycleReport> first = Worker.start(() -> cache.sync());
    gate.awaitArrived(1);
    Worker<CycleReport> second = Worker.start(() -> cache.sync());
    cache.close();
    for (Worker<CycleReport> waiter : List.of(first, second)) {
      // The second waits for its turn; if it comes after the close, it gets the same.
      assertThat(waiter.failure()).isInstanceOf(IllegalStateException.class).hasMessageContaining("closed");
    }
  }

  @Test
  void L3_afterClose_closeIsNoError() {
    var cache = closed();
    assertThatNoException().isThrownBy(cache::close);
  }

  @Test
  void L3_creationsThatRaceWithClose_areStoredOrRefused() throws Exception {
    for (int round = 0; round < 100; round++) {
      try (var cache = builder().build()) {
        List<Worker<Integer>> creators = Worker.startTogether(4, number -> {
          int created = 0;
          try {
            while (created < 100_000) {
              String id = number + "/" + created;
              if (number % 2 == 0) {
                cache.getOrCreate(id, VALUE);
              } else {
                cache.getOrCreate(id, key -> VALUE);
              }
              created++;
            }
          } catch (IllegalStateException e) {
            assertThat(e).hasMessageContaining("closed");
          }
          return created;
        });
        int few = round % 10;
        Await.until("some are created", () -> cache.size() >= few);
        cache.close();
        int sizeAtReturn = cache.size();
        int created = 0;
        for (Worker<Integer> creator : creators) {
          created += creator.result();
        }
        assertThat(cache.size()).isEqualTo(created).isEqualTo(sizeAtReturn);
        for (int number = 0; number < creators.size(); number++) {
          for (int i = 0; i < creators.get(number).result(); i++) {
            assertThat(cache.get(number + "/" + i)).isSameAs(VALUE);
          }
        }
      }
    }
  }
}
