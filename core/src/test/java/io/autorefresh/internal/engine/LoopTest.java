package io.autorefresh.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.Outcome;
import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Alarm;
import io.autorefresh.internal.cycle.CauseLog;
import io.autorefresh.internal.cycle.Context;
import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.Gate;
import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.Tally;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.internal.schedule.Backoff;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Cycles that cannot begin, as memory or threads are short: they are lost, and nothing else is. */
@Timeout(60)
class LoopTest {

  private static final Duration PERIOD = Duration.ofSeconds(10);

  private static final class Items extends Table<String, Integer> {}

  /** What happens to the cycles that cannot begin. */
  private enum Shortage {
    NO_THREAD,
    NO_SCOPE
  }

  private final ManualTicker ticker = new ManualTicker();
  private final Items items = new Items();
  private final List<String> begun = new ArrayList<>();
  private Predicate<String> failing = name -> false;
  private Shortage shortage = Shortage.NO_THREAD;
  private LogCapture log;
  private ItemMap<String, Integer> map;
  private Loop<String, Integer> loop;
  private Alarm alarm;

  @BeforeEach
  void begin() {
    log = LogCapture.open();
    map = new ItemMap<>(items, 1_000, ticker, value -> false, true, null, () -> loop.wake());
    Context<String, Integer> context = new Context<>("s", map, new Fence<>(map),
        SteppedCycle.answering((id, value) -> Outcome.updated(value + 1)), null, value -> false, null, 10,
        new Backoff(1, 1, () -> 0), new Gate(10, null), ticker, Ticker.systemTicker(), Long.MAX_VALUE, Long.MAX_VALUE,
        new Tally(), new CauseLog("s"));
    Cycles<String, Integer> cycles = new Cycles<>(new Tally(), () -> {}, () -> {}, PERIOD.toNanos());
    loop = new Loop<>(context, cycles, PERIOD.toNanos(), false);
    alarm = loop.open();
    loop.begin();
  }

  @AfterEach
  void giveTheLogBack() {
    log.close();
  }

  /** Takes the steps that there are to take by now; fails if there is no end of them. */
  private void step() {
    for (int steps = 0; alarm.left() <= 0; steps++) {
      assertThat(steps).as("steps while the time stands still").isLessThan(10);
      alarm.reset();
      loop.step(alarm, this::start);
    }
  }

  private void start(Cycle<String, Integer> cycle, Runnable whenEnded) {
    begun.add(cycle.name());
    if (!failing.test(cycle.name())) {
      try {
        cycle.run();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    } else if (shortage == Shortage.NO_THREAD) {
      throw new OutOfMemoryError("of the test");
    }
    whenEnded.run();
  }

  private void create(String id) throws InterruptedException {
    map.creations().getOrCreate(id, 0);
  }

  @ParameterizedTest
  @EnumSource
  void R1_aCycleThatCannotBegin_isNotTheLastOne(Shortage shortage) throws Exception {
    this.shortage = shortage;
    create("a");
    step();
    failing = name -> true;
    ticker.advance(PERIOD);
    step();
    failing = name -> false;
    ticker.advance(PERIOD);
    step();
    assertThat(begun).containsExactly("s/first-1", "s/cycle-1", "s/cycle-2");
    assertThat(items.get("a")).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource
  void C4_newItemsWhoseCycleCannotBegin_haveTheirFirstRefreshWithTheNextOnes(Shortage shortage) throws Exception {
    this.shortage = shortage;
    failing = name -> true;
    create("a");
    create("b");
    step();
    assertThat(begun).as("nothing is tried again at once").containsExactly("s/first-1");
    failing = name -> false;
    create("c");
    step();
    assertThat(begun).containsExactly("s/first-1", "s/first-2");
    assertThat(List.of(items.get("a"), items.get("b"), items.get("c"))).containsOnly(1);
  }

  @ParameterizedTest
  @EnumSource
  void C4_newItemsWhoseCycleCannotBegin_waitForTheNextTickAtMost(Shortage shortage) throws Exception {
    this.shortage = shortage;
    failing = name -> true;
    create("a");
    step();
    failing = name -> false;
    ticker.advance(PERIOD);
    step();
    assertThat(begun).containsExactly("s/first-1", "s/first-2", "s/cycle-1");
    assertThat(items.get("a")).isEqualTo(2);
  }

  @Test
  void R1_aPeriodicCycleBeginsAlsoWhenThatOfNewItemsCannot() throws Exception {
    failing = name -> name.contains("first");
    create("a");
    ticker.advance(PERIOD);
    step();
    assertThat(begun).startsWith("s/first-1", "s/cycle-1");
    assertThat(begun).as("that of new items is tried again when the other has ended").last().isEqualTo("s/first-2");
  }
}
