package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The striped-lock map and its fence in one thread: how items come, change and go, and what a job may do to them. */
class ItemMapTest {

  private static final class Items extends Table<Integer, Integer> {}

  private static final int TERMINAL = -1;
  private static final Object TICKET = "a job";
  private static final Object OTHER = "another job";
  private static final Failure FAILURE = new Failure(1, new IllegalStateException("of the test"), 0, 50, false);

  private final Items table = new Items();
  private final List<ItemEvent<Integer, Integer>> events = new ArrayList<>();
  private long now = 7;
  private int signals;
  private ItemMap<Integer, Integer> map = map(10_000);
  private Fence<Integer, Integer> fence = new Fence<>(map);
  private Outbox<Integer, Integer> outbox = map.events().newOutbox();

  private ItemMap<Integer, Integer> map(int maximumSize) {
    return new ItemMap<>(
        table, maximumSize, () -> now, value -> value == TERMINAL, true, events::add, () -> signals++);
  }

  @AfterEach
  void checkTheMap() {
    assertThat(map.check()).isEmpty();
  }

  private Item<Integer, Integer> create(int id, int value) throws Exception {
    map.creations().getOrCreate(id, value);
    return item(id);
  }

  private Item<Integer, Integer> item(int id) {
    Item<Integer, Integer> item = table.find(id, Table.hash(id));
    assertThat(item).as("the item of %s", id).isNotNull();
    return item;
  }

  private @Nullable Integer valueOf(int id) {
    return map.inspect(id, Item::value);
  }

  private List<ItemEvent<Integer, Integer>> delivered() {
    map.events().deliver(outbox);
    outbox = map.events().newOutbox();
    List<ItemEvent<Integer, Integer>> delivered = List.copyOf(events);
    events.clear();
    return delivered;
  }

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
    map.events().deliver(outbox);
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
  void G1_theTableIsHalfFullAtMost() throws Exception {
    int length = table.length();
    for (int id = 0; table.length() == length; id++) {
      create(id, 0);
      assertThat(map.size()).isLessThanOrEqualTo(length / 2);
    }
    assertThat(table.length()).isEqualTo(2 * length);
    assertThat(map.size()).isEqualTo(length / 2);
    assertThat(map.check()).isEmpty();
    assertThat(map.insertions()).isEqualTo(map.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 150, 1_000})
  void C5_theMaximumIsKeptExactlyWhateverHappens(int maximumSize) throws Exception {
    map = map(maximumSize);
    fence = new Fence<>(map);
    outbox = map.events().newOutbox();
    Random random = new Random(maximumSize);
    Map<Integer, Integer> model = new HashMap<>();
    Set<Item<Integer, Integer>> taken = new HashSet<>();
    int evicted = 0;
    for (int step = 0; step < 20_000; step++) {
      int id = random.nextInt(2 * maximumSize + 1);
      switch (random.nextInt(5)) {
        case 0, 1 -> model.putIfAbsent(id, map.creations().getOrCreate(id, random.nextInt(4) - 1));
        case 2 -> assertThat(map.mark(id)).isEqualTo(model.containsKey(id));
        case 3 -> assertThat(table.get(id)).isEqualTo(model.get(id));
        default -> act(table.find(id, Table.hash(id)), random, taken);
      }
      for (ItemEvent<Integer, Integer> event : delivered()) {
        switch (event) {
          case ItemEvent.Updated<Integer, Integer> updated -> model.put(event.id(), updated.item());
          case ItemEvent.Deleted<Integer, Integer> deleted -> model.remove(event.id());
          case ItemEvent.Evicted<Integer, Integer> out -> {
            model.remove(event.id());
            evicted++;
          }
          default -> assertThat(model).containsKey(event.id());
        }
      }
      assertThat(map.size()).isEqualTo(model.size()).isLessThanOrEqualTo(maximumSize);
    }
    assertThat(map.evictions()).isEqualTo(evicted).isPositive();
    assertThat(map.check()).isEmpty();
  }

