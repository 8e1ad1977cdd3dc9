package io.autorefresh.internal.schedule;

import io.autorefresh.ItemState.Trouble;
import io.autorefresh.internal.schedule.Turns.Sort;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a schedule: one for each group of which something waits, runs or is wrong. A lane is in line for each
 * sort of things of which it may have a batch called now; of the lanes in a line that with the fewest running calls is
 * next, and among equals the one that waits for longest. A lane that has to wait for a time is ordered by that.
 *
 * <p>A lane leaves a line when it comes to be looked at there and has no such batch any more. It comes back by {@link
 * #update}, which is called when its time has come or something has changed.
 */
final class Lanes<T extends Due> {

  private final boolean groups;
  private final int maxConcurrency;
  private final IntFunction<T[]> arrays;
  private final Map<@Nullable Object, Lane<T>> byGroup = new HashMap<>();
  private long number;
  /** What is claimed before it is called, or null. */
  @Nullable Claims<T> claims;
  private final Queue<Lane<T>> withNew = new ArrayDeque<>();
  private final Queue<Lane<T>> withGranted = new ArrayDeque<>();
  private final Queue<Lane<T>> withWalk = new ArrayDeque<>();
  private final Queue<Lane<T>> withDue = new ArrayDeque<>();
  private final TreeSet<Lane<T>> timed = new TreeSet<>(Lanes::compare);
  /** The lanes of which something is wrong. */
  private final Set<Lane<T>> ill = new LinkedHashSet<>();
  /** The lanes that wait since too many calls of lanes run whose last call took too long. */
  private Set<Lane<T>> crowded = new LinkedHashSet<>();
  private int crowd;
  private int hanging;
  private int probes;
  private int paused;
  /** How many groups are down. */
  int down;

  Lanes(boolean groups, int maxConcurrency, IntFunction<T[]> arrays) {
    this.groups = groups;
    this.maxConcurrency = maxConcurrency;
    this.arrays = arrays;
  }

  private static int compare(Lane<?> one, Lane<?> other) {
    int byTime = Long.signum(one.indexedTime - other.indexedTime);
    return byTime != 0 ? byTime : Long.compare(one.number, other.number);
  }

  Lane<T> of(@Nullable Object group) {
    return byGroup.computeIfAbsent(group, key -> {
      Lane<T> lane = new Lane<>(key, ++number, arrays);
      lane.watched = groups;
      return lane;
    });
  }

  int size() { return byGroup.size(); }

  Iterable<Lane<T>> all() { return byGroup.values(); }

  private Queue<Lane<T>> line(Sort sort) {
    return switch (sort) {
      case NEW -> withNew;
      case GRANTED -> withGranted;
      case WALK -> withWalk;
      default -> withDue;
    };
  }

  /** Returns the lane whose batch of that sort is next, or null. */
  @Nullable Lane<T> next(Sort sort, long now) {
    Lane<T> best = null;
    for (Iterator<Lane<T>> each = line(sort).iterator(); each.hasNext(); ) {
      Lane<T> lane = each.next();
      if (!isReady(lane, sort, now)) {
        each.remove();
        lane.inLine.remove(sort);
        index(lane, nextTime(lane, now));
      } else if (best == null || lane.running < best.running) {
        best = lane;
      }
      if (best != null && best.running == 0) {
        break;
      }
    }
    return best;
  }

  /** Something was taken from a lane, which goes to the end of the line. */
  void served(Lane<T> lane, Sort sort, long now) {
    if (groups) {
      line(sort).remove(lane);
      lane.inLine.remove(sort);
    }
    update(lane, now);
  }

  private boolean isReady(Lane<T> lane, Sort sort, long now) {
    Health<T> health = lane.health;
    if (health != null && (health.isPaused() || isFull(lane, health))) {
      return false;
    }
    if (health != null && health.isWaiting(maxConcurrency)) {
      return sort == Sort.APART && mayProbe(health, now);
    }
    return switch (sort) {
      case NEW -> !lane.fresh.isEmpty();
      case GRANTED -> claims != null && claims.isReady(lane, now);
      case WALK -> !lane.walk.isEmpty();
      default -> health != null && mayProbe(health, now) || lane.isDue(now);
    };
  }

  /** Whether it may have nothing called now, except probes. */
  boolean isOut(Lane<T> lane) {
    Health<T> health = lane.health;
    return health != null && (health.isPaused() || isFull(lane, health) || health.isWaiting(maxConcurrency));
  }

  boolean mayProbe(Health<T> health, long now) {
    long at = health.probeAt();
    return at != Schedule.NEVER && at - now <= 0 && mayProbe();
  }

  /** Whether one more probe may begin: where very many calls hang, one at a time. */
  boolean mayProbe() { return probes == 0 || hanging <= 4L * maxConcurrency; }

  /**
   * Lanes whose last call took too long have one slot each, and half of the slots together. One group alone has no such
   * bound, since its calls are not counted: there is no other group that could use the slots.
   */
  private boolean isFull(Lane<T> lane, Health<T> health) {
    if (!health.timedOut) {
      return false;
    }
    boolean full = lane.running > 0;
    boolean isCrowd = crowd >= Math.max(1, maxConcurrency / 2);
    if (!full && isCrowd) {
      crowded.add(lane);
    }
    return full || isCrowd;
  }

  /** Puts a lane in line for all that it may have called now, and looks when it has to be looked at again. */
  void update(Lane<T> lane, long now) {
    Health<T> health = lane.health;
    if (health != null && health.endPause(now)) {
      paused--;
    }
    enter(lane, Sort.NEW, now);
    if (claims != null) {
      enter(lane, Sort.GRANTED, now);
    }
    enter(lane, Sort.WALK, now);
    enter(lane, Sort.APART, now);
    index(lane, nextTime(lane, now));
  }

  private void enter(Lane<T> lane, Sort sort, long now) {
    if (!lane.inLine.contains(sort) && isReady(lane, sort, now)) {
      lane.inLine.add(sort);
      line(sort).add(lane);
    }
  }

  /** Returns the first time to come at which the lane has to be looked at, or {@link Schedule#NEVER}. */
  private long nextTime(Lane<T> lane, long now) {
    Health<T> health = lane.health;
    if (health != null && health.isPaused()) {
      return health.pausedUntil();
    }
    long due = earlier(lane.nextTime(now), claims == null ? Schedule.NEVER : claims.readyAt(lane, now));
    long probe = health == null ? Schedule.NEVER : health.probeAt();
    return earlier(due, probe != Schedule.NEVER && probe - now > 0 ? probe : Schedule.NEVER);
  }

  private static long earlier(long one, long other) {
    return one == Schedule.NEVER || other != Schedule.NEVER && other - one < 0 ? other : one;
  }

  private void index(Lane<T> lane, long time) {
    if (lane.isIndexed && lane.indexedTime != time) {
      timed.remove(lane);
      lane.isIndexed = false;
    }
    if (!lane.isIndexed && time != Schedule.NEVER) {
      lane.indexedTime = time;
      lane.isIndexed = true;
      timed.add(lane);
    }
  }

  /** Looks at the lanes whose time has come. */
  void pass(long now) {
    for (Lane<T> lane; !timed.isEmpty() && (lane = timed.first()).indexedTime - now <= 0; ) {
      timed.remove(lane);
      lane.isIndexed = false;
      update(lane, now);
    }
  }

  /** Returns how long until the time of some lane, or {@link Schedule#NEVER}. */
  long delay(long now) {
    while (!timed.isEmpty()) {
      Lane<T> lane = timed.first();
      long time = nextTime(lane, now);
      if (time == lane.indexedTime) {
        return time - now;
      }
      // What was due then is not any more.
      index(lane, time);
    }
    return Schedule.NEVER;
  }

  // Calls

  /** A call of a lane has a slot, or loses it. */
  void count(Lane<T> lane, int step) {
    if (groups) {
      lane.running += step;
      crowd += lane.health != null && lane.health.timedOut ? step : 0;
    }
  }

  /** Says whether the time of the last call of a lane was over. */
  void setTimedOut(Lane<T> lane, Health<T> health, boolean timedOut) {
    if (health.timedOut != timedOut) {
      health.timedOut = timedOut;
      crowd += timedOut ? lane.running : -lane.running;
    }
  }

  void pause(Health<T> health, long until) {
    paused += health.pause(until) ? 1 : 0;
  }

  void countHanging(Health<T> health, int step) {
    health.hanging += step;
    hanging += step;
  }

  void countProbe(int step) {
    probes += step;
  }

  /** Looks at the lanes that wait for others. */
  void updateCrowded(long now) {
    if (!crowded.isEmpty()) {
      List<Lane<T>> waiting = new ArrayList<>(crowded);
      crowded = new LinkedHashSet<>();
      waiting.forEach(lane -> update(lane, now));
    }
  }

  Health<T> healthOf(Lane<T> lane, long period, int batchSize, int batches) {
    Health<T> health = lane.health;
    if (health == null) {
      health = new Health<>(period, batchSize, batches);
      lane.health = health;
      lane.watched = true;
      ill.add(lane);
    }
    return health;
  }

  /** Returns what is wrong with a group. */
  Set<Trouble> troublesOf(@Nullable Object group) {
    Lane<T> lane = byGroup.get(group);
    Health<T> health = lane == null ? null : lane.health;
    Set<Trouble> troubles = EnumSet.noneOf(Trouble.class);
    if (health != null && health.isPaused()) {
      troubles.add(Trouble.GROUP_PAUSED);
    }
    if (health != null && health.isDown()) {
      troubles.add(Trouble.GROUP_DOWN);
    }
    return troubles;
  }

  /** Counts something of the lanes that are paused, or wait for a probe. */
  int outs(ToIntFunction<Lane<T>> count) {
    int sum = 0;
    for (Lane<T> lane : ill) {
      Health<T> health = lane.health;
      boolean out = health != null && (health.isPaused() || health.isWaiting(maxConcurrency));
      sum += out ? count.applyAsInt(lane) : 0;
    }
    return sum;
  }

  /** Forgets what was wrong with lanes, if it is over; and lanes of which nothing waits, runs, or is wrong. */
  void settle(Lane<T> lane, long now) {
    Health<T> health = lane.health;
    if (health != null && health.isOver(now)) {
      ill.remove(lane);
      lane.health = null;
      lane.watched = groups;
    }
    if (groups && lane.isEmpty()) {
      index(lane, Schedule.NEVER);
      byGroup.remove(lane.group, lane);
    }
  }

  /** Drops the new things that a walk over all live things shows. */
  void dropNew() {
    byGroup.values().forEach(lane -> lane.fresh.removeIf(Due::isLive));
  }

  /** Drops the things of the walk that belong to it no longer, and what is to be forgotten. */
  void dropUnwanted(long now) {
    for (Lane<T> lane : List.copyOf(byGroup.values())) {
      lane.walk.removeIf(thing -> !lane.isOfWalk(thing, now));
      settle(lane, now);
    }
  }

  void clear() {
    byGroup.clear();
    withNew.clear();
    withGranted.clear();
    withWalk.clear();
    withDue.clear();
    timed.clear();
    ill.clear();
    crowded.clear();
  }

  /** How many groups are paused. */
  int paused() { return paused; }
}
