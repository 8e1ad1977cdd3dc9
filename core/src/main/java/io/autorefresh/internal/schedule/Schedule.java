package io.autorefresh.internal.schedule;

import io.autorefresh.ItemState.Trouble;
import io.autorefresh.internal.schedule.Call.Result;
import io.autorefresh.internal.schedule.Turns.Sort;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is called next and when: everything that is to be called leaves through {@link #next}. Plain arithmetic
 * over the readings of a ticker: no thread, no lock, no sleep, no user code except {@code equals} and {@code hashCode}
 * of group keys. Used by one thread at a time, the owner of the cycle that hands out.
 *
 * <p><b>What waits.</b> There are four sorts. <i>Deletions</i> are given when a cycle begins. <i>New</i> things wait
 * for their first refresh, or for one that a caller asked for, in the order of their coming. Creations, which lie
 * elsewhere, take turns with them. The <i>walk</i> has the things that are due in every cycle, as they were when it
 * began. All others are <i>apart</i>: they have due times of their own, after a failure or as the remote wants, and lie
 * in queues by due time. Things of one group share a {@link Lane}; a batch never mixes lanes or sorts.
 *
 * <p><b>Order and time.</b> {@link Turns} says whose turn it is among the sorts that may begin, {@link Spread} when
 * walk and things apart may begin, and a {@link Pacer} bounds the calls a second, of all sorts. Lanes of one sort take
 * turns of a batch. What a walk did not hand out goes first in the next one. Batches of the walk and of things apart
 * that are not full are topped up with things of their lane that are due soon.
 *
 * <p><b>Cost.</b> A thing that is due in every cycle costs one reference in the walk. Only things apart send a message
 * and take an entry of a queue.
 *
 * <p>This file is long since it is the one place through which everything leaves.
 *
 * @param <T> the type of things
 */
public final class Schedule<T extends Due> {

  /** No time. */
  public static final long NEVER = Long.MAX_VALUE;

  /** For how long, in nanoseconds, a remote may pause a group at most. */
  public static final long LONGEST_PAUSE = 3_600_000_000_000L;

  /** What a cycle takes in when it begins. */
  public enum Extent {
    /** The new things; the walk comes one period later. */
    START,
    /** The walk, except new things, which were {@linkplain #addNew added}. */
    PERIOD,
    /** Everything at once, except things in flight. */
    DEMAND,
    /** Deletions alone. */
    CLOSE
  }

  /** What a call is for. */
  public enum Kind {
    /** A deletion, of one thing. */
    DELETION,
    /** A creation of things that are not there yet. */
    CREATION,
    /** A first or a requested refresh. */
    FIRST,
    /** A refresh of suspects, whatever their due time: the schedule decides when. */
    RETRY,
    /** Any other refresh. */
    REFRESH
  }

  /**
   * A group is down, or is no longer.
   *
   * @param group its key, or null where there is one group
   * @param down whether it is
   * @param since when its calls began to fail
   */
  public record Turnabout(@Nullable Object group, boolean down, long since) {}

  /** What a schedule asks and says while its owner uses it. */
  public interface Surroundings<T> {

    /** Whether things wait for their creation. */
    boolean isCreationWaiting();

    /** A group went down or came up. */
    void turned(Turnabout turnabout);

    /** A requested thing is not called, since its group is paused until then. */
    void refused(T thing, long until);
  }

  /** Shows all live things, those of each stripe to a visitor of their own. */
  public interface Walk<T> {

    /** Shows them to the visitors, each made with about the number of things that it will see. */
    void live(IntFunction<? extends Consumer<? super T>> visitors);
  }

  private final int batchSize;
  private final long period;
  private final boolean spreads;
  private final boolean groups;
  private final @Nullable Pacer calls;
  private final IntFunction<T[]> arrays;
  private final Surroundings<T> surroundings;
  private final CallResults<T> results;

  private final Turns turns = new Turns();
  private final Spread spread;
  private final Lanes<T> lanes;
  /** What is claimed before it is called, or null. */
  private @Nullable Claims<T> claims;
  private ArrayDeque<T> deletions = new ArrayDeque<>(0);
  private boolean closed;
  private boolean demanded;
  /** Whether the cycle before left something of its walk: then deletions do not go first. */
  private boolean wasBehind;
  private boolean hasTakenNew;
  private long began;
  private int walking;
  /** The thing that the walk handed out last: the next one goes on behind it. */
  private @Nullable T lastOfWalk;
  /** How many things the walk had when it began, and in how many batches. */
  private int walkSize;
  private long walkBatches;
  private long batchesApart;
  private long effectivePeriod;
  private int newWaiting;
  /** Whether the last turn of new things was that of creations. */
  private boolean created;
  /** How many new things waited when the cycle began, and still do. */
  private int newOfCycle;
  /** Whether things of the walk may have to be left out, so that a look at each is worth its cache miss. */
  private boolean inDoubt;
  private int skipped;

  /**
   * Creates an empty schedule.
   *
   * @param period nanoseconds
   * @param spreads whether periodic cycles are spread
   * @param groups whether things have groups
   * @param phase the part of the first gap after which a spread walk begins, from 0 to 1
   * @param calls bounds the calls a second, or null
   * @param maxConcurrency how many calls may run at once
   * @param arrays makes arrays of things
   */
  public Schedule(
      int batchSize,
      long period,
      boolean spreads,
      boolean groups,
      double phase,
      @Nullable Pacer calls,
      int maxConcurrency,
      IntFunction<T[]> arrays,
      Surroundings<T> surroundings) {
    this.batchSize = batchSize;
    this.period = period;
    this.effectivePeriod = period;
    this.spreads = spreads;
    this.groups = groups;
    this.spread = new Spread(period, phase);
    this.lanes = new Lanes<>(groups, maxConcurrency, arrays);
    this.calls = calls;
    this.arrays = arrays;
    this.surroundings = surroundings;
    this.results = new CallResults<>(lanes, surroundings, period, batchSize);
  }

  /**
   * From now on things may be claimed before they are called.
   *
   * @param freeSlots how many more calls may begin now
   * @param giveBack takes things that are to be {@linkplain #file filed} or added again
   */
  public Claims<T> share(IntSupplier freeSlots, Consumer<? super T> giveBack) {
    int most = calls == null ? Integer.MAX_VALUE : Math.max(1, calls.callsIn(period / 20));
    IntSupplier mayBegin = () -> Math.min(most, freeSlots.getAsInt());
    Claims<T> made = new Claims<>(batchSize, period, lanes, mayBegin, giveBack);
    lanes.claims = made;
    claims = made;
    return made;
  }

  // What comes in

  /** A new thing waits for its first refresh. */
  public void addNew(T thing) {
    if (!closed) {
      Lane<T> lane = lanes.of(thing.group());
      lane.fresh.add(thing);
      newWaiting++;
      results.refuseIfPaused(lane, thing);
      lanes.update(lane, began);
    }
  }

  /** A thing has a due time of its own. */
  public void addApart(T thing, long dueAt) {
    if (!closed) {
      Lane<T> lane = lanes.of(thing.group());
      lane.due.add(new Entry<>(Entry.Sort.SINGLE, List.of(thing), dueAt, dueAt));
      lanes.update(lane, began);
    }
  }

  /** A thing has a due time itself, or may have one that comes sooner. */
  public void file(T thing, long now) {
    if (!closed) {
      Lane<T> lane = lanes.of(thing.group());
      lane.calendar.file(thing, now);
      lanes.update(lane, now);
    }
  }

  /**
   * Begins a cycle: what waits for deletion and what is due in every cycle are as they are now.
   *
   * @param busy whether jobs run, which may have taken or may be about to take things of the walk
   */
  public void beginCycle(long now, Extent extent, boolean busy, Collection<? extends T> deletions, Walk<T> all) {
    began = now;
    this.deletions = new ArrayDeque<>(deletions);
    if (extent == Extent.CLOSE) {
      close();
      return;
    }
    int behind = extent == Extent.PERIOD ? behind() : 0;
    if (extent == Extent.PERIOD) {
      effectivePeriod = behind == 0 ? period : (long) ((double) period * walkSize / Math.max(1, walkSize - behind));
    }
    demanded = extent == Extent.DEMAND;
    wasBehind = behind > 0;
    if (wasBehind) {
      turns.owesRefresh();
    }
    // The first cycle may be replaced before its owner has begun it.
    boolean takesNew = extent != Extent.PERIOD || !hasTakenNew;
    hasTakenNew |= extent != Extent.DEMAND;
    if (takesNew) {
      lanes.dropNew();
    }
    lanes.dropUnwanted(now);
    Survey<T> survey = new Survey<>(extent, takesNew, groups);
    List<T> leftOver = new ArrayList<>(walking);
    lanes.all().forEach(lane -> lane.walk.forEach(leftOver::add));
    leftOver.forEach(thing -> thing.setLeftOver(true));
    all.live(survey::visitor);
    survey.settle(lanes, batchSize, !leftOver.isEmpty());
    if (leftOver.isEmpty() && !groups && lastOfWalk != null) {
      lanes.of(null).walk.beginBehind(lastOfWalk);
    }
    leftOver.forEach(thing -> thing.setLeftOver(false));
    count(survey.countsApart(), now);
    inDoubt = busy || calls != null;
    if (extent == Extent.DEMAND) {
      spread.pause();
    } else if (spreads) {
      spread.begin(now, wasBehind, walkBatches, walkBatches + batchesApart);
    }
  }

  /** Counts what the lanes have at the beginning of a cycle. */
  private void count(Map<@Nullable Object, Integer> apart, long now) {
    newWaiting = 0;
    walking = 0;
    walkBatches = 0;
    batchesApart = apart.values().stream().mapToLong(count -> Math.ceilDiv(count, batchSize)).sum();
    for (Lane<T> lane : lanes.all()) {
      lane.freshOfCycle = lane.fresh.size();
      newWaiting += lane.fresh.size();
      walking += lane.walk.size();
      walkBatches += Math.ceilDiv(lane.walk.size(), batchSize);
      Health<T> health = lane.health;
      if (health != null) {
        health.batches = Math.ceilDiv(lane.walk.size() + apart.getOrDefault(lane.group, 0), batchSize);
        if (health.batches == 0 && lane.running == 0) {
          // Nothing is left of the group that could fail.
          results.succeed(lane, health, false, now);
        }
      }
      lanes.update(lane, now);
    }
    newOfCycle = newWaiting;
    walkSize = walking;
  }

  /** A cycle on demand has handed out all: the periodic one goes on, with its pace. */
  public void endDemand() {
    spread.resume();
  }

  /** From now on there are deletions alone. */
  private void close() {
    closed = true;
    if (claims != null) {
      claims.close();
    }
    lanes.clear();
    walking = 0;
    newWaiting = 0;
    newOfCycle = 0;
  }

  // What goes out

  /** Returns the call whose turn it is and that may begin now, or null. */
  public @Nullable Call<T> next(long now) {
    lanes.pass(now);
    for (Call<T> call; (call = nextTurn(now)) != null; ) {
      if (call.things().length > 0 || call.kind() == Kind.CREATION) {
        if (calls != null) {
          calls.begin(now);
        }
        if (call.lane != null) {
          lanes.count(call.lane, 1);
        }
        return call;
      }
      turns.undo();
    }
    return null;
  }

  private @Nullable Call<T> nextTurn(long now) {
    if (calls != null && calls.delay(now) > 0) {
      return null;
    }
    Lane<T> fresh = next(Sort.NEW, now);
    Lane<T> granted = claims == null ? null : lanes.next(Sort.GRANTED, now);
    Lane<T> apart = next(Sort.APART, now);
    Lane<T> walk = next(Sort.WALK, now);
    boolean creates = isCreationWaiting();
    Sort sort = turns.next(
        fresh != null || creates,
        granted != null,
        !deletions.isEmpty(),
        apart != null && spread.delayApart(now) == 0,
        walk != null && spread.delayOfWalk(now) == 0,
        !wasBehind && now - began <= period / 10,
        demanded && now - began <= period / 10);
    return switch (sort) {
      case null -> null;
      case NEW -> fresh == null || creates && !created ? nextCreation() : nextNew(fresh, now);
      case GRANTED -> nextGranted(Objects.requireNonNull(granted), now);
      case DELETION -> nextDeletion(now);
      case APART -> nextApart(Objects.requireNonNull(apart), now);
      case WALK -> nextOfWalk(Objects.requireNonNull(walk), now);
    };
  }

  /** Returns the lane whose batch of that sort is next, or null; also where that is to be claimed and cannot now. */
  private @Nullable Lane<T> next(Sort sort, long now) {
    Lane<T> lane = lanes.next(sort, now);
    return lane == null || claims == null || !claims.isFull() || isAdmitted(lane, sort, now) ? lane : null;
  }

  /** Whether what is next of a lane is called without a claim. */
  private boolean isAdmitted(Lane<T> lane, Sort sort, long now) {
    return switch (sort) {
      case NEW -> lane.fresh.get(0).isRequested();
      case APART -> isProbeNext(lane, now) || isSuspectNext(lane, now);
      default -> false;
    };
  }

  private Call<T> nextDeletion(long now) {
    T[] one = arrays.apply(1);
    one[0] = deletions.remove();
    return new Call<>(Kind.DELETION, admit(one, thing -> thing.isWanted(Kind.DELETION, now)), null, List.of(), false);
  }

  private boolean isCreationWaiting() { return !closed && surroundings.isCreationWaiting(); }

  /** Creations take turns with other new things; the job takes those that wait. */
  private Call<T> nextCreation() {
    created = true;
    return new Call<>(Kind.CREATION, arrays.apply(0), null, null, false);
  }

  private Call<T> nextNew(Lane<T> lane, long now) {
    created = false;
    T[] things = lane.takeNew(batchSize);
    int ofCycle = Math.min(lane.freshOfCycle, things.length);
    lane.freshOfCycle -= ofCycle;
    newOfCycle -= ofCycle;
    newWaiting -= things.length;
    // Those of the cycle's beginning are counted already.
    if (ofCycle == 0) {
      spread.add(now);
    }
    boolean suspect = things[0].isSuspect();
    things = admit(lane, leaveOut(things, thing -> thing.isWanted(Kind.FIRST, now)));
    List<Entry<T>> origins =
        suspect ? List.of(new Entry<>(Entry.Sort.SUSPECT, List.of(things), now, now)) : List.of();
    Call<T> call = new Call<>(Kind.FIRST, things, lane, origins, false);
    lanes.served(lane, Sort.NEW, now);
    return call;
  }

  private Call<T> nextApart(Lane<T> lane, long now) {
    spread.beginApart(now);
    Health<T> health = lane.health;
    Entry<T> entry = lane.dueEntry(now);
    if (health != null && isProbeNext(lane, now)) {
      return retry(lane, List.of(health.probe()), true, now);
    } else if (entry != null && entry.sort() == Entry.Sort.OUTAGE) {
      return retry(lane, lane.takeOutage(batchSize, now), false, now);
    } else if (entry != null && entry.sort() != Entry.Sort.SINGLE) {
      lane.due.removeHead();
      if (!entry.isAlone() || lanes.mayProbe()) {
        return retry(lane, List.of(entry), false, now);
      }
      lane.due.add(entry.with(entry.sort(), entry.things(), now + period));
    }
    T[] due = leaveOut(lane.takeDue(batchSize, now), thing -> thing.isWanted(Kind.REFRESH, now));
    boolean healthy = true;
    for (T thing : due) {
      healthy &= thing.mayComeEarly();
    }
    if (claims != null && claims.isOn() && healthy && due.length > 0) {
      due = lane.topUp(due, batchSize, now, claims.horizon(), thing -> thing.isOwn() && thing.mayComeEarly());
    }
    return refresh(lane, Sort.APART, admit(lane, due), healthy, now);
  }

  private boolean isProbeNext(Lane<T> lane, long now) {
    Health<T> health = lane.health;
    return health != null && lanes.mayProbe(health, now);
  }

  private boolean isSuspectNext(Lane<T> lane, long now) {
    Entry<T> entry = lane.dueEntry(now);
    return entry != null && entry.sort() != Entry.Sort.SINGLE;
  }

  /** Has a batch called of what was granted. */
  private Call<T> nextGranted(Lane<T> lane, long now) {
    Call<T> call = Objects.requireNonNull(claims).cut(lane, now);
    lanes.served(lane, Sort.GRANTED, now);
    return call;
  }

  /** Returns those of the things that are called at once; the others are claimed. */
  private T[] admit(Lane<T> lane, T[] things) { return claims == null ? things : claims.admit(lane, things); }

  /** Has suspects called, with no others. */
  private Call<T> retry(Lane<T> lane, List<Entry<T>> entries, boolean probe, long now) {
    List<T> waiting = new ArrayList<>();
    entries.forEach(entry -> waiting.addAll(entry.waiting()));
    T[] things = admit(lane.array(waiting), thing -> thing.isWanted(Kind.RETRY, now));
    Call<T> call = new Call<>(Kind.RETRY, things, lane, entries, probe);
    if (things.length > 0) {
      lanes.countProbe(call.isProbe() ? 1 : 0);
    } else if (probe) {
      Objects.requireNonNull(lane.health).endProbe(now, false);
    }
    lanes.served(lane, Sort.APART, now);
    return call;
  }

  private Call<T> nextOfWalk(Lane<T> lane, long now) {
    T[] things = lane.walk.take(batchSize);
    walking -= things.length;
    lastOfWalk = things[things.length - 1];
    if (inDoubt) {
      things = leaveOut(things, thing -> isOfWalk(thing, lane));
    }
    things = admit(lane, things);
    // Also where nothing is left of the batch: its place in time stays empty.
    spread.beginOfWalk(now);
    return refresh(lane, Sort.WALK, things, true, now);
  }

  /** Whether a thing of the walk is still to be called as one of that lane; if its group has changed, it joins that. */
  private boolean isOfWalk(T thing, Lane<T> lane) {
    if (lane.isOfWalk(thing, began)) {
      return true;
    }
    boolean moved = !Objects.equals(thing.group(), lane.group);
    if (moved && thing.standing() == Due.Standing.DUE && thing.isWanted(Kind.REFRESH, began)) {
      Lane<T> other = lanes.of(thing.group());
      other.walk.add(thing);
      lanes.update(other, began);
      walking++;
      skipped--;
    }
    return false;
  }

  /** Has things called; fills a batch of healthy ones with the things of its lane that are due soon. */
  private Call<T> refresh(Lane<T> lane, Sort sort, T[] things, boolean healthy, long now) {
    boolean full = things.length == 0 || things.length == batchSize || !lane.hasDueTimes();
    T[] batch = full || !healthy ? things : lane.topUp(things, batchSize, now, period, Due::mayComeEarly);
    Call<T> call = new Call<>(Kind.REFRESH, batch, lane, List.of(), false);
    call.toppedUp = batch.length > things.length;
    lanes.served(lane, sort, now);
    return call;
  }

  /** As {@link #admit}; counts what is left out. */
  private T[] leaveOut(T[] things, Predicate<? super T> admission) {
    T[] admitted = admit(things, admission);
    skipped += things.length - admitted.length;
    return admitted;
  }

  /**
   * The step between what is due and what is called: leaves out what no job may take any more, which would cost a slot
   * and a call.
   */
  private T[] admit(T[] things, Predicate<? super T> admission) {
    int kept = 0;
    for (T thing : things) {
      if (admission.test(thing)) {
        things[kept++] = thing;
      }
    }
    return kept == things.length ? things : Arrays.copyOf(things, kept);
  }

  // What becomes of calls

  /**
   * Takes in what became of a call.
   *
   * @param things those that it had, or an empty list if they need no more calls of their own
   * @param time when the things are due again; after {@link Result#THROTTLED}, the group
   */
  public void report(Call<T> call, Result result, List<T> things, long time, long now) {
    Lane<T> lane = call.lane;
    if (lane != null && !closed) {
      results.report(lane, call, result, things, time, Math.ceilDiv(walkSize, batchSize), now);
    }
  }

  /** Another cache was told by the remote not to call before the given time: the group is paused here, too. */
  public void pause(@Nullable Object group, long until, long now) {
    if (!closed && until - now > 0) {
      results.pause(lanes.of(group), until, Math.ceilDiv(walkSize, batchSize), now);
    }
  }

  /** Returns what is wrong with a group. */
  public Set<Trouble> troublesOf(@Nullable Object group) { return lanes.troublesOf(group); }

  /** Of how many groups something is kept. */
  int lanes() { return lanes.size(); }

  public int groupsPaused() { return lanes.paused(); }

  public int groupsDown() { return lanes.down; }

  // What waits

  /** Whether the time at which each batch begins matters. */
  public boolean isPaced() { return spread.isOn() || calls != null; }

  /** Returns how long {@link #next} returns null if nothing comes in; {@link #NEVER} if nothing waits. */
  public long delay(long now) {
    lanes.pass(now);
    long delay = lanes.delay(now);
    // New things of a paused group wait for no meter: their calls may begin when the pause ends.
    if (delay != NEVER && lanes.paused() == 0) {
      delay = Math.max(delay, spread.delayApart(now));
    }
    boolean granted = claims != null && lanes.next(Sort.GRANTED, now) != null;
    if (!deletions.isEmpty() || isCreationWaiting() || granted || next(Sort.NEW, now) != null) {
      delay = 0;
    }
    if (next(Sort.APART, now) != null) {
      delay = Math.min(delay, spread.delayApart(now));
    }
    if (next(Sort.WALK, now) != null) {
      delay = Math.min(delay, spread.delayOfWalk(now));
    }
    return delay == NEVER || calls == null ? delay : Math.max(delay, calls.delay(now));
  }

  /**
   * Whether all has been handed out that this cycle took in when it began, except of groups that are paused or hang.
   */
  public boolean isHandedOut() {
    boolean claimed = claims != null && !claims.isEmpty();
    boolean dueWaits = !spread.isOn() && (claimed || lanes.next(Sort.APART, began) != null);
    return deletions.isEmpty() && !dueWaits && behind() == 0
        && (newOfCycle == 0 || newOfCycle == lanes.outs(lane -> lane.freshOfCycle));
  }

  /** How many things of the walk wait that could be called. */
  private int behind() { return walking == 0 ? 0 : walking - lanes.outs(lane -> lane.walk.size()); }

  /** Whether something is left of the walk, or of the deletions. */
  public boolean isBehind() { return behind() > 0 || !deletions.isEmpty(); }

  /** Returns how long it takes, at the pace of the last cycle, until each thing of the walk was called once. */
  public long effectivePeriod() { return effectivePeriod; }

  /**
   * Returns what the last cycle had to do and has done, for the log.
   *
   * @param limits what may bind
   */
  public String load(String limits) {
    double handedOut = Math.max(1, walkSize - walking);
    return String.format(
        Locale.ROOT,
        "%,d items%s need %s calls/s, %s: a cycle takes %s s; %,d items and %,d deletions wait",
        walkSize, batchSize == 1 ? "" : " in batches of " + batchSize, number(walkBatches * 1e9 / period), limits,
        number(period / 1e9 * walkSize / handedOut), walking + newWaiting, deletions.size());
  }

  /** Returns a number as the log has it. */
  public static String number(double number) {
    String pattern = number < 10 ? "0.##" : "#,##0.#";
    return new DecimalFormat(pattern, DecimalFormatSymbols.getInstance(Locale.ROOT)).format(number);
  }

  /** How many things of the walk and how many new things wait. */
  public int waiting() { return walking + newWaiting; }

  /** Returns how many things of the walk and new things were left out since this was asked last. */
  public int takeSkipped() {
    int count = skipped;
    skipped = 0;
    return count;
  }
}
