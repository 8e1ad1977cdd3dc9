package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R7 and M1 as arithmetic: what follows from the calls of one group that fail. */
class HealthTest {

  private static final long PERIOD = 10 * SECOND;
  private static final int BATCH_SIZE = 16;
  private static final long NEVER = Schedule.NEVER;

  private final Health<Thing> health = health(100);

  private static Health<Thing> health(int batches) { return new Health<>(PERIOD, BATCH_SIZE, batches); }

  private static Entry<Thing> entry(Entry.Sort sort, int count) {
    List<Thing> things = Planner.things("n", count);
    things.forEach(thing -> thing.suspectUntil(0));
    return new Entry<>(sort, things, 0, 0);
  }

  private static List<Thing> things(Collection<Entry<Thing>> entries) {
    return entries.stream().flatMap(entry -> entry.things().stream()).toList();
  }

  private static List<Integer> sizes(Collection<Entry<Thing>> entries) {
    return entries.stream().map(entry -> entry.things().size()).toList();
  }

  /** Three ordinary calls fail, the last of them a period after the first. */
  private static void bringDown(Health<Thing> health) {
    health.fail(true, 0);
    health.fail(true, 1);
    assertThat(health.fail(true, PERIOD)).isTrue();
  }

  @Test
  void R7_aFailedBatch_comesBackInTwoHalves_inItsOrder() {
    Entry<Thing> failed = entry(Entry.Sort.SUSPECT, 7);
    List<Entry<Thing>> halves = health.retry(failed, 0);
    assertThat(sizes(halves)).containsExactly(3, 4);
    assertThat(things(halves)).isEqualTo(failed.things());
  }

  @Test
  void R7_aThingAlone_isNotHalved() {
    Entry<Thing> failed = entry(Entry.Sort.SUSPECT, 1);
    for (int i = 0; i < 1_000; i++) {
      assertThat(health.retry(failed, 0)).containsExactly(failed);
    }
    assertThat(health.retry(entry(Entry.Sort.SUSPECT, 2), 0)).as("it took nothing of the budget").hasSize(2);
  }

  @Test
  void R7_halving_addsATenthToTheCallsOfTenPeriods() {
    int batches = 100;
    long end = 10 * PERIOD;
    for (int i = 0; i < batches; i++) {
      assertThat(health.retry(entry(Entry.Sort.SUSPECT, 4), i)).hasSize(2);
    }
    Entry<Thing> beyond = entry(Entry.Sort.SUSPECT, 4);
    assertThat(health.retry(beyond, end - 1)).containsExactly(beyond);
    assertThat(health.retry(beyond, end)).as("the first of them is ten periods ago").hasSize(2);
    assertThat(health.retry(beyond, end)).as("the second one is not").hasSize(1);
  }

  @Test
  void R7_fewBatches_mayBeHalvedUntilABadThingIsAlone() {
    Health<Thing> small = health(1);
    int logarithm = 4;
    for (int i = 0; i < 2 * logarithm + 1; i++) {
      assertThat(small.retry(entry(Entry.Sort.SUSPECT, 2), 0)).hasSize(2);
    }
    assertThat(small.retry(entry(Entry.Sort.SUSPECT, 2), 0)).hasSize(1);
  }

  @Test
  void R7_threeOrdinaryFailuresInARow_inAPeriodWithoutSuccess_bringAGroupDown() {
    assertThat(health.fail(true, 0)).isFalse();
    assertThat(health.fail(true, 1)).isFalse();
    assertThat(health.fail(true, PERIOD - 1)).as("the period has not passed").isFalse();
    assertThat(health.fail(false, PERIOD)).as("any failure shows that it has").isTrue();
    assertThat(health.isDown()).isTrue();
    assertThat(health.failingSince()).isZero();
    assertThat(health.fail(true, PERIOD)).as("it is told once").isFalse();
  }

