package io.autorefresh.proof.memory;

import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.items.EventQueue;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Invariants;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.internal.items.Token;
import io.autorefresh.internal.items.Traits;
import io.autorefresh.internal.schedule.Schedule;
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
  private static final VarHandle FREQUENCY = field(Item.class.getSuperclass(), "frequency", byte.class);
  private static final VarHandle BUCKETS = field(Table.class, "buckets", Item[].class);

  final ItemMap<Integer, Value> map;
  final EventQueue<Integer, Value> events = new EventQueue<>();
  private final Table<Integer, Value> table = new Table<>() {};
  private final Fence<Integer, Value> fence;

  Subject(int maximumSize) {
    map = new ItemMap<>(table, maximumSize, () -> 0, new Finality(), false, false, events, new Flight("t"), item -> {});
    fence = new Fence<>(map);
  }

  private static VarHandle field(Class<?> owner, String name, Class<?> type) {
    try {
      return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, name, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** The n-th of the ids that share a bucket of a table that has never grown. */
  static int id(int n) {
    return 1 + n * STEP;
  }

  /** Fills it until one item more makes its table half full and lets it grow; the first ones share a bucket. */
  static Subject full(int inOneBucket) {
    Subject subject = new Subject(400);
    for (int i = 0; i < STEP / 2 - 1; i++) {
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

  /** Takes the item of an id for a refresh. */
  Job taken(int id) {
    Job job = new Job(item(id));
    if (!take(job, Schedule.Kind.REFRESH)) {
      throw new AssertionError("not taken: " + id);
    }
    return job;
  }

  /** Takes the item of an id for a refresh, if it may be taken. */
  boolean take(int id) {
    return take(new Job(item(id)), Schedule.Kind.REFRESH);
  }

  private boolean take(Job job, Schedule.Kind kind) {
    return fence.take(job.item, job, kind, 0);
  }

  /** The refresh brings a new value, and ends. */
  boolean confirm(Job job, int value) {
    boolean confirmed = fence.confirm(job.item, job, new Value(value), null, false, 0, Schedule.NEVER, false, 0);
    end(job);
    return confirmed;
  }

  void end(Job job) {
    fence.end(job.item, job);
  }

  /** Marks the item of an id and removes it, as the next cycle does. */
  void delete(int id) {
    Job job = new Job(item(id));
    map.mark(id);
    if (!take(job, Schedule.Kind.DELETION) || !fence.remove(job.item, job)) {
      throw new AssertionError("not deleted: " + id);
    }
  }

  boolean isSound() {
    return Invariants.check(map).isEmpty();
  }

  int length() {
    return ((Object[]) BUCKETS.get(table)).length;
  }

  int frequency(int id) {
    return (byte) FREQUENCY.get(item(id));
  }

  private static int read(@Nullable Value value) {
    return value == null ? ABSENT : value.read();
  }

  /** A refresh, or a deletion, of one item. */
  static final class Job implements Token {

    private final Item<Integer, Value> item;

    Job(Item<Integer, Value> item) {
      this.item = item;
    }

    @Override
    public String name() { return "job"; }

    @Override
    public long began() { return 0; }

    @Override
    public boolean isAbandoned() {
      return false;
    }
  }

  private static final class Finality implements Traits<Integer, Value> {

    @Override
    public boolean isTerminal(Value value) {
      return value.read() >= FINAL;
    }

    @Override
    public @Nullable Object groupOf(Integer id, Value value) {
      return null;
    }
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
