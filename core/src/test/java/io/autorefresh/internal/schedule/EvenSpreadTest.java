package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.MILLI;
import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static io.autorefresh.internal.schedule.Planner.times;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Planner.Turn;
import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R9 as arithmetic: how evenly a schedule hands out a cycle's walk, and what becomes due in the cycle's course. */
class EvenSpreadTest {

  /** A walk lies in nine tenths of its period. */
  private static final long SPREAD = PERIOD / 10 * 9;
  private static final long TOLERANCE = 50 * MILLI;

  private final Planner planner = new Planner();

  @BeforeEach
  void spread() {
    planner.spread = true;
  }

  /** In any stretch of w at most 1 + (w + 0.05 s) r calls, where r is so many batches in nine tenths of the period. */
  private static void assertEven(List<Turn> turns, int batches) {
    double least = Double.MAX_VALUE;
    for (int i = 0; i < turns.size(); i++) {
      double ahead = (double) i * SPREAD / batches - turns.get(i).at();
      least = Math.min(least, ahead);
      assertThat(ahead - least).as("the call %s of %s, ahead", i, batches).isLessThanOrEqualTo(TOLERANCE + 1);
    }
  }

  @ParameterizedTest(name = "{0} things in batches of {1}, after {2} of the first gap")
  @CsvSource({"1, 1, 0", "1, 1, 0.999", "7, 1, 0.5", "90, 1, 0", "90, 1, 0.25", "95, 10, 0.7", "1000, 1, 0.1",
      "4321, 3, 0.9", "30000, 1, 0.5"})
  void R9_aWalk_isHandedOutAtOnePaceInNineTenthsOfItsPeriod(int things, int batch, double phase) {
    planner.batchSize = batch;
    planner.phase = phase;
    planner.live("n", things);
    planner.begin(Extent.PERIOD);
    List<Turn> turns = planner.runUntil(PERIOD);
    int batches = Math.ceilDiv(things, batch);
    long gap = Math.ceilDiv(SPREAD, batches);
    long first = (long) (phase * gap);
    assertThat(times(turns)).isEqualTo(LongStream.range(0, batches).mapToObj(i -> first + i * gap).toList());
    assertThat(turns.getLast().at()).isLessThanOrEqualTo(SPREAD + batches);
    assertEven(turns, batches);
  }

  @Test
  void R9_theCallsOfAllGroups_areCounted() {
    planner.groups = true;
    planner.batchSize = 10;
    for (String group : List.of("A", "B", "C")) {
      planner.live(group, 21, group);
    }
    planner.begin(Extent.PERIOD);
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(times(turns)).isEqualTo(LongStream.range(0, 9).mapToObj(i -> i * 10 * SECOND).toList());
  }

