package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R1 and S6: how batches are taken from what waits of one group. */
class LaneTest {

  private static final long NOW = 1_000;

  private final Lane<Thing> lane = new Lane<>("A", 1, Thing[]::new);
  private final List<Thing> things = Planner.things("n", 5);

  @BeforeEach
  void group() {
    things.forEach(thing -> thing.in("A"));
  }

  private static Entry<Thing> entry(Thing thing, long time) {
    return new Entry<>(Entry.Sort.SINGLE, List.of(thing), time, time);
  }

  private void addDue(Thing thing, long time) {
    lane.due.add(entry(thing.dueAt(time), time));
  }

  private void addFailed(Thing thing, long time) {
    lane.due.add(entry(thing.failedUntil(time), time));
  }

  @Test
  void R1_aBatch_isTakenFromTheFront() {
    things.forEach(lane.walk::add);
    assertThat(lane.walk.take(3)).containsExactly(things.get(0), things.get(1), things.get(2));
    assertThat(lane.walk.take(3)).containsExactly(things.get(3), things.get(4));
    assertThat(lane.walk.take(3)).isEmpty();
  }

  @Test
  void R1_aLane_isEmptyWhenNothingWaitsOfAnySort() {
    assertThat(lane.isEmpty()).isTrue();
    lane.walk.add(things.get(0));
    assertThat(lane.isEmpty()).isFalse();
    lane.walk.clear();
    lane.fresh.add(things.get(0));
    assertThat(lane.isEmpty()).isFalse();
    lane.fresh.clear();
    addDue(things.get(0), NOW);
    assertThat(lane.isEmpty()).isFalse();
    things.get(0).live = false;
    assertThat(lane.isEmpty()).isTrue();
  }

  @Test
  void R1_onlyThingsThatAreDueInEveryCycle_areOfTheWalk() {
    assertThat(lane.isOfWalk(things.get(0), NOW)).isTrue();
    assertThat(lane.isOfWalk(things.get(0).in("B"), NOW)).as("of another group").isFalse();
    assertThat(lane.isOfWalk(things.get(1).dueAt(0), NOW)).as("with a due time of its own").isFalse();
    assertThat(lane.isOfWalk(things.get(2).fresh(), NOW)).as("new").isFalse();
    things.get(3).inFlight = true;
    assertThat(lane.isOfWalk(things.get(3), NOW)).as("in flight").isFalse();
    things.get(4).marked = true;
    assertThat(lane.isOfWalk(things.get(4), NOW)).as("marked").isFalse();
  }

  @Test
  void R1_thingsThatAreDue_areTaken_andNoOthers() {
    addDue(things.get(0), NOW + 1);
    addDue(things.get(1), NOW);
    addFailed(things.get(2), NOW - 1);
    addDue(things.get(3), NOW - 2);
    assertThat(lane.takeDue(2, NOW)).containsExactly(things.get(3), things.get(2));
    assertThat(lane.takeDue(2, NOW)).containsExactly(things.get(1));
    assertThat(lane.takeDue(2, NOW)).isEmpty();
    assertThat(lane.takeDue(2, NOW + 1)).containsExactly(things.get(0));
  }

  @Test
  void S6_aTopUp_addsThoseThatAreDueSoonest_withinTheHorizon() {
    addDue(things.get(1), NOW + 10);
    addDue(things.get(2), NOW + 5);
    addDue(things.get(3), NOW + 11);
    Thing[] begun = {things.get(0)};
    assertThat(lane.topUp(begun, 5, NOW, 10, Due::mayComeEarly))
        .containsExactly(things.get(0), things.get(2), things.get(1));
    assertThat(lane.due.head().things()).containsExactly(things.get(3));
  }

  @Test
  void S6_aTopUp_endsWhenTheBatchIsFull() {
    addDue(things.get(1), NOW + 1);
    addDue(things.get(2), NOW + 2);
    Thing[] begun = {things.get(0)};
    assertThat(lane.topUp(begun, 2, NOW, 10, Due::mayComeEarly)).containsExactly(things.get(0), things.get(1));
    assertThat(lane.due.head().things()).containsExactly(things.get(2));
  }

  @Test
  void S6_aTopUp_passesOverThingsThatFail_whichStay() {
    addFailed(things.get(1), NOW);
    addFailed(things.get(2), NOW + 1);
    addDue(things.get(3), NOW + 2);
    Thing[] begun = {things.get(0)};
    assertThat(lane.topUp(begun, 3, NOW, 10, Due::mayComeEarly)).containsExactly(things.get(0), things.get(3));
    assertThat(lane.takeDue(5, NOW + 1)).containsExactly(things.get(1), things.get(2));
  }

  @Test
  void S6_aTopUp_passesOverNoMoreThingsThanABatchMayHave() {
    addFailed(things.get(1), NOW);
    addFailed(things.get(2), NOW + 1);
    addDue(things.get(3), NOW + 2);
    Thing[] begun = {things.get(0)};
    assertThat(lane.topUp(begun, 2, NOW, 10, Due::mayComeEarly)).containsExactly(things.get(0));
    assertThat(lane.takeDue(5, NOW + 2)).containsExactly(things.get(1), things.get(2), things.get(3));
  }

  @Test
  void S6_aTopUp_passesOverThingsThatAreNotChosen_whichStay() {
    lane.calendar.file(things.get(1).ownTime(NOW + 1), NOW);
    lane.calendar.file(things.get(2).ownTime(NOW + 2), NOW);
    Thing[] begun = {things.get(0)};
    assertThat(lane.topUp(begun, 5, NOW, 10, thing -> thing != things.get(1))).containsExactly(begun[0], things.get(2));
    assertThat(lane.takeDue(5, NOW + 2)).containsExactly(things.get(1));
  }

  @Test
  void R1_aWalk_goesOnBehindTheThingThatWasLast() {
    things.forEach(lane.walk::add);
    lane.walk.beginBehind(things.get(1));
    assertThat(lane.walk.take(5)).containsExactly(
        things.get(2), things.get(3), things.get(4), things.get(0), things.get(1));
    things.forEach(lane.walk::add);
    lane.walk.beginBehind(things.get(4));
    lane.walk.beginBehind(new Thing("gone"));
    assertThat(lane.walk.take(5)).as("as before").containsExactlyElementsOf(things);
  }
}
