package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.MILLI;
import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static io.autorefresh.internal.schedule.Planner.kinds;
import static io.autorefresh.internal.schedule.Planner.things;
import static io.autorefresh.internal.schedule.Schedule.Kind.DELETION;
import static io.autorefresh.internal.schedule.Schedule.Kind.FIRST;
import static io.autorefresh.internal.schedule.Schedule.Kind.REFRESH;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Planner.Turn;
import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** C4 and D3 as arithmetic: in which order a schedule hands out new things, deletions and the others. */
class ScheduleTurnsTest {

  private final Planner planner = new Planner();

  private List<Kind> take(int turns) {
    List<Kind> kinds = new ArrayList<>();
    for (int i = 0; i < turns; i++) {
      Turn turn = planner.next();
      assertThat(turn).isNotNull();
      kinds.add(turn.kind());
    }
    return kinds;
  }

  private Thing[] marked(int count) {
    return planner.live("marked", count).toArray(Thing[]::new);
  }

  // New things

  @Test
  void C4_newThings_areHandedOutAtOnce_inTheOrderOfTheirComing_inBatches() {
    planner.batchSize = 3;
    planner.begin(Extent.PERIOD);
    planner.create("n", 7);
    assertThat(planner.schedule().waiting()).isEqualTo(7);
    assertThat(planner.drain()).asString().isEqualTo("[FIRST [n0, n1, n2], FIRST [n3, n4, n5], FIRST [n6]]");
    assertThat(planner.schedule().waiting()).isZero();
  }

  @Test
  void C4_newThings_getThreeOfFourTurns() {
    planner.live("n", 4);
    planner.begin(Extent.PERIOD);
    planner.create("new", 20);
    assertThat(take(8)).containsExactly(FIRST, FIRST, FIRST, REFRESH, FIRST, FIRST, FIRST, REFRESH);
  }

  @Test
  void C4_whereTheWalkWaitsForItsPace_newThingsGetEveryTurn() {
    planner.spread = true;
    planner.phase = 0.5;
    planner.live("n", 4);
    planner.begin(Extent.PERIOD);
    planner.create("new", 20);
    assertThat(take(20)).containsOnly(FIRST);
  }

  @Test
  void C4_newThingsOfSeveralGroups_takeTurnsOfABatch() {
    planner.groups = true;
    planner.batchSize = 2;
    planner.begin(Extent.PERIOD);
    planner.live("a", 3, "A").forEach(thing -> planner.schedule().addNew(thing.fresh()));
    planner.live("b", 4, "B").forEach(thing -> planner.schedule().addNew(thing.fresh()));
    assertThat(planner.drain()).asString().isEqualTo(
        "[FIRST [a0, a1], FIRST [b0, b1], FIRST [a2], FIRST [b2, b3]]");
  }

  @Test
  void C4_aNewThingThatIsGone_isLeftOutAndCounted() {
    planner.begin(Extent.PERIOD);
    List<Thing> things = planner.create("n", 3);
    things.get(0).live = false;
    things.get(1).fresh = false;
    assertThat(things(planner.drain())).containsExactly(things.get(2));
    assertThat(planner.schedule().takeSkipped()).isEqualTo(2);
  }

  @Test
  void C4_theStart_takesTheThingsThatAreNewByThen_once() {
    List<Thing> things = planner.create("n", 3);
    planner.live("old", 2);
    planner.begin(Extent.START);
    assertThat(things(planner.drain())).isEqualTo(things);
  }

  @Test
  void C4_whereTheFirstTickComesBeforeTheStartWasTaken_itTakesTheNewThings() {
    List<Thing> things = planner.live("n", 3);
    things.forEach(Thing::fresh);
    planner.begin(Extent.PERIOD);
    assertThat(things(planner.drain())).isEqualTo(things);
    Thing late = planner.live("late", 1).getFirst().fresh();
    planner.begin(Extent.PERIOD);
    assertThat(things(planner.drain())).as("from then on they are added one by one").doesNotContain(late);
  }

  @Test
  void C4_aCycleOnDemand_takesTheNewThings_once() {
    planner.begin(Extent.START);
    List<Thing> things = planner.create("n", 3);
    planner.begin(Extent.DEMAND);
    assertThat(planner.schedule().isHandedOut()).isFalse();
    assertThat(planner.schedule().waiting()).isEqualTo(3);
    assertThat(things(planner.drain())).isEqualTo(things);
    assertThat(planner.schedule().isHandedOut()).isTrue();
  }

