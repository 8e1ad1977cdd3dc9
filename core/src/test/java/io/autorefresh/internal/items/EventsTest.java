package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemEvent;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** R11: in which order the events of a map are told, by whom, and who waits for that. */
class EventsTest extends AnyMap {

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
