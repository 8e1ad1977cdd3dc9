package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static io.autorefresh.internal.schedule.Planner.things;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Planner.Turn;
import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R1 as arithmetic: what a cycle hands out, and in which order, of the things that are due in every cycle. */
class ScheduleWalkTest {

  private final Planner planner = new Planner();

  private List<Thing> take(int turns) {
    List<Thing> taken = new ArrayList<>();
    for (int i = 0; i < turns; i++) {
      Turn turn = planner.next();
      assertThat(turn).isNotNull();
      taken.addAll(turn.things());
    }
    return taken;
  }

  @Test
  void R1_aCycle_handsOutEveryDueThingOnce_inFullBatches() {
    planner.batchSize = 4;
    List<Thing> things = planner.live("n", 10);
    planner.begin(Extent.PERIOD);
    List<Turn> turns = planner.drain();
    assertThat(things(turns)).isEqualTo(things);
    assertThat(turns).extracting(turn -> turn.things().size()).containsExactly(4, 4, 2);
    assertThat(Planner.kinds(turns)).containsOnly(Kind.REFRESH);
    assertThat(planner.schedule().isHandedOut()).isTrue();
  }

  @Test
  void R1_anEmptyCycle_hasHandedOutAll() {
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().isHandedOut()).isTrue();
    assertThat(planner.schedule().isBehind()).isFalse();
    assertThat(planner.next()).isNull();
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(Schedule.NEVER);
  }

  @Test
  void R1_untilAllIsHandedOut_theCycleIsBehind() {
    planner.live("n", 2);
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().waiting()).isEqualTo(2);
    take(1);
    assertThat(planner.schedule().isHandedOut()).isFalse();
    assertThat(planner.schedule().isBehind()).isTrue();
    assertThat(planner.schedule().waiting()).isEqualTo(1);
    take(1);
    assertThat(planner.schedule().isHandedOut()).isTrue();
    assertThat(planner.schedule().isBehind()).isFalse();
    assertThat(planner.schedule().waiting()).isZero();
  }

  @Test
  void R1_stripes_takeTurnsOfABatch() {
    planner.batchSize = 2;
    List<Thing> ones = planner.live("a", 5);
    List<Thing> others = Planner.things("b", 3);
    planner.stripes.add(others);
    planner.begin(Extent.PERIOD);
    assertThat(planner.drain()).asString().isEqualTo(
        "[REFRESH [a0, a1], REFRESH [b0, b1], REFRESH [a2, a3], REFRESH [b2, a4]]");
    assertThat(ones).hasSize(5);
  }

  @Test
  void R1_theStartTakesNoWalk() {
    planner.live("n", 3);
    planner.begin(Extent.START);
    assertThat(planner.next()).isNull();
    assertThat(planner.schedule().isHandedOut()).isTrue();
  }

  @Test
  void R1_whatACycleDidNotHandOut_goesFirstInTheNext_andNothingTwice() {
    planner.batchSize = 2;
    List<Thing> things = planner.live("n", 8);
    planner.begin(Extent.PERIOD);
    assertThat(take(2)).isEqualTo(things.subList(0, 4));
    planner.now = PERIOD;
    planner.begin(Extent.PERIOD);
    List<Thing> order = new ArrayList<>(things.subList(4, 8));
    order.addAll(things.subList(0, 4));
    assertThat(things(planner.drain())).isEqualTo(order);
    assertThat(things).noneMatch(Thing::isLeftOver);
  }

  @Test
  void R1_whatACycleDidNotHandOut_goesFirstInTheNext_inEachGroup() {
    planner.groups = true;
    planner.live("a", 4, "A");
    planner.live("b", 3, "B");
    planner.begin(Extent.PERIOD);
    assertThat(take(3)).extracting(thing -> thing.name).containsExactly("a0", "b0", "a1");
    planner.begin(Extent.PERIOD);
    assertThat(things(planner.drain()).stream().filter(thing -> thing.group == "A")).extracting(thing -> thing.name)
        .containsExactly("a2", "a3", "a0", "a1");
    assertThat(things(planner.turns.subList(3, 10)).stream().filter(thing -> thing.group == "B"))
        .extracting(thing -> thing.name).containsExactly("b1", "b2", "b0");
  }

  /** Some cycles hand out all, and some a part: the walk goes round and round. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void R1_betweenTwoCallsOfAThing_everyOtherOneIsCalledOnce(long seed) {
    Random random = new Random(seed);
    planner.batchSize = 1 + random.nextInt(3);
    planner.stripes.add(Planner.things("b", 7));
    planner.live("a", 13);
    List<Thing> calls = new ArrayList<>();
    for (int cycle = 0; cycle < 40; cycle++) {
      planner.now = cycle * PERIOD;
      planner.begin(Extent.PERIOD);
      int most = random.nextInt(12);
      for (Turn turn; most > 0 && (turn = planner.next()) != null; most--) {
        calls.addAll(turn.things());
      }
    }
    for (int i = 0; i + 20 <= calls.size(); i++) {
      assertThat(calls.subList(i, i + 20)).as("from the call %s on", i).doesNotHaveDuplicates();
    }
  }

  /** As above, with groups and with things that come, go, fail and move to other groups. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void R1_inEachCycle_everyDueThingIsCalledOnce_whateverHappens(long seed) {
    Random random = new Random(seed);
    planner.groups = true;
    planner.batchSize = 1 + random.nextInt(4);
    for (String group : List.of("A", "B", "C")) {
      planner.live(group, 10, group);
    }
    List<Thing> all = planner.stripes.getFirst();
    Thing apart = new Thing("apart").in("A");
    planner.postpone(apart, 1_000 * PERIOD);
    for (int cycle = 0; cycle < 60; cycle++) {
      planner.now = cycle * PERIOD;
      all.forEach(thing -> thing.inFlight = random.nextInt(20) == 0);
      all.removeIf(thing -> {
        thing.live &= random.nextInt(60) > 0;
        return !thing.live;
      });
      planner.live("n" + cycle, 1, "B");
      planner.begin(Extent.PERIOD);
      List<Thing> due = all.stream().filter(thing -> !thing.inFlight).toList();
      all.stream().filter(thing -> thing.inFlight).forEach(thing -> {
        thing.inFlight = false;
        thing.group = List.of("A", "B", "C").get(random.nextInt(3));
      });
      boolean whole = random.nextInt(3) > 0;
      List<Thing> called = new ArrayList<>();
      Turn turn;
      for (int left = random.nextInt(6); (whole || left > 0) && (turn = planner.next()) != null; left--) {
        assertThat(turn.things()).extracting(thing -> thing.group).containsOnly(turn.things().getFirst().group);
        called.addAll(turn.things());
      }
      assertThat(called).as("cycle %s", cycle).doesNotHaveDuplicates();
      if (whole) {
        assertThat(called).as("cycle %s", cycle).containsAll(due);
      }
    }
  }

  @Test
  void R1_besideAThingApart_eachCycleHandsOutEachThingOnce() {
    List<Thing> things = planner.live("n", 6);
    planner.postpone(new Thing("apart"), 1_000 * PERIOD);
    for (int cycle = 0; cycle < 3; cycle++) {
      planner.now = cycle * PERIOD;
      planner.begin(Extent.PERIOD);
      assertThat(things(planner.drain())).containsExactlyElementsOf(things);
    }
    planner.begin(Extent.PERIOD);
    take(2);
    planner.begin(Extent.PERIOD);
    assertThat(things(planner.drain())).containsExactlyInAnyOrderElementsOf(things);
  }

  @Test
  void R8_thingsThatWereCalledAndAreGone_areNotKeptForLongerThanACycle() {
    planner.postpone(new Thing("apart"), 1_000 * PERIOD);
    List<WeakReference<Thing>> gone = new ArrayList<>();
    for (int cycle = 0; cycle < 10; cycle++) {
      planner.begin(Extent.PERIOD);
      planner.drain();
      planner.turns.clear();
      planner.live("n", 100).forEach(thing -> gone.add(new WeakReference<>(thing)));
      planner.begin(Extent.PERIOD);
      planner.drain();
      planner.turns.clear();
      planner.stripes.getFirst().clear();
    }
    planner.begin(Extent.PERIOD);
    System.gc();
    assertThat(gone.stream().filter(each -> each.get() != null).count()).isLessThanOrEqualTo(1);
  }

  @Test
  void R1_aThingThatIsInFlightWhenItsTurnComes_isLeftOutAndCounted() {
    List<Thing> things = planner.live("n", 3);
    planner.begin(Extent.PERIOD);
    things.get(1).inFlight = true;
    assertThat(things(planner.drain())).containsExactly(things.get(0), things.get(2));
    assertThat(planner.schedule().takeSkipped()).isEqualTo(1);
    assertThat(planner.schedule().takeSkipped()).as("since that").isZero();
  }

  @Test
  void R1_aThingWhoseCallHasEndedWhenItsTurnComes_isCalled() {
    List<Thing> things = planner.live("n", 3);
    things.get(1).inFlight = true;
    planner.begin(Extent.PERIOD);
    things.get(1).inFlight = false;
    assertThat(things(planner.drain())).isEqualTo(things);
    assertThat(planner.schedule().takeSkipped()).isZero();
  }

  @Test
  void R1_whereAllOfABatchIsGone_theNextOneGoes() {
    planner.batchSize = 2;
    List<Thing> things = planner.live("n", 6);
    planner.begin(Extent.PERIOD);
    things.subList(0, 4).forEach(thing -> thing.live = false);
    assertThat(take(1)).isEqualTo(things.subList(4, 6));
    assertThat(planner.schedule().takeSkipped()).isEqualTo(4);
  }

  @Test
  void S1_aThingThatHasGotItsOwnDueTimeSince_isNotCalledByTheWalk() {
    List<Thing> things = planner.live("n", 3);
    things.get(0).inFlight = true;
    things.get(1).inFlight = true;
    planner.begin(Extent.PERIOD);
    planner.postpone(things.get(0), 5 * PERIOD);
    planner.fail(things.get(1), 5 * SECOND);
    assertThat(things(planner.drain())).containsExactly(things.get(2));
    planner.now += 5 * SECOND;
    assertThat(things(planner.drain())).containsExactly(things.get(1));
  }

  @Test
  void R1_aThingThatHasMovedToAnotherGroupSince_isCalledInABatchOfThat_once() {
    planner.groups = true;
    planner.batchSize = 4;
    List<Thing> ones = planner.live("a", 2, "A");
    List<Thing> others = planner.live("b", 2, "B");
    ones.getFirst().inFlight = true;
    planner.begin(Extent.PERIOD);
    ones.getFirst().confirmed().in("B");
    assertThat(planner.drain()).asString().isEqualTo("[REFRESH [a1], REFRESH [b0, b1, a0]]");
    assertThat(planner.schedule().takeSkipped()).as("none was left out").isZero();
    assertThat(planner.schedule().waiting()).isZero();
    assertThat(others).hasSize(2);
  }

  /** A look costs a cache miss. */
  @Test
  void R1_whereNoJobRunsAndNoRateHolds_thingsOfTheWalkAreNotLookedAtAgain() {
    planner.busy = false;
    List<Thing> things = planner.live("n", 3);
    planner.begin(Extent.PERIOD);
    assertThat(things(planner.drain())).isEqualTo(things);
    assertThat(things).allMatch(thing -> thing.looks == 0);
  }

  @Test
  void R1_aCycleOnDemand_takesEverything_alsoWhatThePeriodicOneHasHandedOut() {
    List<Thing> things = planner.live("n", 4);
    Thing created = planner.create("new", 1).getFirst();
    Thing failed = planner.live("failed", 1).getFirst();
    planner.fail(failed, SECOND);
    things.getLast().inFlight = true;
    planner.begin(Extent.PERIOD);
    take(3);
    planner.now = 2 * SECOND;
    planner.begin(Extent.DEMAND);
    List<Thing> taken = new ArrayList<>();
    while (!planner.schedule().isHandedOut()) {
      taken.addAll(take(1));
    }
    List<Thing> expected = new ArrayList<>(things.subList(0, 3));
    expected.add(failed);
    assertThat(taken).contains(expected.toArray(Thing[]::new)).doesNotHaveDuplicates();
    assertThat(created.fresh || taken.contains(created)).isTrue();
    planner.schedule().endDemand();
    assertThat(planner.next()).isNull();
  }

  @Test
  void R1_theEffectivePeriod_isThatOfTheLastCyclesPace() {
    planner.live("n", 10);
    assertThat(planner.schedule().effectivePeriod()).isEqualTo(PERIOD);
    planner.begin(Extent.PERIOD);
    take(4);
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().effectivePeriod()).as("4 of 10").isEqualTo(5 * PERIOD / 2);
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().effectivePeriod()).as("none of 10").isEqualTo(10 * PERIOD);
    take(5);
    planner.begin(Extent.DEMAND);
    assertThat(planner.schedule().effectivePeriod()).as("a cycle on demand says nothing").isEqualTo(10 * PERIOD);
    planner.drain();
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().effectivePeriod()).isEqualTo(PERIOD);
  }

  @Test
  void L2_theLastCycle_takesDeletionsAlone() {
    List<Thing> things = planner.live("n", 3);
    planner.create("new", 2);
    planner.fail(things.getFirst(), 0);
    planner.begin(Extent.PERIOD);
    take(1);
    Thing marked = planner.live("marked", 1).getFirst();
    planner.begin(Extent.CLOSE, marked);
    planner.schedule().addNew(new Thing("late").fresh());
    planner.fail(things.getLast(), 0);
    assertThat(planner.schedule().waiting()).isZero();
    assertThat(planner.schedule().isHandedOut()).isFalse();
    List<Turn> turns = planner.drain();
    assertThat(turns).asString().isEqualTo("[DELETION [marked0]]");
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(Schedule.NEVER);
    assertThat(planner.schedule().isHandedOut()).isTrue();
  }
}
