package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.MILLI;
import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static io.autorefresh.internal.schedule.Planner.things;
import static io.autorefresh.internal.schedule.Planner.times;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Planner.Turn;
import io.autorefresh.internal.schedule.Schedule.Extent;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R1, R6 and S6 as arithmetic: when things with due times of their own are handed out, and beside which. */
class ScheduleApartTest {

  private final Planner planner = new Planner();

  @BeforeEach
  void batches() {
    planner.batchSize = 4;
  }

  @Test
  void R1_aThingWhoseBackOffEndsInACyclesCourse_isDueFromThatMomentOn() {
    planner.begin(Extent.PERIOD);
    Thing thing = planner.live("n", 1).getFirst();
    planner.fail(thing, 7 * SECOND);
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(7 * SECOND);
    assertThat(planner.runUntil(7 * SECOND)).isEmpty();
    assertThat(planner.drain()).asString().isEqualTo("[REFRESH [n0]]");
  }

  @Test
  void R1_thingsThatAreDue_comeInTheOrderOfTheirTimes() {
    planner.begin(Extent.PERIOD);
    List<Thing> things = planner.live("n", 6);
    for (int i = 0; i < 6; i++) {
      planner.fail(things.get(i), (6 - i) * SECOND);
    }
    planner.now = 10 * SECOND;
    assertThat(planner.drain()).asString().isEqualTo("[REFRESH [n5, n4, n3, n2], REFRESH [n1, n0]]");
  }

  @Test
  void R1_aNewDueTime_replacesTheOneBefore() {
    planner.begin(Extent.PERIOD);
    Thing thing = planner.live("n", 1).getFirst();
    planner.fail(thing, SECOND);
    planner.fail(thing, 5 * SECOND);
    assertThat(times(planner.runUntil(PERIOD))).containsExactly(5 * SECOND);
    planner.fail(thing, 20 * SECOND);
    planner.fail(thing, 10 * SECOND);
    assertThat(times(planner.runUntil(2 * PERIOD))).as("once").containsExactly(PERIOD + 10 * SECOND);
  }

  @Test
  void R1_thingsThatAreGoneMarkedOrInFlight_areNotHandedOut() {
    planner.begin(Extent.PERIOD);
    List<Thing> things = planner.live("n", 4);
    things.forEach(thing -> planner.fail(thing, SECOND));
    things.get(0).live = false;
    things.get(1).marked = true;
    things.get(2).inFlight = true;
    assertThat(things(planner.runUntil(PERIOD))).containsExactly(things.get(3));
  }

  @Test
  void R1_aThingOfEachGroup_waitsForItsOwnTime() {
    planner.groups = true;
    planner.begin(Extent.PERIOD);
    for (String group : List.of("C", "A", "B")) {
      List<Thing> things = planner.live(group, 2, group);
      planner.fail(things.get(0), group.charAt(0) * SECOND - 'A' * SECOND);
      planner.fail(things.get(1), group.charAt(0) * SECOND - 'A' * SECOND);
    }
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(turns).asString().isEqualTo("[REFRESH [A0, A1], REFRESH [B0, B1], REFRESH [C0, C1]]");
    assertThat(times(turns)).containsExactly(0L, SECOND, 2 * SECOND);
  }

  @Test
  void R1_groupsOfThingsThatAreAllDue_areServedByTheirFirstDueTimes() {
    planner.groups = true;
    planner.batchSize = 1;
    planner.begin(Extent.PERIOD);
    long delay = 1;
    for (int round = 0; round < 3; round++) {
      for (String group : List.of("A", "B")) {
        planner.fail(planner.live(group + round, 1, group).getFirst(), delay++);
      }
    }
    planner.now = SECOND;
    assertThat(things(planner.drain())).extracting(thing -> thing.name)
        .containsExactly("A00", "B00", "A10", "B10", "A20", "B20");
  }

  @Test
  void R1_thingsThatFailAgainAndAgain_doNotStarveTheOthers() {
    planner.batchSize = 1;
    List<Thing> failing = planner.live("f", 2);
    failing.forEach(thing -> planner.fail(thing, 0));
    planner.live("n", 10);
    planner.begin(Extent.PERIOD);
    int others = 0;
    for (int i = 0; i < 20; i++) {
      Thing called = planner.next().things().getFirst();
      if (failing.contains(called)) {
        planner.fail(called, MILLI);
      } else {
        others++;
      }
      planner.now += 10 * MILLI;
    }
    assertThat(others).isEqualTo(10);
  }

