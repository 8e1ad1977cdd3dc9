package io.autorefresh.proof.memory;

import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** A map as the actors see it: they read with no lock, create, delete, and bring outcomes. */
final class Subject {

  static final int ABSENT = 0;
  static final int TORN = -1;

  /** Values from here on are terminal. */
  static final int FINAL = 100;

  private static final int STEP = 64;
  private static final VarHandle FREQUENCY = frequency();

  final ItemMap<Integer, Value> map;
  private final Table<Integer, Value> table = new Table<>() {};
  private final Fence<Integer, Value> fence;

  Subject(int maximumSize) {
    map = new ItemMap<>(table, maximumSize, () -> 0, value -> value.read() >= FINAL, false, null, () -> {});
    fence = new Fence<>(map);
  }

  private static VarHandle frequency() {
    try {
      Class<?> front = Item.class.getSuperclass();
      return MethodHandles.privateLookupIn(front, MethodHandles.lookup())
          .findVarHandle(front, "frequency", byte.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The n-th of the ids that share a bucket of a table that has never grown. */
  static int id(int n) {
    return 1 + n * STEP;
  }

  /** Fills it until one item more lets its table grow; the first ones have the ids of one bucket. */
  static Subject full(int inOneBucket) {
    Subject subject = new Subject(400);
    for (int i = 0; i < STEP - STEP / 4; i++) {
      subject.create(i < inOneBucket ? id(i) : i, 1);
    }
    return subject;
  }

  int get(int id) {
    return read(table.get(id));
  }

  int create(int id, int value) {
    try {
      return read(map.creations().getOrCreate(id, new Value(value)));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  int createBy(int id, int value) {
    try {
      return read(map.creations().getOrCreate(id, absent -> new Value(value)));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  Item<Integer, Value> item(int id) {
    Item<Integer, Value> item = map.inspect(id, each -> each);
    if (item == null) {
      throw new AssertionError("no " + id);
    }
    return item;
  }

  Item<Integer, Value> taken(int id, Object ticket) {
    Item<Integer, Value> item = item(id);
    if (!fence.take(item, ticket, false, 0)) {
      throw new AssertionError("not taken: " + id);
    }
    return item;
  }

  boolean confirm(Item<Integer, Value> item, Object ticket, int value) {
    boolean confirmed = fence.confirm(item, ticket, new Value(value), false, 0, map.events().newOutbox());
    fence.end(item, ticket);
    return confirmed;
  }

  /** Marks the item of an id and removes it, as the next cycle does. */
  void delete(int id) {
    Item<Integer, Value> item = item(id);
    Object ticket = new Object();
    map.mark(id);
    if (!fence.takeMarked(item, ticket, 0) || !fence.remove(item, ticket, map.events().newOutbox())) {
      throw new AssertionError("not deleted: " + id);
    }
  }

  int frequency(int id) {
    return (byte) FREQUENCY.get(item(id));
  }

  private static int read(@Nullable Value value) {
    return value == null ? ABSENT : value.read();
  }

  /** A value whose fields are plain and not final: only safe publication makes them whole. */
  static final class Value {

    private int one;
    private int other;

    Value(int value) {
      one = value;
      other = value;
    }

    int read() {
      int one = this.one;
      return one == other ? one : TORN;
    }
  }
}