  @Test
  void C4_aTick_keepsTheNewThingsThatWait() {
    planner.begin(Extent.START);
    List<Thing> things = planner.create("n", 3);
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().waiting()).isEqualTo(3);
    assertThat(things(planner.drain())).isEqualTo(things);
    assertThat(planner.schedule().waiting()).isZero();
  }

  @Test
  void R10_aCycleHasHandedOutAll_whenTheNewThingsOfItsBeginningWent() {
    planner.groups = true;
    planner.batchSize = 2;
    planner.live("a", 4, "A").forEach(Thing::fresh);
    planner.begin(Extent.DEMAND);
    planner.live("b", 2, "B").forEach(thing -> planner.schedule().addNew(thing.fresh()));
    planner.live("c", 2, "A").forEach(thing -> planner.schedule().addNew(thing.fresh()));
    while (!planner.schedule().isHandedOut()) {
      planner.next();
    }
    assertThat(planner.turns).asString().isEqualTo("[FIRST [a0, a1], FIRST [b0, b1], FIRST [a2, a3]]");
  }

  // Deletions

  @Test
  void D3_aCycle_beginsWithTheDeletions_forATenthOfThePeriod() {
    planner.live("n", 10);
    planner.begin(Extent.PERIOD, marked(9));
    assertThat(take(2)).containsExactly(DELETION, DELETION);
    planner.now = PERIOD / 10;
    assertThat(take(2)).containsExactly(DELETION, DELETION);
    planner.now++;
    assertThat(take(6)).containsExactly(REFRESH, DELETION, REFRESH, DELETION, REFRESH, DELETION);
  }

  @Test
  void D3_deletions_areHandedOutOneByOne() {
    planner.batchSize = 5;
    planner.begin(Extent.PERIOD, marked(3));
    assertThat(planner.schedule().isBehind()).isTrue();
    assertThat(planner.schedule().isHandedOut()).isFalse();
    assertThat(planner.drain()).asString().isEqualTo("[DELETION [marked0], DELETION [marked1], DELETION [marked2]]");
    assertThat(planner.schedule().isBehind()).isFalse();
    assertThat(planner.schedule().isHandedOut()).isTrue();
  }

  @Test
  void D3_deletions_doNotWaitForThePaceOfTheWalk() {
    planner.spread = true;
    planner.live("n", 9);
    planner.begin(Extent.PERIOD, marked(30));
    planner.now = PERIOD / 10 + 1;
    assertThat(kinds(planner.drain())).hasSize(31).containsOnlyOnce(REFRESH);
  }

  @Test
  void D3_whatIsNotToBeDeletedAnyMore_isLeftOut() {
    Thing[] marked = marked(4);
    planner.begin(Extent.PERIOD, marked);
    marked[0].inFlight = true;
    marked[1].live = false;
    marked[2].failedUntil(Planner.time(SECOND));
    assertThat(things(planner.drain())).containsExactly(marked[3]);
    assertThat(planner.schedule().takeSkipped()).as("of refreshes").isZero();
  }

  @Test
  void D3_deletionsThatACycleDidNotHandOut_areThoseOfTheNext() {
    Thing[] marked = marked(4);
    planner.begin(Extent.PERIOD, marked);
    take(1);
    planner.begin(Extent.PERIOD, marked[2], marked[1]);
    assertThat(things(planner.drain())).containsExactly(marked[2], marked[1]);
  }

  @Test
  void D3_deletionsAndNewThings_shareTheTurns() {
    planner.begin(Extent.PERIOD, marked(3));
    planner.create("new", 9);
    assertThat(take(12)).containsExactly(
        FIRST, FIRST, FIRST, DELETION, FIRST, FIRST, FIRST, DELETION, FIRST, FIRST, FIRST, DELETION);
  }

  @Test
  void D3_aCycleOnDemand_beginsWithTheDeletions_alsoInTheCourseOfAWalk() {
    planner.spread = true;
    planner.live("n", 10);
    planner.begin(Extent.PERIOD);
    planner.runUntil(PERIOD / 2);
    planner.live("new", 3).forEach(Thing::fresh);
    planner.begin(Extent.DEMAND, marked(5));
    assertThat(take(5)).containsOnly(DELETION);
    assertThat(take(3)).containsOnly(FIRST);
  }

  @Test
  void D3_aCycleOnDemand_letsDeletionsGoFirstForATenthOfThePeriod() {
    planner.live("n", 10);
    planner.live("new", 3).forEach(Thing::fresh);
    planner.begin(Extent.DEMAND, marked(9));
    planner.now = PERIOD / 10;
    assertThat(take(2)).containsOnly(DELETION);
    planner.now++;
    assertThat(take(6)).containsExactly(FIRST, FIRST, FIRST, REFRESH, DELETION, REFRESH);
  }

  @Test
  void D3_afterACycleThatWasBehind_theFirstTurnIsARefreshs() {
    List<Thing> things = planner.live("n", 10);
    planner.begin(Extent.PERIOD);
    take(3);
    planner.now = PERIOD;
    planner.begin(Extent.PERIOD, marked(9));
    assertThat(take(4)).containsExactly(REFRESH, DELETION, REFRESH, DELETION);
    assertThat(planner.turns.get(3).things()).containsExactly(things.get(3));
  }

  @Test
  void D3_aTurnOfWhichNothingCame_doesNotCount() {
    List<Thing> things = planner.live("n", 4);
    planner.begin(Extent.PERIOD, marked(4));
    planner.now = PERIOD / 10 + MILLI;
    things.get(0).inFlight = true;
    things.get(1).inFlight = true;
    assertThat(take(4)).containsExactly(DELETION, REFRESH, DELETION, REFRESH);
  }

  // Several groups

  @Test
  void R1_groups_takeTurnsOfABatch() {
    planner.groups = true;
    planner.batchSize = 2;
    planner.live("a", 5, "A");
    planner.live("b", 3, "B");
    planner.begin(Extent.PERIOD);
    assertThat(planner.drain()).asString().isEqualTo(
        "[REFRESH [a0, a1], REFRESH [b0, b1], REFRESH [a2, a3], REFRESH [b2], REFRESH [a4]]");
  }
}
