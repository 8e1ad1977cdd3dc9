package io.autorefresh.proof.linearizability;

import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.internal.items.Token;
import io.autorefresh.internal.items.Traits;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Failures;
import io.autorefresh.internal.schedule.Schedule;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.ThreadIdGen;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;

/**
 * What callers and jobs do with a map. A thread is a caller and a job too: it keeps what it has taken from one call to
 * the next, until it brings the outcome. Ids are drawn from few, all of one bucket. The size is no operation: it is
 * exact only when no call is in progress, and so it is checked at the end.
 */
@Param(name = "id", gen = IntGen.class, conf = "0:2")
@Param(name = "value", gen = IntGen.class, conf = "1:3")
@Param(name = "job", gen = ThreadIdGen.class)
public class MapOperations {

  /** Ids this far apart share a bucket of a table that has never grown. */
  static final int STEP = 64;

  static final int FINAL = 3;
  private static final int MAX_JOBS = 8;

  private static final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1;

    Refusal() {
      super("refused", null, false, false);
    }
  }

  private static final class Job implements Token {

    final Item<Integer, Integer> item;
    final boolean deletes;
    boolean expired;
    private volatile boolean abandoned;

    Job(Item<Integer, Integer> item, boolean deletes) {
      this.item = item;
      this.deletes = deletes;
    }

    @Override
    public String name() { return "job"; }

    @Override
    public long began() { return 0; }

    @Override
    public boolean isAbandoned() {
      return abandoned;
    }
  }

  private static final class Finality implements Traits<Integer, Integer> {

    @Override
    public boolean isTerminal(Integer value) {
      return value == FINAL;
    }

    @Override
    public @Nullable Object groupOf(Integer id, Integer value) {
      return null;
    }
  }

  final Table<Integer, Integer> table = new Table<>() {};
  final ItemMap<Integer, Integer> map;
  private final Fence<Integer, Integer> fence;
  private final @Nullable Job[] jobs = new Job[MAX_JOBS];

  public MapOperations() {
    this(400);
  }

  MapOperations(int maximumSize) {
    map = new ItemMap<>(table, maximumSize, () -> 0, new Finality(), false, false, null, new Flight("t"), item -> {});
    fence = new Fence<>(map);
  }

  static int id(int id) {
    return 1 + id * STEP;
  }

  @Operation
  public @Nullable Integer get(@Param(name = "id") int id) {
    return table.get(id(id));
  }

  @Operation
  public int create(@Param(name = "id") int id, @Param(name = "value") int value) throws InterruptedException {
    for (;;) {
      try {
        return map.creations().getOrCreate(id(id), value);
      } catch (Refusal another) {
        // The creator of another call failed, for which this one has waited: it is as if this one had come later.
      }
    }
  }

  @Operation
  public int createBy(@Param(name = "id") int id, @Param(name = "value") int value) throws InterruptedException {
    for (;;) {
      try {
        return map.creations().getOrCreate(id(id), absent -> value);
      } catch (Refusal another) {
        // As above.
      }
    }
  }

  /** Calls a creator that fails: the value that was there, or null. */
  @Operation
  public @Nullable Integer createInVain(@Param(name = "id") int id) throws InterruptedException {
    Refusal mine = new Refusal();
    for (;;) {
      try {
        return map.creations().<Integer>getOrCreate(
            id(id),
            absent -> {
              throw mine;
            });
      } catch (Refusal refusal) {
        if (refusal == mine) {
          return null;
        }
      }
    }
  }

  @Operation
  public boolean mark(@Param(name = "id") int id) {
    return map.mark(id(id));
  }

  @Operation
  public @Nullable String inspect(@Param(name = "id") int id) {
    return map.inspect(id(id), item -> {
      Failure failure = item.failure();
      return state(
          item.value(), item.isMarked(), item.isTerminal(), item.isInFlight(), failure == null ? 0 : failure.count());
    });
  }

  static String state(int value, boolean marked, boolean terminal, boolean inFlight, int failures) {
    return value + (marked ? " marked" : "") + (terminal ? " terminal" : "") + (inFlight ? " in flight" : "")
        + (failures > 0 ? " failed " + failures : "");
  }

  /** A refresh begins. */
  @Operation
  public boolean take(@Param(name = "job") int job, @Param(name = "id") int id) {
    return taken(job, id, false);
  }

  /** A deletion begins. */
  @Operation
  public boolean takeMarked(@Param(name = "job") int job, @Param(name = "id") int id) {
    return taken(job, id, true);
  }

  private boolean taken(int job, int id, boolean deletes) {
    Item<Integer, Integer> item = map.inspect(id(id), each -> each);
    if (item == null || jobs[job] != null) {
      return false;
    }
    Job begun = new Job(item, deletes);
    boolean taken = fence.take(item, begun, deletes ? Schedule.Kind.DELETION : Schedule.Kind.REFRESH, 0);
    if (taken) {
      jobs[job] = begun;
    }
    return taken;
  }

  /** The outcome of what the thread has taken: a new value, or the removal that was asked for. */
  @Operation
  public boolean finish(@Param(name = "job") int job, @Param(name = "value") int value) {
    Job ended = jobs[job];
    if (ended == null) {
      return false;
    }
    boolean effective = ended.deletes
        ? fence.remove(ended.item, ended)
        : fence.confirm(ended.item, ended, value, null, value == FINAL, 0, Schedule.NEVER, false, 0);
    end(job, ended);
    return effective;
  }

  /** The remote has no such item any more. */
  @Operation
  public boolean remove(@Param(name = "job") int job) {
    Job ended = jobs[job];
    if (ended == null) {
      return false;
    }
    boolean effective = fence.remove(ended.item, ended);
    end(job, ended);
    return effective;
  }

  /** The call takes too long, and runs on: the item fails. */
  @Operation
  public boolean expire(@Param(name = "job") int job) {
    Job late = jobs[job];
    if (late == null) {
      return false;
    }
    late.expired = true;
    return fence.fail(late.item, late, new Refusal(), MapOperations::next, true);
  }

  private static Failure next(@Nullable Failure before) {
    return Failures.failure(before == null ? 1 : before.count() + 1, 0);
  }

  /** A call that took too long ignores its interruption. */
  @Operation
  public void abandon(@Param(name = "job") int job) {
    Job late = jobs[job];
    if (late != null && late.expired && !late.abandoned) {
      late.abandoned = true;
      fence.abandon(late.item, late, null);
    }
  }

  /** The call ends without an outcome. */
  @Operation
  public void giveUp(@Param(name = "job") int job) {
    Job ended = jobs[job];
    if (ended != null) {
      end(job, ended);
    }
  }

  private void end(int job, Job ended) {
    fence.end(ended.item, ended);
    jobs[job] = null;
  }

  /** Everything that holds when no call is in progress. */
  @Validate
  public void check() {
    Invariance.check(map);
  }
}
