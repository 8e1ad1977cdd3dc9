package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.RemovalCause;
import io.autorefresh.internal.schedule.Due.Standing;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Failures;
import io.autorefresh.internal.schedule.Schedule.Kind;
import io.autorefresh.kit.Told;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a job may do to an item, and when: R1 to R3, R6, C3, C4, D2 to D4 by the map's own means. */
class FenceTest extends AnyMap {

  @Test
  void C4_aNewItemWaitsForItsFirstRefreshUntilAJobTakesIt() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    assertThat(changed).containsExactly(item);
    assertThat(item).returns(true, Item::isNew).returns(Standing.NEW, Item::standing).returns(7L, Item::confirmedAt);
    assertThat(map.gauges().isNew).isOne();
    assertThat(fence.take(item, job, Kind.FIRST, now)).isTrue();
    assertThat(item).returns(false, Item::isNew).returns(Standing.IN_FLIGHT, Item::standing);
    assertThat(map.gauges().isNew).isZero();
    fence.end(item, job);
    assertThat(fence.take(item, job, Kind.FIRST, now)).as("it had its first refresh").isFalse();
    assertThat(item.standing()).isEqualTo(Standing.DUE);
  }

  @Test
  void C4_aPeriodicRefreshTakesANewItemToo() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    assertThat(take(item, job)).isTrue();
    assertThat(item.isNew()).isFalse();
  }

  @Test
  void C4_newItemsAreToldOfInTheOrderOfTheirComing() throws Exception {
    use(map(50));
    for (int id : new int[] {9, 4, 7, 1}) {
      create(id, 0);
    }
    assertThat(changed).extracting(Item::id).containsExactly(9, 4, 7, 1);
  }

  @Test
  void C4_withoutFirstRefreshesAnItemIsNeverNew() throws Exception {
    use(map(50, false, false));
    Item<Integer, Integer> item = create(1, 5);
    assertThat(item).returns(false, Item::isNew).returns(false, Item::isConfirmed)
        .returns(Standing.DUE, Item::standing);
    assertThat(map.gauges().isNew).isZero();
  }

  @Test
  void C3_aTerminalItemIsNeitherNewNorRefreshed() throws Exception {
    Item<Integer, Integer> item = create(1, TERMINAL);
    assertThat(item).returns(true, Item::isTerminal).returns(false, Item::isNew);
    assertThat(take(item, job)).isFalse();
    assertThat(fence.take(item, job, Kind.FIRST, now)).isFalse();
  }

  @Test
  void R2_anItemThatAJobHasIsNotTakenAgain() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    assertThat(take(item, job)).isTrue();
    assertThat(item.isInFlight()).isTrue();
    assertThat(take(item, other)).isFalse();
    fence.end(item, other);
    assertThat(item.isInFlight()).as("after the end of a job that does not have it").isTrue();
    fence.end(item, job);
    assertThat(item.isInFlight()).isFalse();
    assertThat(take(item, other)).isTrue();
  }

  @Test
  void R3_anOutcomeIsAppliedOnceAndByTheJobThatHasTheItem() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    told();
    assertThat(confirm(item, other, 6, false, 20)).isFalse();
    assertThat(confirm(item, job, 6, false, 20)).isTrue();
    assertThat(confirm(item, job, 7, false, 30)).isFalse();
    assertThat(item).returns(6, Item::value).returns(20L, Item::confirmedAt).returns(false, Item::isInFlight)
        .returns(true, Item::isConfirmed);
    assertThat(told()).containsExactly(Told.updated(1, 5, 6));
    take(item, job);
    assertThat(confirm(item, job, null, false, 40)).isTrue();
    assertThat(item).returns(6, Item::value).returns(40L, Item::confirmedAt);
    assertThat(told()).as("unchanged").isEmpty();
  }

  @Test
  void C3_anItemMayBecomeTerminal() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    told();
    assertThat(confirm(item, job, 6, true, 20)).isTrue();
    assertThat(item).returns(true, Item::isTerminal).returns(true, Item::isMapped);
    assertThat(take(item, job)).isFalse();
    assertThat(told()).containsExactly(Told.updated(1, 5, 6), Told.becameTerminal(1, 6));
    assertThat(map.gauges().terminal).isOne();
  }

  @Test
  void R1_anItemWithADueTimeOfItsOwnIsApartUntilItIsConfirmedWithoutOne() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    changed.clear();
    assertThat(fence.confirm(item, job, null, null, false, 20, 90, true, 0)).isTrue();
    assertThat(changed).containsExactly(item);
    assertThat(item).returns(Standing.APART, Item::standing).returns(true, Item::mayComeEarly);
    assertThat(item.dueAt(0)).isEqualTo(90);
    assertThat(item.isDueAt(90)).isTrue();
    assertThat(item.isDueAt(89)).as("no time of its own").isFalse();
    assertThat(fence.take(item, job, Kind.REFRESH, 89)).as("it was in the schedule twice, and was called").isFalse();
    assertThat(fence.take(item, job, Kind.REFRESH, 90)).isTrue();
    changed.clear();
    assertThat(confirm(item, job, null, false, 100)).isTrue();
    assertThat(item.standing()).isEqualTo(Standing.DUE);
    assertThat(changed).isEmpty();
  }

  @Test
  void R1_aTerminalItemHasNoDueTime() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    changed.clear();
    assertThat(fence.confirm(item, job, null, null, true, 20, 90, true, 0)).isTrue();
    assertThat(item.isApart()).isFalse();
    assertThat(changed).isEmpty();
  }

  @Test
  void R1_theGroupOfANewValueIsTheItems() throws Exception {
    use(map(50, true, true));
    Item<Integer, Integer> item = create(1, 25);
    assertThat(item.group()).isEqualTo(5);
    take(item, job);
    fence.confirm(item, job, 26, 6, false, 20, Long.MAX_VALUE, false, 0);
    assertThat(item.group()).isEqualTo(6);
    take(item, job);
    confirm(item, job, null, false, 30);
    assertThat(item.group()).as("after an unchanged value").isEqualTo(6);
  }

  @Test
  void R6_anItemThatFailedBacksOffUntilItIsDue() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    told();
    changed.clear();
    assertThat(fail(item, other, false)).isFalse();
    assertThat(item.failure()).isNull();
    assertThat(fail(item, job, false)).isTrue();
    assertThat(item.failure()).isSameAs(FAILURE);
    assertThat(item).returns(false, Item::isInFlight).returns(Standing.APART, Item::standing)
        .returns(false, Item::mayComeEarly);
    assertThat(changed).containsExactly(item);
    assertThat(told()).containsExactly(Told.refreshFailed(1, 5, 1));
    assertThat(fence.take(item, job, Kind.REFRESH, 49)).isFalse();
    assertThat(fence.take(item, job, Kind.REFRESH, 50)).isTrue();
    assertThat(confirm(item, job, null, false, 60)).isTrue();
    assertThat(item.failure()).isNull();
    assertThat(told()).containsExactly(Told.recovered(1, 5, 1));
  }

  @Test
  void R2_anItemWhoseCallTimedOutWaitsForItsEnd() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    changed.clear();
    assertThat(fail(item, job, true)).isTrue();
    assertThat(item).returns(true, Item::isInFlight).returns(Standing.APART, Item::standing);
    assertThat(changed).as("not due as long as the call runs").isEmpty();
    assertThat(fence.take(item, other, Kind.REFRESH, 100)).isFalse();
    fence.end(item, job);
    assertThat(changed).containsExactly(item);
    assertThat(item.isInFlight()).isFalse();
    assertThat(fence.take(item, other, Kind.REFRESH, 49)).as("it backs off").isFalse();
    assertThat(fence.take(item, other, Kind.REFRESH, 100)).isTrue();
  }

  @Test
  void R3_anUnansweredItemIsCountedAndDueAgain() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    assertThat(fence.leaveUnanswered(item, other, false, Long.MAX_VALUE)).isFalse();
    assertThat(fence.leaveUnanswered(item, job, false, Long.MAX_VALUE)).isTrue();
    assertThat(item).returns(1, Item::unanswered).returns(7L, Item::confirmedAt).returns(false, Item::isConfirmed)
        .returns(Standing.DUE, Item::standing);
    assertThat(fence.timesGone(item)).isZero();
    take(item, job);
    assertThat(fence.leaveUnanswered(item, job, true, Long.MAX_VALUE)).isTrue();
    assertThat(item.unanswered()).isEqualTo(2);
    assertThat(fence.timesGone(item)).isOne();
    take(item, job);
    confirm(item, job, null, false, 20);
    assertThat(item).returns(0, Item::unanswered).returns(true, Item::isConfirmed);
    assertThat(fence.timesGone(item)).isZero();
  }

  /** The readings of a ticker may be negative. */
  @Test
  void R3_anUnansweredItemThatFailedBefore_isDueAtAnyReadingOfTheTicker() throws Exception {
    for (long reading : new long[] {100, -100, Long.MAX_VALUE, Long.MIN_VALUE + 100}) {
      Item<Integer, Integer> item = create((int) reading, 5);
      now = reading;
      take(item, job);
      fence.fail(item, job, THROWN, before -> Failures.failure(1, reading), false);
      assertThat(take(item, job)).isTrue();
      fence.leaveUnanswered(item, job, false, Long.MAX_VALUE);
      assertThat(item.standing()).isEqualTo(Standing.DUE);
      assertThat(take(item, job)).as("at %s", reading).isTrue();
      fence.end(item, job);
    }
  }

  /** As {@code cancel} does at the end of a background: the job ends without an outcome. */
  @Test
  void R1_anItemWhoseJobEndsWithoutAnOutcome_isDueAtAnyReadingOfTheTicker() throws Exception {
    for (long reading : new long[] {100, -100, Long.MAX_VALUE, Long.MIN_VALUE + 100}) {
      Item<Integer, Integer> item = create((int) reading, 5);
      now = reading;
      take(item, job);
      fence.fail(item, job, THROWN, before -> Failures.failure(1, reading), false);
      assertThat(take(item, job)).isTrue();
      fence.end(item, job);
      assertThat(item.standing()).isEqualTo(Standing.DUE);
      assertThat(take(item, job)).as("at %s", reading).isTrue();
      fence.end(item, job);
    }
  }

  @Test
  void D1_markingAnAbsentIdDoesNothing() throws Exception {
    assertThat(map.mark(1)).isFalse();
    Item<Integer, Integer> item = create(1, 5);
    assertThat(item.isMarked()).isFalse();
  }

  @Test
  void D2_D3_aMarkedItemIsForTheDeleterAlone() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    assertThat(takeForDeletion(item, job)).as("not marked").isFalse();
    take(item, job);
    fail(item, job, false);
    now = 50;
    take(item, job);
    assertThat(map.mark(1)).isTrue();
    assertThat(map.mark(1)).as("marked before").isTrue();
    assertThat(item).returns(true, Item::isMarked).returns(null, Item::failure);
    assertThat(confirm(item, job, 6, false, 20)).as("a late result").isFalse();
    assertThat(take(item, other)).isFalse();
    assertThat(map.marked(now, false)).containsExactly(item);
    assertThat(takeForDeletion(item, other)).as("beside its own refresh").isTrue();
    assertThat(takeForDeletion(item, job)).as("but once").isFalse();
    assertThat(map.marked(now, false)).as("a job has it").isEmpty();
    now = 10;
    assertThat(fail(item, other, false)).isTrue();
    fence.end(item, other);
    assertThat(map.marked(49, false)).as("it backs off").isEmpty();
    assertThat(fence.take(item, other, Kind.DELETION, 49)).isFalse();
    assertThat(fence.take(item, other, Kind.DELETION, 50)).isTrue();
    told();
    assertThat(fence.remove(item, job)).isFalse();
    assertThat(fence.remove(item, other)).isTrue();
    assertThat(told()).containsExactly(Told.removed(1, 5, RemovalCause.DELETED));
    assertThat(map.size()).isZero();
    assertThat(item.isMapped()).isFalse();
    assertThat(takeForDeletion(item, other)).as("gone").isFalse();
  }

  @Test
  void L2_marksThatBackOffAreDueAtTheClose() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    map.mark(1);
    takeForDeletion(item, job);
    fail(item, job, false);
    assertThat(map.marked(now, false)).isEmpty();
    assertThat(map.marked(now, true)).containsExactly(item);
    assertThat(takeForDeletion(item, job)).isTrue();
    fence.end(item, job);
  }

  @Test
  void D3_withoutADeleterMarkedItemsAreRemovedAtOnce() throws Exception {
    for (int id = 0; id < 5; id++) {
      create(id, 0);
    }
    map.mark(1);
    map.mark(3);
    told();
    assertThat(map.removeMarked()).isEqualTo(2);
    assertThat(told()).containsExactlyInAnyOrder(
        Told.removed(1, 0, RemovalCause.DELETED), Told.removed(3, 0, RemovalCause.DELETED));
    assertThat(map.size()).isEqualTo(3);
    assertThat(map.removeMarked()).isZero();
  }

  /** Deletes an item while a job has it, and creates its id again. */
  private Item<Integer, Integer> recreateInFlight(Item<Integer, Integer> earlier, Token token) throws Exception {
    int id = earlier.id();
    assertThat(take(earlier, token)).isTrue();
    map.mark(id);
    map.removeMarked();
    changed.clear();
    Item<Integer, Integer> later = create(id, 6);
    assertThat(later).isNotSameAs(earlier);
    return later;
  }

  @Test
  void R2_D4_aJobOfAnEarlierGenerationHoldsUpThoseOfALaterOneUntilItEnds() throws Exception {
    Item<Integer, Integer> earlier = create(1, 5);
    Item<Integer, Integer> later = recreateInFlight(earlier, job);
    assertThat(later).returns(Standing.APART, Item::standing).returns(true, Item::isNew);
    assertThat(fence.take(later, other, Kind.FIRST, now)).as("the refresh of the earlier goes on").isFalse();
    assertThat(take(later, other)).isFalse();
    changed.clear();
    fence.end(earlier, job);
    assertThat(changed).as("may be refreshed now").containsExactly(later);
    assertThat(later.standing()).isEqualTo(Standing.NEW);
    assertThat(fence.take(later, other, Kind.FIRST, now)).isTrue();
    assertThat(confirm(earlier, job, 9, false, 20)).isFalse();
    assertThat(later.value()).isEqualTo(6);
  }

  @Test
  void R2_anAbandonedCallOfAnEarlierGenerationHoldsUpNothing() throws Exception {
    Item<Integer, Integer> earlier = create(1, 5);
    Item<Integer, Integer> later = recreateInFlight(earlier, job);
    changed.clear();
    job.abandoned = true;
    fence.abandon(earlier, job, null);
    assertThat(changed).containsExactly(later);
    assertThat(fence.take(later, other, Kind.FIRST, now)).isTrue();
    fence.end(earlier, job);
    assertThat(later.isInFlight()).as("the late end changes nothing").isTrue();
    fence.end(later, other);
  }

  @Test
  void R2_aLaterGenerationWaitsForAllEarlierCallsOfItsId() throws Exception {
    Item<Integer, Integer> first = create(1, 5);
    Item<Integer, Integer> second = recreateInFlight(first, job);
    assertThat(take(second, other)).as("the call of the first goes on").isFalse();
    map.mark(1);
    map.removeMarked();
    Item<Integer, Integer> third = create(1, 7);
    assertThat(take(third, other)).as("the call of the first goes on").isFalse();
    fence.end(first, job);
    assertThat(take(third, other)).isTrue();
  }

  @Test
  void R2_aLaterGenerationWaitsForACallThatTimedOut() throws Exception {
    Item<Integer, Integer> earlier = create(1, 5);
    take(earlier, job);
    fail(earlier, job, true);
    map.mark(1);
    map.removeMarked();
    Item<Integer, Integer> later = create(1, 6);
    assertThat(fence.take(later, other, Kind.FIRST, now)).isFalse();
    fence.end(earlier, job);
    assertThat(fence.take(later, other, Kind.FIRST, now)).isTrue();
  }

  @Test
  void R2_aLaterGenerationWaitsForNoCallThatWasAbandonedBefore() throws Exception {
    Item<Integer, Integer> earlier = create(1, 5);
    take(earlier, job);
    fail(earlier, job, true);
    job.abandoned = true;
    fence.abandon(earlier, job, null);
    map.mark(1);
    map.removeMarked();
    Item<Integer, Integer> later = create(1, 6);
    assertThat(fence.take(later, other, Kind.FIRST, now)).isTrue();
    fence.end(earlier, job);
  }

  @Test
  void D4_aDeletionWaitsForTheCallsOfEarlierGenerations() throws Exception {
    Item<Integer, Integer> earlier = create(1, 5);
    Item<Integer, Integer> later = recreateInFlight(earlier, job);
    map.mark(1);
    assertThat(takeForDeletion(later, other)).isFalse();
    assertThat(map.marked(now, false)).isEmpty();
    fence.end(earlier, job);
    assertThat(map.marked(now, false)).containsExactly(later);
    assertThat(takeForDeletion(later, other)).isTrue();
    fence.end(later, other);
  }

  @Test
  void D3_withoutADeleterTheRemovalWaitsForNoCall() throws Exception {
    Item<Integer, Integer> earlier = create(1, 5);
    recreateInFlight(earlier, job);
    map.mark(1);
    assertThat(map.removeMarked()).isOne();
    fence.end(earlier, job);
  }

  @Test
  void D4_theOutcomeDeletedRemovesAnItem() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    told();
    assertThat(fence.remove(item, job)).isTrue();
    assertThat(told()).containsExactly(Told.removed(1, 5, RemovalCause.DELETED_BY_REMOTE));
    assertThat(valueOf(1)).isNull();
    fence.end(item, job);
    assertThat(fence.take(create(1, 6), other, Kind.FIRST, now)).as("no call holds up the next generation").isTrue();
  }

  @Test
  void D4_anItemEvictedInFlightHoldsUpTheNextGenerationUntilItsJobEnds() throws Exception {
    use(map(1));
    Item<Integer, Integer> earlier = create(1, 5);
    take(earlier, job);
    create(2, 0);
    Item<Integer, Integer> later = create(1, 6);
    assertThat(confirm(earlier, job, 9, false, now)).isFalse();
    assertThat(take(later, other)).as("the call for the evicted one goes on").isFalse();
    fence.end(earlier, job);
    assertThat(take(later, other)).isTrue();
  }

  @Test
  void R11_eventsAreInTheOrderOfTheirEffects() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    take(item, job);
    fail(item, job, false);
    now = 50;
    take(item, job);
    confirm(item, job, TERMINAL, true, now);
    map.mark(1);
    takeForDeletion(item, job);
    fail(item, job, false);
    takeForDeletion(item, job);
    fence.remove(item, job);
    assertThat(told()).isEqualTo(List.of(
        Told.created(1, 5),
        Told.refreshFailed(1, 5, 1),
        Told.recovered(1, TERMINAL, 1),
        Told.updated(1, 5, TERMINAL),
        Told.becameTerminal(1, TERMINAL),
        Told.deletionFailed(1, TERMINAL, 1),
        Told.removed(1, TERMINAL, RemovalCause.DELETED)));
  }
}
