package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemEvent;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How items come and go: the size, the eviction among the stripes, the order of events. */
class ItemMapTest extends AnyMap {

  @Test
  void theMapIsNotCheckedWhileAnotherThreadHoldsALock() throws Exception {
    AtomicReference<String> seen = new AtomicReference<>();
    map.stripe(0).lock.lock();
    try {
      Thread other = Thread.ofVirtual().start(() -> seen.set(map.check()));
      other.join();
    } finally {
      map.stripe(0).lock.unlock();
    }
    assertThat(seen.get()).isEqualTo("a lock is held");
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
  void C5_aStripeWithLessThanItsShareTakesRoomOfTheFullestAlone() throws Exception {
    map = map(800);
    for (int i = 0; i < 700; i++) {
      create(8 * i + 3, 0);
    }
    for (int i = 0; i < 100; i++) {
      create(8 * i + 1, 0);
    }
    for (int i = 0; i < 50; i++) {
      create(8 * i + 2, 0);
    }
    assertThat(present(1, 100)).as("those of the one that is not the fullest").isEqualTo(100);
    assertThat(present(2, 50)).as("the newcomers").isEqualTo(50);
    assertThat(present(3, 700)).isEqualTo(650);
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
    assertThat(second.isEmpty()).as("it is delivered with the other").isTrue();
    assertThat(events).isEmpty();
    map.events().deliver(outbox, () -> true);
    map.events().deliver(second, () -> true);
    assertThat(events).containsExactly(new ItemEvent.Updated<>(1, 5, 6), new ItemEvent.Deleted<>(1, 6, false));
  }

  /** A map whose listener stops at a gate, and whose callers may wait for that or may not. */
  private void mapWithListener(Gate gate, boolean mayWait) {
    map = new ItemMap<>(table, 10, () -> now, value -> false, false, new Teller<>() {
      @Override
      public void tell(ItemEvent<Integer, Integer> event) {
        try {
          gate.pass();
        } catch (InterruptedException | TimeoutException e) {
          throw new AssertionError(e);
        }
        events.add(event);
      }

      @Override
      public boolean mayWait() {
        return mayWait;
      }
    }, () -> {});
    fence = new Fence<>(map);
    outbox = map.events().newOutbox();
  }

  /** Creates an item and removes it; who it is that did so has to deliver what this returns. */
  private Outbox<Integer, Integer> createAndRemove(int id) throws Exception {
    Outbox<Integer, Integer> removal = map.events().newOutbox();
    Item<Integer, Integer> item = create(id, 5);
    map.mark(id);
    fence.takeMarked(item, OTHER, now);
    fence.remove(item, OTHER, removal);
    return removal;
  }

  @Test
  void R11_whoseEventIsDeliveredByAnotherWaitsForThatOnlyIfTooManyDo() throws Exception {
    Gate gate = new Gate();
    mapWithListener(gate, true);
    outbox = createAndRemove(1);
    Worker<Void> first = Worker.start(() -> map.events().deliver(outbox, () -> true));
    gate.awaitArrived(1);
    for (int waiting = 0; waiting < Deliveries.MAX_WAITING; waiting++) {
      Outbox<Integer, Integer> removal = createAndRemove(1);
      Worker.start(() -> map.events().deliver(removal, () -> true)).result();
    }
    assertThat(events).as("nothing was told").isEmpty();

    Worker<Integer> job = waiting(createAndRemove(1), removal -> map.events().deliver(removal, () -> true));
    Worker<Integer> caller = waiting(createAndRemove(1), map.events()::deliverForCaller);
    gate.open();
    assertThat(job.result()).as("told by then").isGreaterThanOrEqualTo(Deliveries.MAX_WAITING + 2);
    assertThat(caller.result()).as("told by then").isEqualTo(Deliveries.MAX_WAITING + 3);
    first.result();
  }

  private Worker<Integer> waiting(
      Outbox<Integer, Integer> removal, Consumer<Outbox<Integer, Integer>> delivery) throws Exception {
    Worker<Integer> worker = Worker.<Integer>start(() -> {
      delivery.accept(removal);
      return events.size();
    }).awaitWaiting();
    assertThat(worker.isDone()).isFalse();
    return worker;
  }

  @Test
  void R11_whoMustNotWaitForAnothersDeliveryDoesNot() throws Exception {
    Gate gate = new Gate();
    mapWithListener(gate, false);
    outbox = createAndRemove(1);
    Worker<Void> first = Worker.start(() -> map.events().deliverForCaller(outbox));
    gate.awaitArrived(1);
    for (int waiting = 0; waiting < 2 * Deliveries.MAX_WAITING; waiting++) {
      map.events().deliverForCaller(createAndRemove(1));
    }
    assertThat(events).as("nothing was told").isEmpty();
    gate.open();
    first.result();
    assertThat(events).hasSize(2 * Deliveries.MAX_WAITING + 1);
  }

  @Test
  void R5_aListenerThatHangsInACreatingThread_costsTheOtherVictimsNothing() throws Exception {
    Gate gate = new Gate();
    map = new ItemMap<>(table, 1, () -> now, value -> false, false, event -> {
      if (gate.arrived() == 0) {
        try {
          gate.passStubbornly();
        } catch (TimeoutException e) {
          throw new AssertionError(e);
        }
      }
      events.add(event);
    }, () -> {});
    Stripe<Integer, Integer> stripe = map.stripe(0);
    List<Item<Integer, Integer>> inserted = new ArrayList<>();
    for (int id = 0; id < 4; id++) {
      stripe.lock.lock();
      try {
        inserted.add(map.insert(stripe, id, Table.hash(id), 5, false, now));
      } finally {
        stripe.lock.unlock();
      }
    }
    Worker<Void> hanging = Worker.start(() -> map.settle(inserted.get(1)));
    gate.awaitArrived(1);
    map.settle(inserted.get(3));
    assertThat(events).extracting(ItemEvent::id).as("told meanwhile").containsExactly(1, 2);
    gate.open();
    hanging.result();
    assertThat(events).extracting(ItemEvent::id).containsExactly(1, 2, 0);
  }

  @Test
  void R11_keysAreEqualIfTheIdsAre() {
    assertThat(new Key<>("a", 1)).isEqualTo(new Key<>(new StringBuilder("a").toString(), 1)).hasSameHashCodeAs(1)
        .isNotEqualTo(new Key<>("b", 1)).isNotEqualTo(new Key<>("a", 2)).isNotEqualTo("a");
  }

  @Test
  void R1_aWalkShowsWhatIsThere() throws Exception {
    create(1, 0);
    create(2, 0);
    List<Integer> seen = map.walk(ArrayList::new, (ids, item) -> ids.add(item.id()));
    assertThat(seen).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void R1_theLiveItemsAreThoseThatAreNeitherTerminalNorMarked_eachStripesInTheOrderInWhichTheyCame() throws Exception {
    map = map(100_000);
    int stripes = Math.max(1, Integer.highestOneBit(4 * Runtime.getRuntime().availableProcessors()));
    int count = 600 * stripes;
    for (int id = 0; id < count; id++) {
      // The predicate of this map is true of negative values.
      create(id, id % 10 == 3 ? -1 : 0);
      if (id % 10 == 7) {
        map.mark(id);
      }
    }
    List<Integer> seen = new ArrayList<>();
    map.live(100, item -> seen.add(item.id()));
    assertThat(seen).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(
        IntStream.range(0, count).filter(id -> id % 10 != 3 && id % 10 != 7).boxed().toList());
    for (int stripe = 0; stripe < stripes; stripe++) {
      int own = stripe;
      assertThat(seen.stream().filter(id -> id % stripes == own)).as("those of stripe %s", stripe).isSorted();
    }
    for (int turn = 0; turn < stripes; turn++) {
      assertThat(seen.subList(100 * turn, 100 * turn + 100).stream().map(id -> id % stripes).distinct())
          .as("stripes that have the turn %s", turn).containsExactly(turn);
    }
  }

  @Test
  void R1_anItemThatMovesBetweenQueuesMeanwhileIsShownOnce() throws Exception {
    int size = 2_000;
    map = map(size);
    for (int id = 0; id < size; id++) {
      create(id, 0);
    }
    AtomicBoolean over = new AtomicBoolean();
    Worker<Integer> reader = Worker.start(() -> {
      int id = size;
      for (; !over.get(); id++) {
        // What is read is moved, and not evicted, when a newcomer is one too many.
        for (int i = 0; i < size / 2; i++) {
          table.get(i);
          table.get(i);
          table.get(i);
        }
        create(id, 0);
      }
      return id;
    });
    try {
      for (int walk = 0; walk < 50; walk++) {
        Set<Item<Integer, Integer>> mapped = map.walk(HashSet::new, Set::add);
        Set<Item<Integer, Integer>> seen = new HashSet<>();
        map.live(100, item -> assertThat(seen.add(item)).as("item %s is shown for the first time", item.id()).isTrue());
        mapped.retainAll(map.<Set<Item<Integer, Integer>>>walk(HashSet::new, Set::add));
        assertThat(seen).as("what was there all the time").containsAll(mapped);
      }
    } finally {
      over.set(true);
    }
    assertThat(reader.result()).isGreaterThan(size);
  }

  @Test
  void R11_whatAListenerBringsAboutIsToldWhenItHasReturned() throws Exception {
    List<String> told = new ArrayList<>();
    ItemMap<Integer, Integer>[] holder = newMaps();
    holder[0] = new ItemMap<>(new Items(), 2, () -> now, value -> false, false, event -> {
      told.add("begin " + event.id());
      if (told.size() < 5) {
        try {
          holder[0].creations().getOrCreate(100 + told.size(), 0);
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
      }
      told.add("end " + event.id());
    }, () -> {});
    for (int round = 0; round < 2; round++) {
      told.clear();
      for (int id = 0; id < 3; id++) {
        holder[0].creations().getOrCreate(10 * round + id, 0);
      }
      assertThat(told).hasSizeGreaterThanOrEqualTo(6);
      for (int i = 0; i < told.size(); i += 2) {
        assertThat(told.get(i + 1)).isEqualTo(told.get(i).replace("begin", "end"));
      }
    }
    assertThat(holder[0].check()).isEmpty();
  }

  @SuppressWarnings("unchecked")

  private static ItemMap<Integer, Integer>[] newMaps() {
    return (ItemMap<Integer, Integer>[]) new ItemMap<?, ?>[1];
  }
}
