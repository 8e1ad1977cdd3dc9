package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemState;
import io.autorefresh.ItemState.Due;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What inspect tells of an item: in flight since when and where, unmentioned answers, what comes next. */
@Timeout(60)
class InspectTest {

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshBatch(remote)
        .refreshEvery(Duration.ofHours(1)).refreshOnCreate(false).spread(false).ticker(ticker);
  }

  private static ItemState<Integer> state(AutoRefresh<String, Integer> cache) {
    return cache.inspect("a").orElseThrow();
  }

  @Test
  void inspect_tellsSinceWhenAndInWhichJob_alsoOfAnItemThatIsMarkedMeanwhile() throws Exception {
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.increments(items);
    });
    try (var cache = builder().onDelete((id, value) -> {}).refreshTimeout(Duration.ofDays(1)).start()) {
      cache.getOrCreate("a", 0);
      assertThat(state(cache)).returns(false, ItemState::inFlight).returns(null, ItemState::inFlightFor);
      assertThat(state(cache).job()).isEmpty();
      cache.refreshSoon("a");
      gate.awaitArrived(1);
      ticker.jump(Duration.ofMinutes(2));
      assertThat(state(cache)).returns(Duration.ofMinutes(2), ItemState::inFlightFor)
          .returns(Due.IN_FLIGHT, ItemState::due);
      assertThat(state(cache).job()).hasValue("jobs/cycle-0/batch-1");
      assertThat(state(cache).toString()).contains("in flight for PT2M in jobs/cycle-0/batch-1");
      cache.deleteDelayed("a");
      assertThat(state(cache)).returns(true, ItemState::inFlight).returns(Duration.ofMinutes(2), ItemState::inFlightFor)
          .returns(true, ItemState::marked).returns(Due.DELETION, ItemState::due);
      gate.open();
      Await.until("the call has ended", () -> !state(cache).inFlight());
    }
  }

  @Test
  void inspect_countsAnswersThatDoNotMentionTheItem_andTellsARequest() throws Exception {
    remote.answers(items -> Map.of());
    try (var cache = builder().build()) {
      cache.getOrCreate("a", 0);
      cache.sync();
      cache.sync();
      assertThat(state(cache)).returns(2, ItemState::unanswered).returns(Due.NEXT_CYCLE, ItemState::due);
      cache.refreshSoon("a");
      assertThat(state(cache).due()).isEqualTo(Due.REQUESTED);
      remote.answers(Remote::increments);
      cache.sync();
      assertThat(state(cache)).returns(0, ItemState::unanswered).returns(true, ItemState::confirmed);
    }
  }
}
