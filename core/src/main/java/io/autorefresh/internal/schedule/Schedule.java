package io.autorefresh.internal.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides what is called next and when: everything that is to be called leaves through {@link #next}. Plain arithmetic
 * over the readings of a ticker: no thread, no lock, no sleep, no user code except {@code equals} and {@code hashCode} of
 * group keys. Used by one thread at a time, the owner of the cycle that hands out.
 *
 * <p><b>What waits.</b> There are four sorts. <i>Deletions</i> are given when a cycle begins. <i>New</i> things wait for
 * their first refresh, in the order of their coming. The <i>walk</i> has the things that are due in every cycle, as they
 * were when it began. All others are <i>apart</i>: they have due times of their own, after a failure or by the remote's
 * wish, and lie in queues by due time. Things of one group share a {@link Lane}; a batch never mixes lanes or sorts.
 *
 * <p><b>Order and time.</b> {@link Turns} says whose turn it is among the sorts that may begin, {@link Spread} when walk
 * and things apart may begin, and a {@link Pacer} bounds the calls a second, of all sorts. Lanes of one sort take turns of
 * a batch. What a walk did not hand out goes first in the next one. Batches of the walk and of things apart that are not
 * full are topped up with things of their lane that are due soon.
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

  /** What a batch is for. */
  public enum Kind {
    /** A deletion, of one thing. */
    DELETION,
    /** A first refresh. */
    FIRST,
    /** Any other refresh. */
    REFRESH
  }

  /**
   * Things that go to one job.
   *
   * @param kind what for
   * @param things at least one
   * @param <T> the type of things
   */
  public record Batch<T>(Kind kind, T[] things) {}

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

  private final Turns turns = new Turns();
  private final Spread spread;
  private final Lanes<T> lanes;
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
  private long effectivePeriod;
  private int newWaiting;
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
   * @param arrays makes arrays of things
   */
  public Schedule(
      int batchSize,
      long period,
      boolean spreads,
      boolean groups,
      double phase,
      @Nullable Pacer calls,
      IntFunction<T[]> arrays) {
    this.batchSize = batchSize;
    this.period = period;
    this.effectivePeriod = period;
    this.spreads = spreads;
    this.groups = groups;
    this.spread = new Spread(period, phase);
    this.lanes = new Lanes<>(arrays);
    this.calls = calls;
    this.arrays = arrays;
  }

  // What comes in

  /** A new thing waits for its first refresh. */
  public void addNew(T thing) {
    if (!closed) {
      lanes.addNew(thing);
      newWaiting++;
    }
  }

  /** A thing has a due time of its own. */
  public void addApart(T thing, long dueAt) {
    if (!closed) {
      lanes.addApart(thing, dueAt);
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
    if (extent == Extent.PERIOD) {
      effectivePeriod = walking == 0 ? period : (long) ((double) period * walkSize / Math.max(1, walkSize - walking));
    }
    demanded = extent == Extent.DEMAND;
    wasBehind = extent == Extent.PERIOD && walking > 0;
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
    lanes.withWalk.forEach(lane -> lane.walk.forEach(leftOver::add));
    leftOver.forEach(thing -> thing.setLeftOver(true));
    all.live(survey::visitor);
    survey.settle(lanes, batchSize);
    if (leftOver.isEmpty() && !groups && lastOfWalk != null && !lanes.withWalk.isEmpty()) {
      lanes.withWalk.element().walk.beginBehind(lastOfWalk);
    }
    leftOver.forEach(thing -> thing.setLeftOver(false));
    lanes.withNew.forEach(lane -> lane.freshOfCycle = lane.fresh.size());
    newWaiting = lanes.withNew.stream().mapToInt(lane -> lane.fresh.size()).sum();
    newOfCycle = newWaiting;
    walking = lanes.withWalk.stream().mapToInt(lane -> lane.walk.size()).sum();
    walkSize = walking;
    walkBatches = lanes.withWalk.stream().mapToLong(lane -> Math.ceilDiv(lane.walk.size(), batchSize)).sum();
    inDoubt = busy || calls != null;
    if (extent == Extent.DEMAND) {
      spread.pause();
    } else if (spreads) {
      spread.begin(now, wasBehind, walkBatches, walkBatches + survey.batchesApart(batchSize));
    }
  }

  /** A cycle on demand has handed out all: the periodic one goes on, with its pace. */
  public void endDemand() {
    spread.resume();
  }

  /** From now on there are deletions alone. */
  private void close() {
    closed = true;
    lanes.clear();
    walking = 0;
    newWaiting = 0;
    newOfCycle = 0;
  }

  // What goes out

  /** Returns the batch whose turn it is and that may begin now, or null. */
  public @Nullable Batch<T> next(long now) {
    for (Batch<T> batch; (batch = nextTurn(now)) != null; ) {
      if (batch.things.length > 0) {
        if (calls != null) {
          calls.begin(now);
        }
        return batch;
      }
      turns.undo();
    }
    return null;
  }

  private @Nullable Batch<T> nextTurn(long now) {
    if (calls != null && calls.delay(now) > 0) {
      return null;
    }
    Turns.Sort sort = turns.next(
        !lanes.withNew.isEmpty(),
        !deletions.isEmpty(),
        delayApart(now) == 0,
        delayOfWalk(now) == 0,
        !wasBehind && now - began <= period / 10,
        demanded && now - began <= period / 10);
    return switch (sort) {
      case null -> null;
      case NEW -> nextNew(now);
      case DELETION -> nextDeletion(now);
      case APART -> nextApart(now);
      case WALK -> nextOfWalk(now);
    };
  }

  private Batch<T> nextDeletion(long now) {
    T[] one = arrays.apply(1);
    one[0] = deletions.remove();
    return admit(Kind.DELETION, one, thing -> thing.isWanted(Kind.DELETION, now));
  }

  private Batch<T> nextNew(long now) {
    Lane<T> lane = lanes.withNew.remove();
    T[] things = lane.fresh.take(batchSize);
    int ofCycle = Math.min(lane.freshOfCycle, things.length);
    lane.freshOfCycle -= ofCycle;
    newOfCycle -= ofCycle;
    newWaiting -= things.length;
    if (!lane.fresh.isEmpty()) {
      lanes.withNew.add(lane);
    }
    // Those of the cycle's beginning are counted already.
    if (ofCycle == 0) {
      spread.add(now);
    }
    lanes.settle(lane);
    return admit(Kind.FIRST, things, thing -> thing.isWanted(Kind.FIRST, now));
  }

  private Batch<T> nextApart(long now) {
    Lane<T> lane = Objects.requireNonNull(lanes.firstDue());
    T[] things = admit(Kind.REFRESH, lane.takeDue(batchSize, now), thing -> thing.isWanted(Kind.REFRESH, now)).things;
    boolean healthy = true;
    for (T thing : things) {
      healthy &= thing.mayComeEarly();
    }
    spread.beginApart(now);
    return finish(lane, healthy ? topUp(lane, things, now) : things);
  }

  private Batch<T> nextOfWalk(long now) {
    Lane<T> lane = lanes.withWalk.remove();
    T[] things = lane.walk.take(batchSize);
    walking -= things.length;
    lastOfWalk = things[things.length - 1];
    if (inDoubt) {
      things = admit(Kind.REFRESH, things, thing -> isOfWalk(thing, lane)).things;
    }
    if (!lane.walk.isEmpty()) {
      lanes.withWalk.add(lane);
    }
    // Also where nothing is left of the batch: its place in time stays empty.
    spread.beginOfWalk(now);
    return finish(lane, topUp(lane, things, now));
  }

  /** Whether a thing of the walk is still to be called as one of that lane; if its group has changed, it joins that. */
  private boolean isOfWalk(T thing, Lane<T> lane) {
    if (lane.isOfWalk(thing, began)) {
      return true;
    }
    boolean moved = !Objects.equals(thing.group(), lane.group);
    if (moved && thing.standing() == Due.Standing.DUE && thing.isWanted(Kind.REFRESH, began)) {
      lanes.ofWalk(thing.group()).walk.add(thing);
      walking++;
      skipped--;
    }
    return false;
  }

  /** Fills a batch that is not empty with the things of its lane that are due soon. */
  private T[] topUp(Lane<T> lane, T[] things, long now) {
    boolean full = things.length == 0 || things.length == batchSize || lane.due.head() == null;
    return full ? things : lane.topUp(things, batchSize, now, period);
  }

  private Batch<T> finish(Lane<T> lane, T[] things) {
    lanes.settle(lane);
    return new Batch<>(Kind.REFRESH, things);
  }

  /**
   * The step between what is due and what is called: leaves out what no job may take any more, which would cost a slot
   * and a call.
   */
  private Batch<T> admit(Kind kind, T[] things, Predicate<? super T> admission) {
    int kept = 0;
    for (T thing : things) {
      if (admission.test(thing)) {
        things[kept++] = thing;
      }
    }
    skipped += kind == Kind.DELETION ? 0 : things.length - kept;
    return new Batch<>(kind, kept == things.length ? things : Arrays.copyOf(things, kept));
  }

  private long delayApart(long now) {
    Lane<T> lane = lanes.firstDue();
    return lane == null ? NEVER : Math.max(Math.max(0, lane.indexedTime - now), spread.delayApart(now));
  }

  private long delayOfWalk(long now) { return lanes.withWalk.isEmpty() ? NEVER : spread.delayOfWalk(now); }

  /** Whether the time at which each batch begins matters. */
  public boolean isPaced() { return spread.isOn() || calls != null; }

  /** Returns how long {@link #next} returns null if nothing comes in; {@link #NEVER} if nothing waits. */
  public long delay(long now) {
    long delay = lanes.withNew.isEmpty() && deletions.isEmpty() ? Math.min(delayApart(now), delayOfWalk(now)) : 0;
    return delay == NEVER || calls == null ? delay : Math.max(delay, calls.delay(now));
  }

  /** Whether all has been handed out that this cycle took in when it began. */
  public boolean isHandedOut() {
    boolean dueWaits = !spread.isOn() && delayApart(began) == 0;
    return walking == 0 && newOfCycle <= 0 && deletions.isEmpty() && !dueWaits;
  }

  /** Whether something is left of the walk, or of the deletions. */
  public boolean isBehind() { return walking > 0 || !deletions.isEmpty(); }

  /** Returns how long it takes, at the pace of the last cycle, until each thing of the walk was called once. */
  public long effectivePeriod() { return effectivePeriod; }

  /** Returns what the last cycle had to do and has done, for the log. */
  public String load() {
    double needed = walkBatches * 1e9 / period;
    double handedOut = Math.max(1, walkSize - walking);
    return String.format(
        Locale.ROOT,
        "%,d items in batches of %,d need %,.1f calls/s; %,d wait, and %,d deletions; a cycle takes %,.1f s",
        walkSize, batchSize, needed, walking, deletions.size(), period / 1e9 * walkSize / handedOut);
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