  @Test
  void R7_failuresOfSuspects_bringNoGroupOfManyBatchesDown() {
    health.fail(true, 0);
    health.fail(true, 0);
    for (int i = 0; i < 100; i++) {
      assertThat(health.fail(false, i * PERIOD)).isFalse();
    }
    assertThat(health.fail(true, 100 * PERIOD)).isTrue();
  }

  @Test
  void R7_inAGroupOfFewerBatches_threeFailuresOfAnyCall_bringItDown() {
    Health<Thing> small = health(2);
    assertThat(small.fail(true, 0)).isFalse();
    assertThat(small.fail(false, PERIOD)).isFalse();
    assertThat(small.fail(false, PERIOD)).isTrue();
  }

  @Test
  void R7_aSuccess_beginsTheCountAnew_andEndsThatAGroupIsDown() {
    health.fail(true, 0);
    health.fail(true, 0);
    health.succeed(1);
    assertThat(health.fail(true, PERIOD)).isFalse();
    assertThat(health.fail(true, PERIOD)).isFalse();
    assertThat(health.fail(true, 2 * PERIOD - 1)).as("no period without success").isFalse();
    assertThat(health.fail(true, 2 * PERIOD)).isTrue();
    health.succeed(2 * PERIOD);
    assertThat(health.isDown()).isFalse();
    assertThat(health.probeAt()).isEqualTo(NEVER);
    assertThat(health.isOver(2 * PERIOD)).isTrue();
  }

  @Test
  void R7_whileAGroupIsDown_batchesComeBackWhole() {
    bringDown(health);
    Entry<Thing> failed = entry(Entry.Sort.SUSPECT, 8);
    assertThat(health.retry(failed, PERIOD)).containsExactly(failed.with(Entry.Sort.OUTAGE, failed.things(), 0));
  }

  @Test
  void R7_whatStaysOut_isProbedOneAtATime_afterAPeriodFirst() {
    bringDown(health);
    assertThat(health.probeAt()).as("nothing is out").isEqualTo(NEVER);
    health.stayOut(entry(Entry.Sort.HUNG, 16));
    assertThat(health.probeAt()).isEqualTo(2 * PERIOD);
    health.probe();
    assertThat(health.probeAt()).as("a probe runs").isEqualTo(NEVER);
    health.endProbe(2 * PERIOD, true);
    assertThat(health.probeAt()).isEqualTo(4 * PERIOD);
  }