  @Test
  void R1_aCycleOnDemand_lastsUntilThingsThatWereDueAtItsBeginningAreHandedOut() {
    planner.batchSize = 1;
    List<Thing> things = planner.live("n", 4);
    planner.fail(things.get(0), SECOND);
    planner.fail(things.get(1), SECOND);
    planner.fail(things.get(2), 2 * SECOND);
    planner.now = SECOND;
    planner.begin(Extent.DEMAND);
    assertThat(planner.next().things()).containsAnyOf(things.get(0), things.get(1));
    assertThat(planner.next().things()).containsExactly(things.get(3));
    assertThat(planner.schedule().isHandedOut()).isFalse();
    assertThat(planner.next().things()).containsAnyOf(things.get(0), things.get(1));
    planner.now = 3 * SECOND;
    assertThat(planner.schedule().isHandedOut()).as("the other was not due then").isTrue();
  }

  @Test
  void R9_aSpreadCycle_hasHandedOutAll_thoughThingsThatAreDueWaitForTheirPace() {
    planner.spread = true;
    planner.batchSize = 1;
    planner.live("n", 2).forEach(thing -> planner.fail(thing, 0));
    planner.begin(Extent.PERIOD);
    assertThat(planner.drain()).hasSize(1);
    assertThat(planner.schedule().isHandedOut()).isTrue();
  }

  // S6

  @Test
  void S6_aBatchThatIsNotFull_isToppedUpWithThingsOfItsGroupThatAreDueSoonest() {
    planner.groups = true;
    planner.begin(Extent.PERIOD);
    planner.postpone(planner.live("first", 1, "A").getFirst(), SECOND);
    planner.postpone(planner.live("third", 1, "A").getFirst(), 30 * SECOND);
    planner.postpone(planner.live("second", 1, "A").getFirst(), 20 * SECOND);
    planner.postpone(planner.live("fifth", 1, "A").getFirst(), 50 * SECOND);
    planner.postpone(planner.live("fourth", 1, "A").getFirst(), 40 * SECOND);
    planner.postpone(planner.live("other", 1, "B").getFirst(), 10 * SECOND);
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(turns).asString().isEqualTo(
        "[REFRESH [first0, second0, third0, fourth0], REFRESH [other0], REFRESH [fifth0]]");
    assertThat(times(turns)).containsExactly(SECOND, 10 * SECOND, 50 * SECOND);
  }

  @Test
  void S6_thingsThatAreDueLaterThanAPeriodFromNow_areNoTopUp() {
    planner.begin(Extent.PERIOD);
    List<Thing> things = planner.live("n", 3);
    planner.postpone(things.get(0), SECOND);
    planner.postpone(things.get(1), SECOND + PERIOD);
    planner.postpone(things.get(2), SECOND + PERIOD + 1);
    planner.runUntil(SECOND);
    assertThat(planner.drain()).asString().isEqualTo("[REFRESH [n0, n1]]");
  }

  @Test
  void S6_thingsThatFail_areNoTopUp_andGetNone() {
    planner.begin(Extent.PERIOD);
    List<Thing> things = planner.live("n", 4);
    planner.postpone(things.get(0), SECOND);
    planner.fail(things.get(1), 2 * SECOND);
    planner.postpone(things.get(2), 3 * SECOND);
    planner.postpone(things.get(3), 50 * SECOND);
    List<Turn> turns = planner.runUntil(2 * SECOND + 1);
    assertThat(turns).asString().isEqualTo("[REFRESH [n0, n2, n3], REFRESH [n1]]");
    assertThat(times(turns)).containsExactly(SECOND, 2 * SECOND);
  }

  @Test
  void S6_aTopUpPassesOverAsManyThingsThatFailAsABatchMayHave() {
    planner.begin(Extent.PERIOD);
    List<Thing> things = planner.live("n", 6);
    planner.postpone(things.get(0), SECOND);
    for (int i = 1; i < 5; i++) {
      planner.fail(things.get(i), (i + 1) * SECOND);
    }
    planner.postpone(things.get(5), 50 * SECOND);
    planner.runUntil(SECOND);
    assertThat(planner.drain()).as("not the one behind four").asString().isEqualTo("[REFRESH [n0]]");
    List<Turn> later = planner.runUntil(10 * SECOND);
    assertThat(things(later)).as("those that it passed over wait").isEqualTo(things.subList(1, 5));
    planner.postpone(things.get(0), SECOND);
    for (int i = 1; i < 4; i++) {
      planner.fail(things.get(i), (i + 1) * SECOND);
    }
    planner.runUntil(planner.now + SECOND);
    assertThat(planner.drain()).as("the one behind three").asString().isEqualTo("[REFRESH [n0, n5]]");
  }

