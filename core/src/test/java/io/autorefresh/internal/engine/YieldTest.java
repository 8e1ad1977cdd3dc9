package io.autorefresh.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.Outcome;
import io.autorefresh.internal.cycle.Counters;
import io.autorefresh.internal.cycle.Cycles;
import io.autorefresh.internal.cycle.FailureLog;
import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.SteppedJob;
import io.autorefresh.internal.cycle.SteppedSettings;
import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.internal.items.Traits;
import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** R10: an owner of a cycle yields after 64 hand-outs in a row; what its cycles do, without threads. */
class YieldTest {

  private static final class Items extends Table<Integer, String> {}

  private static final class User implements Traits<Integer, String> {

    @Override
    public boolean isTerminal(String value) {
      return false;
    }

    @Override
    public @Nullable Object groupOf(Integer id, String value) {
      return null;
    }
  }

  private static final class Background implements SteppedDispatcher.Observer<Integer, String> {

    final List<SteppedJob<Integer, String>> started = new ArrayList<>();

    @Override
    public void begins(SteppedCycle<Integer, String> cycle, Extent extent, boolean renewed) {}

    @Override
    public void starts(SteppedJob<Integer, String> job) {
      started.add(job);
    }

    @Override
    public void ended(SteppedCycle<Integer, String> cycle) {}
  }

  private final ManualTicker ticker = new ManualTicker();
  private final Background background = new Background();

  private SteppedDispatcher<Integer, String> dispatcher(int items, int slots) throws InterruptedException {
    Settings<Integer, String> settings = new Settings<>();
    settings.batchRefresher = YieldTest::answer;
    settings.refreshEvery = Duration.ofSeconds(1);
    settings.givenBatchSize = 1;
    settings.maxConcurrency = slots;
    settings.spread = false;
    settings.ticker = ticker;
    Settings<Integer, String> checked = SteppedSettings.of(settings, () -> 0);
    Counters counters = new Counters();
    FailureLog log = new FailureLog("yield", ticker, counters);
    ItemMap<Integer, String> map =
        new ItemMap<>(new Items(), 1_000, ticker, new User(), false, true, null, new Flight("test"), item -> {});
    for (int id = 0; id < items; id++) {
      map.creations().getOrCreate(id, "item");
    }
    return new SteppedDispatcher<>(new Cycles<>(checked, map, null, counters, log), background);
  }

  private static Map<Integer, Outcome<String>> answer(Map<Integer, String> asked) {
    Map<Integer, Outcome<String>> answer = new HashMap<>();
    asked.keySet().forEach(id -> answer.put(id, Outcome.unchanged()));
    return answer;
  }

  @Test
  void R10_anOwnerWithMuchToHandOut_yieldsAfter64() throws InterruptedException {
    SteppedDispatcher<Integer, String> dispatcher = dispatcher(150, 1_000);
    List<Integer> startedByStep = new ArrayList<>();
    while (dispatcher.left() <= 0) {
      int before = background.started.size();
      dispatcher.step();
      startedByStep.add(background.started.size() - before);
    }
    assertThat(startedByStep).startsWith(64, 64, 22);
    assertThat(background.started).hasSize(150);
  }

  @Test
  void R8_anOwnerWithoutSlots_waitsForOne() throws InterruptedException {
    SteppedDispatcher<Integer, String> dispatcher = dispatcher(10, 3);
    while (dispatcher.left() <= 0) {
      dispatcher.step();
    }
    assertThat(background.started).hasSize(3);
    SteppedJob<Integer, String> job = background.started.getFirst();
    assertThat(job.begin()).isTrue();
    job.end();
    assertThat(dispatcher.left()).isLessThanOrEqualTo(0);
    dispatcher.step();
    assertThat(background.started).hasSize(4);
  }
}
