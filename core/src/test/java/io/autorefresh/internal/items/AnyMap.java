package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemEvent;
import io.autorefresh.kit.Worker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A map, its fence, and what its listener hears, in one thread; it has to be right after each test. */
abstract class AnyMap {

  static final class Items extends Table<Integer, Integer> {}

  static final int TERMINAL = -1;
  static final Object TICKET = "a job";
  static final Object OTHER = "another job";
  static final Failure FAILURE = new Failure(1, new IllegalStateException("of the test"), 0, 50, false);

  final Items table = new Items();
  final List<ItemEvent<Integer, Integer>> events = new ArrayList<>();
  long now = 7;
  int signals;
  ItemMap<Integer, Integer> map = map(10_000);
  Fence<Integer, Integer> fence = new Fence<>(map);
  Outbox<Integer, Integer> outbox = map.events().newOutbox();

  ItemMap<Integer, Integer> map(int maximumSize) {
    return new ItemMap<>(
        table, maximumSize, () -> now, value -> value == TERMINAL, true, events::add, () -> signals++);
  }

  /** In another thread: so no lock may have been kept. */
  @AfterEach
  void checkTheMap() throws Exception {
    assertThat(Worker.start(map::check).result()).isEmpty();
  }

  Item<Integer, Integer> create(int id, int value) throws Exception {
    map.creations().getOrCreate(id, value);
    return item(id);
  }

  Item<Integer, Integer> item(int id) {
    Item<Integer, Integer> item = table.find(id, Table.hash(id));
    assertThat(item).as("the item of %s", id).isNotNull();
    return item;
  }

  @Nullable Integer valueOf(int id) {
    return map.inspect(id, Item::value);
  }

  List<ItemEvent<Integer, Integer>> delivered() {
    map.events().deliver(outbox, () -> true);
    outbox = map.events().newOutbox();
    List<ItemEvent<Integer, Integer>> delivered = List.copyOf(events);
    events.clear();
    return delivered;
  }
}
