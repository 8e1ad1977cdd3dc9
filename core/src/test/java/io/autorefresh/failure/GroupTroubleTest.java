package io.autorefresh.failure;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState.Trouble;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** M1, R7 and R12 where items have groups: the trouble of one group is no other group's. */
@Timeout(60)
class GroupTroubleTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);
  private static final Duration SECOND = Duration.ofSeconds(1);

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);
  private final Gate gate = new Gate(ticker);
  private final AtomicBoolean bad = new AtomicBoolean(true);
  @AutoClose
  private final LogCapture log = LogCapture.open();

  /** The group of an id is what comes before the hyphen. */
  private static String group(String id) {
    return id.substring(0, id.indexOf('-'));
  }

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(PERIOD).ticker(ticker).refreshBatch(remote)
        .batchBy((id, item) -> group(id)).refreshTimeout(Duration.ofSeconds(3)).closeTimeout(Duration.ofMillis(1));
  }

  private static void create(AutoRefresh<String, Integer> cache, String group, int items) {
    IntStream.range(0, items).forEach(i -> cache.getOrCreate(group + "-" + i, 0));
  }

  private void hang(Map<String, Integer> items) throws TimeoutException {
    if (bad.get() && items.keySet().stream().anyMatch(id -> id.startsWith("bad"))) {
      gate.passStubbornly();
    }
  }

  private void forward(AutoRefresh<String, Integer> cache, int seconds) throws Exception {
    for (int second = 0; second < seconds; second++) {
      ticker.advance(SECOND);
      Await.until("calls whose time is over are abandoned",
          () -> cache.stats().timedOutCalls() == cache.stats().abandonedJobs());
    }
  }

  private static Set<Trouble> troubles(AutoRefresh<String, Integer> cache, String id) {
    return cache.inspect(id).orElseThrow().troubles();
  }

  @AfterEach
  void openGate() {
    gate.open();
  }

  @Test
  void M1_aCallThatThrowsRetryAfter_pausesItsGroup_newItemsIncluded_andNoOther() throws Exception {
    remote.answers(items -> {
      if (bad.get() && items.keySet().stream().anyMatch(id -> id.startsWith("bad"))) {
        throw new RetryAfterException(PERIOD.multipliedBy(3).plus(SECOND));
      }
      return Remote.increments(items);
    });
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(2).spread(false).build()) {
      create(cache, "bad", 8);
      create(cache, "good", 4);
      cache.start();
      Await.until("the group is paused", () -> cache.stats().groupsPaused() == 1);
      Await.until("the other goes on", () -> cache.get("good-0") == 1);
      Await.until("nothing runs", () -> cache.stats().runningJobs() == 0);
      assertThat(troubles(cache, "bad-0")).contains(Trouble.GROUP_PAUSED).doesNotContain(Trouble.SUSPECT);
      assertThat(troubles(cache, "good-0")).isEmpty();
      assertThat(cache.stats()).returns(0L, Stats::suspects).returns(0L, Stats::groupsDown);
      bad.set(false);
      remote.forget();
      cache.getOrCreate("bad-new", 0);
      forward(cache, 30);
      assertThat(remote.refreshes()).as("calls of three periods").isNotEmpty()
          .allSatisfy(call -> assertThat(call.ids()).allMatch(id -> id.startsWith("good")));
      assertThat(cache.get("good-0")).isEqualTo(4);
      forward(cache, 1);
      Await.until("its pause is over, and all are refreshed",
          () -> cache.get("bad-new") > 0 && IntStream.range(0, 8).allMatch(i -> cache.get("bad-" + i) > 0));
      Await.until("that is told", () -> cache.stats().groupsPaused() == 0);
      assertThat(troubles(cache, "bad-0")).isEmpty();
    }
  }

  @Test
  void M1_aPauseLastsAnHourAtMost_forTheItemsOfTheCall_too() throws Exception {
    remote.answers(items -> {
      throw new RetryAfterException(Duration.ofDays(7));
    });
    try (AutoRefresh<String, Integer> cache = jobs().spread(false).build()) {
      create(cache, "bad", 1);
      cache.start();
      Await.until("the group is paused", () -> cache.stats().groupsPaused() == 1);
      remote.answers(Remote::increments);
      ticker.jump(Duration.ofHours(1).minus(SECOND)).settle();
      assertThat(cache.get("bad-0")).isZero();
      ticker.jump(SECOND);
      Await.until("the pause is over", () -> cache.get("bad-0") > 0);
    }
  }

  /** Row M of the faults. */
  @Test
  void R12_ofEightGroupsOfWhichTwoHang_theOthersKeepTheirPeriod() throws Exception {
    remote.answers(items -> {
      hang(items);
      return Remote.increments(items);
    });
    List<String> groups = List.of("bad1", "good1", "good2", "good3", "bad2", "good4", "good5", "good6");
    try (AutoRefresh<String, Integer> cache = jobs().batchSize(2).maxConcurrency(4).refreshOnCreate(false).build()) {
      groups.forEach(group -> create(cache, group, 8));
      cache.start();
      forward(cache, 20);
      remote.forget();
      for (int second = 0; second < 200; second++) {
        forward(cache, 1);
        for (String group : groups) {
          for (int i = 0; i < 8 && group.startsWith("good"); i++) {
            assertThat(cache.inspect(group + "-" + i).orElseThrow().age()).as("%s-%s after %s s", group, i, second)
                .isLessThan(PERIOD.multipliedBy(2));
          }
        }
      }
      assertThat(IntStream.range(0, 8)).as("twenty periods").allMatch(i -> remote.refreshes("good3-" + i) >= 19);
      assertThat(cache.stats()).returns(2L, Stats::groupsDown);
      assertThat(cache.stats().abandonedJobs()).as("threads").isLessThanOrEqualTo(2 * (4 + 6) + 10);
      assertThat(troubles(cache, "bad1-0")).contains(Trouble.GROUP_DOWN);
      assertThat(troubles(cache, "good1-0")).isEmpty();
      bad.set(false);
      for (int period = 0; period < 40 && cache.stats().groupsDown() > 0; period++) {
        forward(cache, 10);
      }
      forward(cache, 20);
      assertThat(cache.stats()).returns(0L, Stats::groupsDown).returns(0L, Stats::suspects);
      assertThat(groups).allSatisfy(group ->
          assertThat(IntStream.range(0, 8)).allMatch(i -> cache.get(group + "-" + i) > 0));
    }
  }
}
