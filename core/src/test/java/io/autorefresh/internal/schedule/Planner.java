package io.autorefresh.internal.schedule;

import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import io.autorefresh.internal.schedule.Schedule.Turnabout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A schedule with its live things, and a time that passes when a test says so. Times count from the beginning. */
final class Planner implements Schedule.Walk<Thing>, Schedule.Surroundings<Thing> {

  static final long MILLI = 1_000_000;
  static final long SECOND = 1_000 * MILLI;
  static final long PERIOD = 100 * SECOND;
  /** Near the wrap-around, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - 150 * SECOND;

  /** A batch and when it was handed out. */
  record Turn(long at, Kind kind, List<Thing> things) {

    @Override
    public String toString() {
      return kind + " " + things;
    }
  }

  int batchSize = 1;
  boolean spread;
  boolean groups;
  double phase;
  @Nullable Double callsPerSecond;
  /** Whether jobs run when a cycle begins. */
  boolean busy = true;
  int slots = 16;
  /** Whether each call is answered at once; otherwise it is open. */
  boolean answers = true;
  final List<Call<Thing>> open = new ArrayList<>();
  long now;
  final List<List<Thing>> stripes = new ArrayList<>(List.of(new ArrayList<>()));
  final List<Turn> turns = new ArrayList<>();
  final List<Turnabout> turnabouts = new ArrayList<>();
  private @Nullable Schedule<Thing> schedule;

  Schedule<Thing> schedule() {
    Schedule<Thing> made = schedule;
    if (made == null) {
      Pacer calls = callsPerSecond == null ? null : Pacer.perSecond(callsPerSecond, time(now));
      made = new Schedule<>(batchSize, PERIOD, spread, groups, phase, calls, slots, Thing[]::new, this);
      schedule = made;
    }
    return made;
  }

  /** The reading of the ticker at that moment. */
  static long time(long moment) {
    return ORIGIN + moment;
  }

  static List<Thing> things(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> new Thing(prefix + i)).toList();
  }

  /** Adds live things. */
  List<Thing> live(String prefix, int count) {
    List<Thing> things = things(prefix, count);
    stripes.getFirst().addAll(things);
    return things;
  }

  /** Adds live things of a group. */
  List<Thing> live(String prefix, int count, Object group) {
    List<Thing> things = live(prefix, count);
    things.forEach(thing -> thing.in(group));
    return things;
  }

  /** Live things come that are new. */
  List<Thing> create(String prefix, int count) {
    List<Thing> things = live(prefix, count);
    things.forEach(thing -> schedule().addNew(thing.fresh()));
    return things;
  }

  /** The failure of a thing ends after so long. */
  void fail(Thing thing, long delay) {
    thing.confirmed().failedUntil(time(now + delay));
    schedule().addApart(thing, thing.dueAt);
  }

  /** A thing said that it is due in so long. */
  void postpone(Thing thing, long delay) {
    thing.confirmed().dueAt(time(now + delay));
    schedule().addApart(thing, thing.dueAt);
  }

  void begin(Extent extent, Thing... deletions) {
    for (Thing thing : deletions) {
      thing.marked = true;
    }
    schedule().beginCycle(time(now), extent, busy, Arrays.asList(deletions), this);
  }

  @Override
  public boolean isCreationWaiting() {
    return false;
  }

  @Override
  public void turned(Turnabout turnabout) {
    turnabouts.add(turnabout);
  }

  @Override
  public void refused(Thing thing, long until) {
    throw new AssertionError("no thing is requested");
  }

  @Override
  public void live(IntFunction<? extends Consumer<? super Thing>> visitors) {
    for (List<Thing> stripe : stripes) {
      Consumer<? super Thing> visitor = visitors.apply(stripe.size());
      stripe.stream().filter(thing -> thing.live && !thing.marked).forEach(visitor);
    }
  }

  /** Returns what begins now, or null. */
  @Nullable Turn next() {
    Call<Thing> call = schedule().next(time(now));
    if (call == null) {
      return null;
    }
    Turn turn = new Turn(now, call.kind(), List.of(call.things()));
    turns.add(turn);
    if (answers) {
      schedule().report(call, Call.Result.ANSWERED, List.of(), 0, time(now));
    } else {
      open.add(call);
    }
    return turn;
  }

  /** Returns all that begins now; things of a first refresh are new no more. */
  List<Turn> drain() {
    List<Turn> all = new ArrayList<>();
    for (Turn turn; (turn = next()) != null; ) {
      turn.things.forEach(thing -> thing.fresh = false);
      all.add(turn);
    }
    return all;
  }

  /** Lets time pass until that moment, and everything begin as soon as it may; returns what began. */
  List<Turn> runUntil(long end) {
    List<Turn> all = new ArrayList<>(drain());
    for (long delay; (delay = schedule().delay(time(now))) < end - now; ) {
      now += delay;
      all.addAll(drain());
    }
    now = end;
    return all;
  }

  /** Returns the calls that began and have not ended, the oldest first, and empties the list. */
  List<Call<Thing>> takeOpen() {
    List<Call<Thing>> calls = List.copyOf(open);
    open.clear();
    return calls;
  }

  /** An open call has succeeded. */
  void succeed(Call<Thing> call) {
    for (Thing thing : call.things()) {
      thing.confirmed().hung = 0;
    }
    report(call, Call.Result.ANSWERED, List.of(), 0);
  }

  /** An open call threw: its things are due again after so long. */
  void fail(Call<Thing> call, long delay) {
    failWhole(call, delay);
    report(call, Call.Result.FAILED, List.of(call.things()), time(now + delay));
  }

  /** An open call took too long, and is abandoned: its things are due again after so long. */
  void hang(Call<Thing> call, long delay) {
    failWhole(call, delay);
    report(call, Call.Result.EXPIRED, List.of(), 0);
    long dueAt = time(now + delay);
    if (call.things().length == 1) {
      Thing alone = call.things()[0];
      dueAt = time(now + Backoff.probeDelay(++alone.hung, PERIOD));
      alone.suspectUntil(dueAt);
    }
    report(call, Call.Result.ABANDONED, List.of(call.things()), dueAt);
  }

  /** An abandoned call has ended; a thing that was alone with it is due after so long. */
  void end(Call<Thing> call, long delay) {
    boolean alone = call.things().length == 1;
    if (alone) {
      call.things()[0].suspectUntil(time(now + delay));
    }
    report(call, Call.Result.RETURNED, alone ? List.of(call.things()) : List.of(), time(now + delay));
  }

  /** The remote says when to come back. */
  void throttle(Call<Thing> call, long delay) {
    for (Thing thing : call.things()) {
      fail(thing, delay);
    }
    report(call, Call.Result.THROTTLED, List.of(), time(now + delay));
  }

  private void failWhole(Call<Thing> call, long delay) {
    for (Thing thing : call.things()) {
      thing.confirmed().suspectUntil(time(now + delay));
    }
  }

  private void report(Call<Thing> call, Call.Result result, List<Thing> things, long time) {
    schedule().report(call, result, things, time, time(now));
  }

  /** The things of batches, in their order. */
  static List<Thing> things(List<Turn> turns) {
    return turns.stream().flatMap(turn -> turn.things.stream()).toList();
  }

  static List<Kind> kinds(List<Turn> turns) {
    return turns.stream().map(Turn::kind).toList();
  }

  static List<Long> times(List<Turn> turns) {
    return turns.stream().map(Turn::at).toList();
  }
}