  @Test
  void S6_aFullBatch_leavesTheOthersAlone() {
    planner.begin(Extent.PERIOD);
    List<Thing> things = planner.live("n", 5);
    things.forEach(thing -> planner.postpone(thing, SECOND));
    planner.postpone(things.getLast(), 2 * SECOND);
    planner.runUntil(SECOND);
    assertThat(things(planner.drain())).containsExactlyInAnyOrderElementsOf(things.subList(0, 4));
  }

  @Test
  void S6_theLastBatchOfAWalk_isToppedUp_andAFullOneIsNot() {
    List<Thing> things = planner.live("n", 6);
    List<Thing> others = planner.live("o", 3);
    planner.postpone(others.get(0), 50 * SECOND);
    planner.postpone(others.get(1), 40 * SECOND);
    planner.postpone(others.get(2), 30 * SECOND);
    planner.begin(Extent.PERIOD);
    List<Turn> turns = planner.drain();
    assertThat(turns).asString().isEqualTo("[REFRESH [n0, n1, n2, n3], REFRESH [n4, n5, o2, o1]]");
    assertThat(things).hasSize(6);
  }

  @Test
  void S6_aBatchOfTheWalkOfWhichNothingIsLeft_isNotToppedUp() {
    Thing thing = planner.live("n", 1).getFirst();
    planner.postpone(planner.live("o", 1).getFirst(), 50 * SECOND);
    planner.begin(Extent.PERIOD);
    thing.live = false;
    assertThat(planner.drain()).isEmpty();
  }

  @Test
  void S6_newThings_areNotMixedWithOthers() {
    planner.begin(Extent.PERIOD);
    planner.postpone(planner.live("o", 1).getFirst(), 50 * SECOND);
    planner.create("n", 1);
    assertThat(planner.drain()).asString().isEqualTo("[FIRST [n0]]");
  }

  // Memory

  @Test
  void R8_thingsThatAreGoneBeforeTheyAreDue_areNotKept() {
    planner.begin(Extent.PERIOD);
    List<WeakReference<Thing>> gone = new ArrayList<>();
    planner.fail(new Thing("first"), SECOND);
    for (int i = 0; i < 10_000; i++) {
      Thing thing = new Thing("n");
      planner.postpone(thing, 10_000 * SECOND + i);
      thing.live = false;
      gone.add(new WeakReference<>(thing));
    }
    System.gc();
    assertThat(gone.stream().filter(each -> each.get() != null).count()).isLessThan(100);
  }

  @Test
  void R8_groupsOfWhichNothingWaitsAnyMore_areNotKept() {
    planner.groups = true;
    List<WeakReference<Object>> groups = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      Object group = new Object();
      groups.add(new WeakReference<>(group));
      Thing thing = new Thing("n").in(group);
      switch (i % 3) {
        case 0 -> planner.postpone(thing, 10_000 * SECOND);
        case 1 -> planner.schedule().addNew(thing.fresh());
        default -> planner.stripes.getFirst().add(thing);
      }
      thing.live = i % 3 == 2;
    }
    planner.begin(Extent.PERIOD);
    planner.drain();
    planner.stripes.getFirst().clear();
    planner.turns.clear();
    planner.begin(Extent.PERIOD);
    planner.schedule().delay(Planner.time(planner.now));
    planner.begin(Extent.PERIOD);
    planner.schedule().delay(Planner.time(planner.now));
    System.gc();
    assertThat(groups.stream().filter(each -> each.get() != null).count()).isLessThan(10);
  }

  @Test
  void R1_thingsOfOneGroup_shareABatch_alsoWhereItHadNothingForAWhile() {
    planner.groups = true;
    planner.begin(Extent.START);
    Thing other = new Thing("other").in("B");
    planner.fail(other, SECOND);
    List<Thing> things = planner.live("a", 4, "A");
    planner.fail(things.get(0), 2 * SECOND);
    things.get(0).live = false;
    planner.schedule().addNew(things.get(1).fresh());
    assertThat(planner.drain()).hasSize(1);
    planner.schedule().addNew(things.get(2).fresh());
    other.live = false;
    assertThat(planner.schedule().isHandedOut()).isTrue();
    planner.schedule().addNew(things.get(3).fresh());
    assertThat(planner.drain()).hasSize(1);
  }
}