  @Test
  void R7_theDistanceOfProbes_doublesFromOnePeriodToSixteen() {
    bringDown(health);
    long now = PERIOD;
    List<Long> distances = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      health.stayOut(entry(Entry.Sort.HUNG, 1));
      distances.add((health.probeAt() - now) / PERIOD);
      now = health.probeAt();
      health.probe();
      health.endProbe(now, true);
    }
    assertThat(distances).startsWith(1L, 2L, 4L, 8L, 16L).endsWith(16L).isSorted();
  }

  @Test
  void R7_probesHalve_andTakeFirstWhatWasNotProbedForLongest() {
    bringDown(health);
    Entry<Thing> first = entry(Entry.Sort.HUNG, 16);
    Entry<Thing> second = entry(Entry.Sort.HUNG, 2);
    health.stayOut(first);
    health.stayOut(second);
    List<Entry<Thing>> probes = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Entry<Thing> probe = health.probe();
      probes.add(probe);
      health.endProbe(0, true);
      health.stayOut(probe);
    }
    assertThat(sizes(probes)).containsExactly(8, 4, 2, 1, 1, 1, 1, 1);
    assertThat(things(probes).subList(0, 16)).as("first all those of the first call")
        .isEqualTo(first.things());
    assertThat(things(probes).subList(16, 18)).as("then those of the second one").isEqualTo(second.things());
    assertThat(probes.getLast().things()).as("then again").isEqualTo(first.things().subList(0, 1));
  }

  @Test
  void R7_afterAnOutage_whatStayedOutComesBackInHalves() {
    bringDown(health);
    Entry<Thing> hung = entry(Entry.Sort.HUNG, 16);
    Entry<Thing> alone = entry(Entry.Sort.HUNG, 1);
    health.stayOut(hung);
    health.stayOut(alone);
    hung.things().getFirst().live = false;
    List<Entry<Thing>> back = health.succeed(3 * PERIOD);
    assertThat(sizes(back)).containsExactly(7, 8, 1);
    assertThat(back).allMatch(entry -> entry.time() == 3 * PERIOD).noneMatch(Entry::isStale);
    assertThat(health.probeAt()).isEqualTo(NEVER);
  }

  @Test
  void R7_afterAnOutage_whatWasHalvedBeforeIt_isNotHalvedAgain() {
    bringDown(health);
    Entry<Thing> gone = entry(Entry.Sort.HUNG, 2);
    gone.things().forEach(thing -> thing.live = false);
    health.stayOut(entry(Entry.Sort.HUNG, 8));
    health.stayOut(gone);
    assertThat(sizes(health.succeed(3 * PERIOD))).containsExactly(8);
  }

  @Test
  void R7_threeOrdinaryFailuresInARow_areNoReasonForHalving_untilACallSucceeds() {
    Entry<Thing> failed = entry(Entry.Sort.SUSPECT, 8);
    health.fail(true, 0);
    health.fail(true, 0);
    assertThat(health.retry(failed, 0)).hasSize(2);
    health.fail(true, 0);
    assertThat(health.isDown()).isFalse();
    assertThat(health.retry(failed, 0)).containsExactly(failed);
    health.succeed(1);
    assertThat(health.retry(failed, 1)).hasSize(2);
  }

  @Test
  void R7_onlyWhileMoreThanMaxConcurrencyHang_andSomethingIsOut_theGroupWaits() {
    bringDown(health);
    health.hanging = 5;
    assertThat(health.isWaiting(4)).as("nothing is out").isFalse();
    health.stayOut(entry(Entry.Sort.HUNG, 1));
    assertThat(health.isWaiting(4)).isTrue();
    health.hanging = 4;
    assertThat(health.isWaiting(4)).isFalse();
    health.hanging = 5;
    health.succeed(0);
    assertThat(health.isWaiting(4)).as("it is not down").isFalse();
  }

  @Test
  void R7_badThingsThatHungBeforeAnOutage_doNotMakeTheGroupWait() {
    health.hanging = 100;
    bringDown(health);
    health.stayOut(entry(Entry.Sort.HUNG, 1));
    assertThat(health.isWaiting(4)).isFalse();
    health.hanging = 90;
    assertThat(health.isWaiting(4)).isFalse();
    health.hanging = 95;
    assertThat(health.isWaiting(4)).as("five more").isTrue();
  }

  @Test
  void M1_theLatestPauseCounts_alsoIfItIsShorter() {
    assertThat(health.pause(3 * PERIOD)).isTrue();
    assertThat(health.pause(PERIOD)).as("it is paused already").isFalse();
    assertThat(health.endPause(PERIOD - 1)).isFalse();
    assertThat(health.isOver(PERIOD - 1)).isFalse();
    assertThat(health.endPause(PERIOD)).isTrue();
    assertThat(health.endPause(PERIOD)).as("it ends once").isFalse();
    assertThat(health.isOver(PERIOD)).isTrue();
  }

  @Test
  void R12_aGroupIsRemembered_whileSomethingIsWrongWithIt() {
    assertThat(health.isOver(0)).isTrue();
    health.hanging = 1;
    assertThat(health.isOver(0)).isFalse();
    health.hanging = 0;
    health.timedOut = true;
    assertThat(health.isOver(0)).isFalse();
    health.timedOut = false;
    health.retry(entry(Entry.Sort.SUSPECT, 2), 0);
    assertThat(health.isOver(10 * PERIOD - 1)).as("a halving counts for ten periods").isFalse();
    assertThat(health.isOver(10 * PERIOD)).isTrue();
    health.fail(true, 0);
    assertThat(health.isOver(10 * PERIOD)).isFalse();
  }
}
