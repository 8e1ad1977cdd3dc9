package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.MILLI;
import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a schedule hands out next, and when, over the things that a {@link Planner} gives it. */
class ScheduleTest {

  private final Planner planner = new Planner();

  @Test
  void R9_whatBecomesDueInTheFirstPeriod_hasTheRateOfAllLiveThings() {
    planner.spread = true;
    List<Thing> things = planner.live("n", 90);
    things.forEach(Thing::fresh);
    planner.begin(Extent.START);
    assertThat(planner.drain()).hasSize(90);
    things.forEach(thing -> planner.fail(thing, SECOND));
    assertThat(planner.runUntil(PERIOD)).as("one call a second").hasSize(90);
  }

  @Test
  void R9_whatBecomesDueAmongThingsThatWereCreatedSince_hasTheRateOfAllLiveThings() {
    planner.spread = true;
    planner.begin(Extent.START);
    List<Thing> things = planner.create("n", 90);
    assertThat(planner.drain()).hasSize(90);
    things.forEach(thing -> planner.fail(thing, SECOND));
    assertThat(planner.runUntil(PERIOD)).hasSizeGreaterThanOrEqualTo(90);
  }

  @Test
  void R9_theSecondMeterIsNoFasterThanAllLiveThings() {
    planner.spread = true;
    List<Thing> things = planner.live("n", 90);
    things.forEach(Thing::fresh);
    planner.begin(Extent.START);
    assertThat(planner.drain()).hasSize(90);
    things.forEach(thing -> planner.fail(thing, SECOND));
    assertThat(planner.runUntil(46 * SECOND)).as("one call a second").hasSize(46);
  }

  @Test
  void L2_afterTheClose_nothingThatComesInIsRefreshed() {
    List<Thing> things = planner.live("n", 3);
    planner.begin(Extent.CLOSE);
    planner.schedule().addNew(things.get(0).fresh());
    planner.fail(things.get(1), 0);
    assertThat(planner.drain()).isEmpty();
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(Schedule.NEVER);
    assertThat(planner.schedule().isHandedOut()).isTrue();
  }

  @Test
  void R1_thingsThatFailAgainAndAgain_doNotStarveTheOthers() {
    List<Thing> failing = planner.live("f", 2);
    failing.forEach(thing -> planner.fail(thing, 0));
    planner.live("n", 10);
    planner.begin(Extent.PERIOD);
    int others = 0;
    for (int i = 0; i < 30; i++) {
      Planner.Turn turn = planner.next();
      Thing called = turn.things().getFirst();
      if (failing.contains(called)) {
        planner.fail(called, MILLI);
      } else {
        others++;
      }
      planner.now += 10 * MILLI;
    }
    assertThat(others).isGreaterThanOrEqualTo(10);
  }

  @Test
  void R10_theLoadOfManyGroups_isTheirBatches() {
    planner.groups = true;
    planner.batchSize = 100;
    for (int group = 0; group < 100; group++) {
      planner.live("g" + group + "-", 1, group);
    }
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().load("limited")).contains("need 1 calls/s");
  }

  @Test
  void R10_everyNewThingThatWaitedWhenTheCycleBegan_isHandedOutBeforeItsEnd() {
    planner.groups = true;
    planner.batchSize = 2;
    planner.live("a", 4, "A").forEach(Thing::fresh);
    planner.begin(Extent.DEMAND);
    planner.live("b", 2, "B").forEach(thing -> planner.schedule().addNew(thing.fresh()));
    while (!planner.schedule().isHandedOut()) {
      planner.next();
    }
    assertThat(Planner.things(planner.turns)).extracting(thing -> thing.name).contains("a0", "a1", "a2", "a3");
  }

  @Test
  void R9_manyRetriesBesideOneFarOff_leaveNothingBehind() {
    planner.begin(Extent.PERIOD);
    List<Thing> things = planner.live("n", 2);
    planner.fail(things.getFirst(), 10_000 * SECOND);
    for (int i = 0; i < 1_000; i++) {
      planner.fail(things.getLast(), MILLI);
      planner.now += MILLI;
      assertThat(planner.drain()).hasSize(1);
    }
    assertThat(planner.turns).hasSize(1_000);
  }

  @Test
  void R8_thingsThatAreGoneBeforeTheyAreDue_leaveNothingBehind() {
    planner.begin(Extent.PERIOD);
    List<java.lang.ref.WeakReference<Thing>> gone = new java.util.ArrayList<>();
    planner.fail(new Thing("first"), SECOND);
    for (int i = 0; i < 10_000; i++) {
      Thing thing = new Thing("n");
      planner.postpone(thing, 10_000 * SECOND + i);
      thing.live = false;
      gone.add(new java.lang.ref.WeakReference<>(thing));
    }
    System.gc();
    assertThat(gone.stream().filter(each -> each.get() != null).count()).isLessThan(1_000);
  }

  @Test
  void R9_aWalkThatStartsWithLeftOvers_countsOnlyThoseThatAreStillThere() {
    planner.spread = true;
    List<Thing> things = planner.live("n", 100);
    planner.begin(Extent.PERIOD);
    things.forEach(thing -> thing.live = false);
    List<Thing> others = planner.live("o", 9);
    planner.now = PERIOD;
    planner.begin(Extent.PERIOD);
    List<Planner.Turn> turns = planner.runUntil(2 * PERIOD);
    assertThat(Planner.times(turns)).as("ten seconds from one to the next").element(1).isEqualTo(turns.getFirst().at() + 10 * SECOND);
    assertThat(Planner.things(turns)).containsExactlyElementsOf(others);
  }
}