  /** An owner that looks rarely, by a coarse clock or since slots are taken, gets 50 ms' worth at once at most. */
  @ParameterizedTest(name = "steps of {0} ms, {1} things")
  @CsvSource({"10, 100", "10, 10000", "40, 1000", "50, 2000", "100, 100", "100, 30000", "333, 1000", "5000, 90"})
  void R9_aCoarseClock_bringsNoBurst(long step, int things) {
    planner.live("n", things);
    planner.begin(Extent.PERIOD);
    List<Turn> turns = new ArrayList<>();
    for (; planner.now < PERIOD; planner.now += step * MILLI) {
      turns.addAll(planner.drain());
    }
    assertEven(turns, things);
    assertThat(turns).hasSizeGreaterThan(1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void R9_pausesOfAnyLength_bringNoBurst(long seed) {
    Random random = new Random(seed);
    int things = 1 + random.nextInt(5_000);
    planner.phase = random.nextDouble();
    planner.live("n", things);
    planner.begin(Extent.PERIOD);
    List<Turn> turns = new ArrayList<>();
    while (planner.now < PERIOD) {
      turns.addAll(planner.runUntil(planner.now + random.nextLong(5 * SECOND)));
      planner.now += random.nextLong(random.nextInt(5) == 0 ? 5 * SECOND : 100 * MILLI);
    }
    assertEven(turns, things);
  }

  @Test
  void R9_aPauseOf40Milliseconds_isCaughtUp() {
    planner.live("n", 9_000);
    planner.begin(Extent.PERIOD);
    planner.runUntil(10 * SECOND);
    planner.now += 40 * MILLI;
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(turns.stream().filter(turn -> turn.at() == 10 * SECOND + 40 * MILLI)).as("at 10 ms each").hasSize(5);
    assertThat(turns.getLast().at()).as("as if there had been none").isEqualTo(SPREAD - 10 * MILLI);
  }

  @Test
  void R9_aLongPause_isNotCaughtUp_exceptFor50Milliseconds() {
    planner.live("n", 9_000);
    planner.begin(Extent.PERIOD);
    planner.runUntil(10 * SECOND);
    planner.now = 13 * SECOND;
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(turns.stream().filter(turn -> turn.at() == 13 * SECOND)).hasSize(6);
    assertThat(turns.getLast().at()).isEqualTo(SPREAD - 10 * MILLI + 3 * SECOND - 50 * MILLI);
  }

  @Test
  void R9_aWalkThatIsNotHandedOutInItsPeriod_goesOnInTheNext_withoutItsPhase() {
    planner.phase = 0.5;
    List<Thing> things = planner.live("n", 9);
    planner.begin(Extent.PERIOD);
    planner.runUntil(30 * SECOND);
    planner.now = PERIOD;
    planner.begin(Extent.PERIOD);
    List<Turn> turns = planner.runUntil(2 * PERIOD);
    assertThat(turns.getFirst().at()).isEqualTo(PERIOD);
    assertThat(turns.getFirst().things()).containsExactly(things.get(3));
    assertThat(turns).hasSize(9);
    assertEven(turns, 9);
  }

  @Test
  void R9_things_thatAreGoneWhenACycleBegins_countNoMore() {
    List<Thing> things = planner.live("n", 100);
    planner.begin(Extent.PERIOD);
    things.forEach(thing -> thing.live = false);
    planner.live("o", 9);
    planner.now = PERIOD;
    planner.begin(Extent.PERIOD);
    assertEven(planner.runUntil(2 * PERIOD), 9);
    assertThat(planner.turns).hasSize(9);
  }

  @Test
  void R9_thingsLeftOver_thatAreDueNoMore_countNoMore() {
    planner.groups = true;
    planner.batchSize = 10;
    List<Thing> things = planner.live("n", 19, "A");
    things.forEach(thing -> thing.inFlight = true);
    planner.begin(Extent.PERIOD);
    planner.postpone(things.getFirst(), 5 * PERIOD);
    things.subList(1, 10).forEach(thing -> thing.confirmed().in("B"));
    things.subList(10, 19).forEach(Thing::confirmed);
    planner.now = PERIOD;
    planner.begin(Extent.PERIOD);
    List<Turn> turns = planner.runUntil(2 * PERIOD);
    assertThat(times(turns)).as("two batches").containsExactly(PERIOD, PERIOD + SPREAD / 2);
  }

  @Test
  void R9_aBatchOfWhichNothingIsLeft_keepsItsPlaceInTime() {
    List<Thing> things = planner.live("n", 9);
    planner.begin(Extent.PERIOD);
    things.get(1).live = false;
    assertThat(times(planner.runUntil(PERIOD))).isEqualTo(
        LongStream.range(0, 9).filter(i -> i != 1).mapToObj(i -> i * 10 * SECOND).toList());
  }

  // Things that become due in a cycle's course

  @ParameterizedTest(name = "{0} that are due of {1} live ones")
  @CsvSource({"1, 1", "9, 9", "100, 1000", "900, 900", "4000, 9000"})
  void R9_whatBecomesDue_hasTheRateOfAllLiveThings(int due, int live) {
    List<Thing> things = planner.live("n", live);
    planner.begin(Extent.START);
    things.subList(0, due).forEach(thing -> planner.fail(thing, SECOND));
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(turns).hasSize(due);
    assertThat(turns.getFirst().at()).as("from the moment on at which it is due").isEqualTo(SECOND);
    assertEven(turns, live);
    long last = SECOND + SPREAD / live * (due - 1);
    assertThat(turns.getLast().at()).isBetween(last - TOLERANCE, last + due);
  }

  @Test
  void R9_walkAndThingsThatBecomeDue_haveAMeterEach() {
    List<Thing> things = planner.live("n", 18);
    things.subList(0, 9).forEach(thing -> planner.fail(thing, 0));
    planner.begin(Extent.PERIOD);
    List<Turn> turns = planner.runUntil(PERIOD);
    List<Turn> apart = turns.stream().filter(turn -> things.indexOf(turn.things().getFirst()) < 9).toList();
    List<Turn> walk = turns.stream().filter(turn -> things.indexOf(turn.things().getFirst()) >= 9).toList();
    assertThat(times(apart)).isEqualTo(LongStream.range(0, 9).mapToObj(i -> i * 5 * SECOND).toList());
    assertThat(times(walk)).isEqualTo(LongStream.range(0, 9).mapToObj(i -> i * 10 * SECOND).toList());
  }

  @Test
  void R9_newThings_countForTheSecondMeter_once() {
    planner.live("n", 45).forEach(Thing::fresh);
    planner.postpone(new Thing("of the same group"), 100 * PERIOD);
    planner.begin(Extent.START);
    assertThat(planner.drain()).as("do not wait").hasSize(45);
    List<Thing> later = planner.create("later", 45);
    assertThat(planner.drain()).hasSize(45);
    List<Thing> all = new ArrayList<>(planner.stripes.getFirst());
    assertThat(all).containsAll(later);
    all.forEach(thing -> planner.fail(thing, SECOND));
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(turns).hasSize(90);
    assertEven(turns, 90);
    assertThat(turns.getLast().at()).isEqualTo(90 * SECOND - TOLERANCE);
  }

  @Test
  void R9_manyNewThings_shortenTheWaitThatRuns() {
    Thing failed = planner.live("n", 1).getFirst();
    planner.begin(Extent.START);
    planner.fail(failed, 0);
    planner.drain();
    planner.fail(failed, SECOND);
    planner.create("later", 89);
    planner.drain();
    assertThat(times(planner.runUntil(PERIOD))).containsExactly(SECOND);
  }

  @Test
  void R9_theGroupsOfAllLiveThings_countForTheSecondMeter() {
    planner.groups = true;
    planner.batchSize = 10;
    List<Thing> due = planner.live("a", 9, "A");
    List<Thing> others = planner.live("b", 11, "B");
    others.forEach(thing -> planner.postpone(thing, 10 * PERIOD));
    due.forEach(thing -> planner.fail(thing, SECOND));
    planner.batchSize = 10;
    planner.begin(Extent.PERIOD);
    planner.runUntil(SECOND + 1);
    planner.fail(due.getFirst(), 0);
    planner.fail(due.get(1), SECOND);
    planner.runUntil(PERIOD);
    assertThat(times(planner.turns)).as("three batches").containsExactly(SECOND, SECOND + SPREAD / 3 - TOLERANCE);
  }

  @Test
  void R9_deletionsAndNewThings_doNotWait() {
    List<Thing> things = planner.live("n", 9);
    planner.phase = 0.5;
    planner.begin(Extent.PERIOD, things.get(0), things.get(1));
    planner.create("new", 3);
    assertThat(planner.drain()).extracting(Turn::kind)
        .containsExactlyInAnyOrder(Kind.FIRST, Kind.FIRST, Kind.FIRST, Kind.DELETION, Kind.DELETION);
    assertThat(planner.now).isZero();
  }

  // Where nothing is spread

  @Test
  void R9_withoutSpread_allBeginsAtOnce() {
    planner.spread = false;
    planner.phase = 0.5;
    List<Thing> things = planner.live("n", 9);
    things.subList(0, 5).forEach(thing -> planner.fail(thing, 0));
    planner.begin(Extent.PERIOD);
    assertThat(planner.drain()).hasSize(9);
    assertThat(planner.schedule().isPaced()).isFalse();
  }

  @Test
  void R9_aCycleOnDemand_isNotSpread_andThePeriodicOneGoesOn() {
    List<Thing> things = planner.live("n", 9);
    planner.begin(Extent.PERIOD);
    planner.runUntil(15 * SECOND);
    planner.begin(Extent.DEMAND);
    assertThat(planner.schedule().isPaced()).isFalse();
    assertThat(planner.drain()).hasSize(9);
    things.forEach(thing -> planner.fail(thing, SECOND));
    planner.schedule().endDemand();
    assertThat(planner.schedule().isPaced()).isTrue();
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(turns).as("at their rate again").hasSize(9);
    assertEven(turns, 9);
  }

  @Test
  void R9_aCycleOnDemandWithoutABackground_leavesNoPace() {
    planner.live("n", 9);
    planner.begin(Extent.DEMAND);
    planner.drain();
    planner.schedule().endDemand();
    assertThat(planner.schedule().isPaced()).isFalse();
  }
}