  private void act(@Nullable Item<Integer, Integer> item, Random random, Set<Item<Integer, Integer>> taken) {
    if (item == null) {
      return;
    }
    boolean took = item.isMarked() ? fence.takeMarked(item, TICKET, now) : fence.take(item, TICKET, false, now);
    if (!took) {
      fence.end(item, TICKET);
      return;
    }
    switch (random.nextInt(4)) {
      case 0 -> fence.remove(item, TICKET, outbox);
      case 1 -> fence.confirm(item, TICKET, item.isMarked() ? null : random.nextInt(3), false, now, outbox);
      case 2 -> fence.release(item, TICKET);
      default -> taken.add(item);
    }
  }

  @Test
  void C5_inspectingIsNoAccess() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    assertThat(valueOf(1)).isEqualTo(5);
    assertThat(valueOf(2)).isNull();
    assertThat(item.frequency).isZero();
    assertThat(map.creations().getOrCreate(1, 6)).isEqualTo(5);
    assertThat(map.creations().getOrCreate(1, id -> 6)).isEqualTo(5);
    assertThat(item.frequency).as("asking for it is one").isEqualTo((byte) 2);
  }

  private long present(int first, int count) {
    return IntStream.range(0, count).filter(i -> valueOf(first + 8 * i) != null).count();
  }

  @Test
  void C5_aStripeThatIsAskedForTakesItsShareOfTheFullest() throws Exception {
    map = map(800);
    for (int i = 0; i < 800; i++) {
      create(8 * i, 0);
    }
    for (int i = 0; i < 100; i++) {
      create(8 * i + 1, 0);
    }
    assertThat(present(1, 100)).as("those of the other stripe").isEqualTo(100);
    assertThat(present(0, 800)).isEqualTo(700);
    for (int i = 100; i < 700; i++) {
      create(8 * i + 1, 0);
    }
    assertThat(present(0, 800)).as("beyond the share they evict their own").isGreaterThan(500);
    assertThat(map.size()).isEqualTo(800);
  }

  @Test
  void C5_terminalItemsOfAnyStripeGoFirstAndMarkedOnesLast() throws Exception {
    map = map(800);
    for (int i = 0; i < 800; i++) {
      create(i, i == 5 || i == 6 ? TERMINAL : 0);
    }
    for (int i = 700; i < 710; i++) {
      map.mark(i);
    }
    events.clear();
    create(8 * 1_000 + 1, 0);
    create(8 * 1_000 + 2, 0);
    assertThat(delivered()).containsExactlyInAnyOrder(
        new ItemEvent.Evicted<>(5, TERMINAL), new ItemEvent.Evicted<>(6, TERMINAL));
    for (int i = 0; i < 3_000; i++) {
      create(10_000 + i, 0);
    }
    assertThat(IntStream.range(700, 710)).allMatch(id -> valueOf(id) != null);
    assertThat(delivered()).hasSize(3_000);
  }

  @Test
  void C5_theLastOfAllMarkedItemsMakeRoom() throws Exception {
    map = map(3);
    for (int id = 0; id < 3; id++) {
      create(id, 0);
      map.mark(id);
    }
    create(7, 0);
    assertThat(delivered()).containsExactly(new ItemEvent.Evicted<>(0, 0));
    assertThat(valueOf(7)).isZero();
  }

  @Test
  void R11_eventsOfOneIdAreDeliveredInTheirOrderByWhoBegan() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    fence.take(item, TICKET, false, now);
    fence.confirm(item, TICKET, 6, false, now, outbox);
    assertThat(outbox.isEmpty()).isFalse();
    Outbox<Integer, Integer> second = map.events().newOutbox();
    assertThat(second.isEmpty()).isTrue();
    map.mark(1);
    fence.takeMarked(item, OTHER, now);
    fence.remove(item, OTHER, second);
    assertThat(second.isEmpty()).as("it has to wait").isFalse();
    assertThat(events).isEmpty();
    map.events().deliver(outbox);
    map.events().deliver(second);
    assertThat(events).containsExactly(new ItemEvent.Updated<>(1, 5, 6), new ItemEvent.Deleted<>(1, 6, false));
  }

  @Test
  void R11_keysAreEqualIfTheIdsAre() {
    assertThat(new Key<>("a", 1)).isEqualTo(new Key<>(new StringBuilder("a").toString(), 1)).hasSameHashCodeAs(1)
        .isNotEqualTo(new Key<>("b", 1)).isNotEqualTo(new Key<>("a", 2)).isNotEqualTo("a");
  }
}
