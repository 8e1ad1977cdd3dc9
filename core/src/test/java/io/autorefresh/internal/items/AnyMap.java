package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemEvent;
import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Failures;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A map, its fence and its events, in one thread. The map has to be right after each test. */
abstract class AnyMap {

  static final class Items extends Table<Integer, Integer> {}

  /** A job, as items know it. */
  static final class Job implements Token {

    boolean abandoned;

    @Override
    public String name() { return "job"; }

    @Override
    public long began() { return 0; }

    @Override
    public boolean isAbandoned() {
      return abandoned;
    }
  }

  /** A value below zero is final. The group of an item is the remainder of its value by ten. */
  static final class Numbers implements Traits<Integer, Integer> {

    @Override
    public boolean isTerminal(Integer value) {
      return value < 0;
    }

    @Override
    public Object groupOf(Integer id, Integer value) {
      return value % 10;
    }
  }

  static final int TERMINAL = -1;
  static final Throwable THROWN = new IllegalStateException("of the test");
  static final Failure FAILURE = Failures.failure(1, 50);

  final Items table = new Items();
  final EventQueue<Integer, Integer> events = new EventQueue<>();
  /** The items that the map told of: new ones, and those with a due time of their own. */
  final List<Item<Integer, Integer>> changed = new ArrayList<>();
  final Job job = new Job();
  final Job other = new Job();
  long now = 7;
  ItemMap<Integer, Integer> map = map(10_000);
  Fence<Integer, Integer> fence = new Fence<>(map);

  final ItemMap<Integer, Integer> map(int maximumSize) {
    return map(maximumSize, false, true);
  }

  final ItemMap<Integer, Integer> map(int maximumSize, boolean grouped, boolean refreshOnCreate) {
    return new ItemMap<>(
        table,
        maximumSize,
        () -> now,
        new Numbers(),
        grouped,
        refreshOnCreate,
        events,
        new Flight("test"),
        changed::add);
  }

  final void use(ItemMap<Integer, Integer> other) {
    map = other;
    fence = new Fence<>(other);
  }

  /** In another thread: so no lock may have been kept. */
  @AfterEach
  void checkTheMap() throws Exception {
    assertThat(Worker.start(() -> Invariants.check(map)).result()).isEmpty();
  }

  final Item<Integer, Integer> create(int id, int value) throws Exception {
    map.creations().getOrCreate(id, value);
    return item(id);
  }

  final Item<Integer, Integer> item(int id) {
    Item<Integer, Integer> item = table.find(id, Table.hash(id));
    assertThat(item).as("the item of %s", id).isNotNull();
    return item;
  }

  final @Nullable Integer valueOf(int id) {
    return map.inspect(id, Item::value);
  }

  /** Takes an item for a refresh that is not its first one. */
  final boolean take(Item<Integer, Integer> item, Token token) {
    return fence.take(item, token, Schedule.Kind.REFRESH, now);
  }

  final boolean takeForDeletion(Item<Integer, Integer> item, Token token) {
    return fence.take(item, token, Schedule.Kind.DELETION, now);
  }

  final boolean confirm(
      Item<Integer, Integer> item, Token token, @Nullable Integer updated, boolean terminal, long at) {
    return fence.confirm(item, token, updated, null, terminal, at, Schedule.NEVER, false, 0);
  }

  final boolean fail(Item<Integer, Integer> item, Token token, boolean callRuns) {
    return fence.fail(item, token, THROWN, before -> FAILURE, callRuns);
  }

  /** Takes the events that wait. */
  final List<Told> told() {
    List<Told> told = new ArrayList<>();
    for (ItemEvent<Integer, Integer> event; (event = events.poll()) != null; ) {
      told.add(Told.of(event));
    }
    return told;
  }
}
