package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a job may do to an item, and when: R2, R3, R6, C3, C4, D2 to D4 by the map's own means. */
class FenceTest extends AnyMap {

  @Test
  void C4_aNewItemWaitsForItsFirstRefreshUntilAJobTakesIt() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    assertThat(signals).isOne();
    assertThat(map.hasFresh()).isTrue();
    assertThat(map.drainFresh()).containsExactly(item);
    assertThat(map.hasFresh()).isFalse();
    assertThat(item.isFresh()).isTrue();
    assertThat(item.confirmedAt()).isEqualTo(7);
    fence.offerFresh(item);
    assertThat(map.hasFresh()).as("not taken after all").isTrue();
    assertThat(signals).as("with nobody told").isOne();
    assertThat(fence.take(item, TICKET, true, now)).isTrue();
    assertThat(item.isFresh()).isFalse();
    assertThat(map.hasFresh()).isFalse();
    assertThat(map.check()).isEmpty();
  }

  @Test
  void C4_newItemsWaitInTheOrderOfTheirComing() throws Exception {
    map = map(50);
    for (int id : new int[] {9, 4, 7, 1}) {
      create(id, 0);
    }
    assertThat(map.drainFresh()).extracting(Item::id).containsExactly(9, 4, 7, 1);
  }

  @Test
  void C3_aTerminalItemIsNeitherFreshNorRefreshable() throws Exception {
    Item<Integer, Integer> item = create(1, TERMINAL);
    assertThat(item).returns(true, Item::isTerminal).returns(false, Item::isFresh).returns(false, Item::isRefreshable);
    assertThat(signals).isZero();
    assertThat(fence.take(item, TICKET, false, now)).isFalse();
  }

  @Test
  void R2_anItemThatAJobHasIsNotTakenAgain() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    assertThat(item.isRefreshable()).isTrue();
    assertThat(fence.take(item, TICKET, false, now)).isTrue();
    assertThat(item).returns(true, Item::isInFlight).returns(false, Item::isRefreshable);
    assertThat(fence.take(item, OTHER, false, now)).isFalse();
    assertThat(fence.release(item, OTHER)).isFalse();
    assertThat(fence.release(item, TICKET)).isTrue();
    assertThat(fence.take(item, OTHER, true, now)).as("no first refresh any more").isFalse();
    assertThat(fence.take(item, OTHER, false, now)).isTrue();
  }

  @Test
  void R3_anOutcomeIsAppliedOnceAndByWhoHasTheItem() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    fence.take(item, TICKET, false, now);
    assertThat(fence.confirm(item, OTHER, 6, false, 20, outbox)).isFalse();
    assertThat(fence.confirm(item, TICKET, 6, false, 20, outbox)).isTrue();
    assertThat(fence.confirm(item, TICKET, 7, false, 30, outbox)).isFalse();
    assertThat(item).returns(6, Item::value).returns(20L, Item::confirmedAt).returns(false, Item::isInFlight);
    assertThat(delivered()).containsExactly(new ItemEvent.Updated<>(1, 5, 6));
    fence.take(item, TICKET, false, now);
    assertThat(fence.confirm(item, TICKET, null, false, 40, outbox)).isTrue();
    assertThat(item).returns(6, Item::value).returns(40L, Item::confirmedAt);
    assertThat(delivered()).as("unchanged").isEmpty();
  }

  @Test
  void C3_anItemMayBecomeTerminal() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    fence.take(item, TICKET, false, now);
    assertThat(fence.confirm(item, TICKET, 6, true, 20, outbox)).isTrue();
    assertThat(item).returns(true, Item::isTerminal).returns(false, Item::isRefreshable).returns(true, Item::isMapped);
    assertThat(delivered()).containsExactly(new ItemEvent.Updated<>(1, 5, 6), new ItemEvent.BecameTerminal<>(1, 6));
    assertThat(map.check()).isEmpty();
  }

  @Test
  void R6_anItemThatFailedBacksOffUntilItIsDue() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    fence.take(item, TICKET, false, now);
    assertThat(fence.fail(item, OTHER, FAILURE.cause(), before -> FAILURE, outbox)).isFalse();
    assertThat(item.failure()).isNull();
    assertThat(fence.fail(item, TICKET, FAILURE.cause(), before -> FAILURE, outbox)).isTrue();
    assertThat(item.failure()).isSameAs(FAILURE);
    assertThat(item.isInFlight()).as("the job may still run").isTrue();
    fence.end(item, TICKET);
    assertThat(delivered()).containsExactly(new ItemEvent.Failed<>(1, 5, FAILURE.cause(), 1, false));
    assertThat(fence.take(item, TICKET, false, 49)).isFalse();
    assertThat(fence.take(item, TICKET, false, 50)).isTrue();
    assertThat(fence.confirm(item, TICKET, null, false, 60, outbox)).isTrue();
    assertThat(item.failure()).isNull();
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
    assertThat(fence.takeMarked(item, TICKET, now)).as("not marked").isFalse();
    fence.take(item, TICKET, false, now);
    fence.fail(item, TICKET, FAILURE.cause(), before -> FAILURE, outbox);
    assertThat(map.mark(1)).isTrue();
    assertThat(map.mark(1)).as("marked before").isTrue();
    assertThat(item).returns(true, Item::isMarked).returns(false, Item::isRefreshable).returns(null, Item::failure);
    assertThat(fence.confirm(item, TICKET, 6, false, 20, outbox)).as("a late result").isFalse();
    assertThat(fence.take(item, OTHER, false, now)).isFalse();
    List<Item<Integer, Integer>> marked = new ArrayList<>();
    map.marked(marked::add);
    assertThat(marked).containsExactly(item);
    assertThat(fence.takeForDeletion(item, OTHER, now)).as("beside its own refresh").isTrue();
    assertThat(fence.takeForDeletion(item, TICKET, now)).as("but once").isFalse();
    marked.clear();
    map.marked(marked::add);
    assertThat(marked).as("a job has it").isEmpty();
    assertThat(fence.fail(item, OTHER, FAILURE.cause(), before -> FAILURE, outbox)).isTrue();
    fence.end(item, OTHER);
    assertThat(fence.takeMarked(item, OTHER, 49)).isFalse();
    assertThat(fence.takeMarked(item, OTHER, 50)).isTrue();
    delivered();
    assertThat(fence.remove(item, TICKET, outbox)).isFalse();
    assertThat(fence.remove(item, OTHER, outbox)).isTrue();
    assertThat(delivered()).containsExactly(new ItemEvent.Deleted<>(1, 5, false));
    assertThat(map.size()).isZero();
    assertThat(item.isMapped()).isFalse();
    assertThat(fence.takeMarked(item, OTHER, now)).as("gone").isFalse();
    assertThat(map.check()).isEmpty();
  }

  @Test
  void D4_aJobOfAnEarlierGenerationHoldsUpThoseOfALaterOneUntilItEnds() throws Exception {
    Item<Integer, Integer> earlier = create(1, 5);
    fence.take(earlier, TICKET, false, now);
    map.mark(1);
    fence.takeForDeletion(earlier, OTHER, now);
    fence.remove(earlier, OTHER, outbox);
    Item<Integer, Integer> later = create(1, 6);
    assertThat(later).isNotSameAs(earlier);
    fence.end(earlier, OTHER);
    delivered();
    assertThat(fence.take(later, OTHER, true, now)).as("the refresh of the earlier goes on").isFalse();
    map.drainFresh();
    int before = signals;
    fence.end(earlier, TICKET);
    assertThat(signals).as("it may be refreshed now").isEqualTo(before + 1);
    assertThat(map.drainFresh()).containsExactly(later);
    assertThat(fence.take(later, OTHER, true, now)).isTrue();
    assertThat(fence.confirm(earlier, TICKET, 9, false, 20, outbox)).isFalse();
    assertThat(later.value()).isEqualTo(6);
  }

  @Test
  void D4_aDeletionWaitsForTheCallsOfEarlierGenerations() throws Exception {
    Item<Integer, Integer> earlier = create(1, 5);
    fence.take(earlier, TICKET, false, now);
    map.mark(1);
    fence.takeMarked(earlier, OTHER, now);
    fence.remove(earlier, OTHER, outbox);
    Item<Integer, Integer> later = create(1, 6);
    map.mark(1);
    assertThat(fence.takeForDeletion(later, OTHER, now)).isFalse();
    assertThat(fence.takeMarked(later, OTHER, now)).as("without a call there is nothing to wait for").isTrue();
    fence.end(later, OTHER);
    fence.end(earlier, TICKET);
    assertThat(fence.takeForDeletion(later, OTHER, now)).isTrue();
  }

  @Test
  void R2_anItemWhoseEventIsBeingDeliveredIsNotTaken() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    fence.take(item, TICKET, false, now);
    fence.confirm(item, TICKET, 6, false, now, outbox);
    assertThat(fence.take(item, OTHER, false, now)).isFalse();
    map.events().deliver(outbox, () -> true);
    assertThat(fence.take(item, OTHER, false, now)).isTrue();
  }

  @Test
  void D4_theOutcomeDeletedRemovesAnItem() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    fence.take(item, TICKET, false, now);
    assertThat(fence.remove(item, TICKET, outbox)).isTrue();
    assertThat(delivered()).containsExactly(new ItemEvent.Deleted<>(1, 5, true));
    assertThat(valueOf(1)).isNull();
    assertThat(map.check()).isEmpty();
  }

  @Test
  void D4_anItemEvictedInFlightHoldsUpTheNextGenerationUntilItsJobEnds() throws Exception {
    map = map(1);
    fence = new Fence<>(map);
    Item<Integer, Integer> earlier = create(1, 5);
    fence.take(earlier, TICKET, false, now);
    create(2, 0);
    Item<Integer, Integer> later = create(1, 6);
    delivered();
    assertThat(fence.confirm(earlier, TICKET, 9, false, now, outbox)).isFalse();
    assertThat(fence.take(later, OTHER, false, now)).as("the call for the evicted one goes on").isFalse();
    fence.end(earlier, TICKET);
    assertThat(fence.take(later, OTHER, false, now)).isTrue();
  }
}
