package io.autorefresh.internal.schedule;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The lanes of a schedule: one for each group of which something waits. A lane is in line for each sort of things that it
 * has; lanes of one sort take turns, and those with due times are ordered by the first of these.
 */
final class Lanes<T extends Due> {

  private final Map<@Nullable Object, Lane<T>> byGroup = new HashMap<>();
  private final IntFunction<T[]> arrays;
  private long number;
  final ArrayDeque<Lane<T>> withNew = new ArrayDeque<>();
  final ArrayDeque<Lane<T>> withWalk = new ArrayDeque<>();
  private final TreeSet<Lane<T>> withDue = new TreeSet<>(Lanes::compare);

  Lanes(IntFunction<T[]> arrays) {
    this.arrays = arrays;
  }

  private static int compare(Lane<?> one, Lane<?> other) {
    int byTime = Long.signum(one.indexedTime - other.indexedTime);
    return byTime != 0 ? byTime : Long.compare(one.number, other.number);
  }

  private Lane<T> of(@Nullable Object group) {
    return byGroup.computeIfAbsent(group, key -> new Lane<>(key, ++number, arrays));
  }

  void addNew(T thing) {
    Lane<T> lane = of(thing.group());
    if (lane.fresh.isEmpty()) {
      withNew.add(lane);
    }
    lane.fresh.add(thing);
  }

  void addApart(T thing, long dueAt) {
    Lane<T> lane = of(thing.group());
    lane.due.add(thing, dueAt);
    index(lane);
  }

  /** Returns the lane of a group, in line for the walk, to which something will be added. */
  Lane<T> ofWalk(@Nullable Object group) {
    Lane<T> lane = of(group);
    if (lane.walk.isEmpty()) {
      withWalk.add(lane);
    }
    return lane;
  }

  /** Returns the lane with the first due time, or null. */
  @Nullable Lane<T> firstDue() {
    for (Lane<T> lane; !withDue.isEmpty(); index(lane)) {
      lane = withDue.first();
      if (lane.due.head() != null && lane.due.time() == lane.indexedTime) {
        return lane;
      }
    }
    return null;
  }

  /** Puts a lane where its first due time belongs. */
  private void index(Lane<T> lane) {
    if (lane.isIndexed) {
      withDue.remove(lane);
    }
    lane.isIndexed = lane.due.head() != null;
    if (lane.isIndexed) {
      lane.indexedTime = lane.due.time();
      withDue.add(lane);
    }
  }

  /** Something was taken from a lane. */
  void settle(Lane<T> lane) {
    if (lane.isIndexed) {
      index(lane);
    }
    if (lane.isEmpty()) {
      byGroup.remove(lane.group, lane);
    }
  }

  void dropNew() {
    withNew.forEach(lane -> lane.fresh.clear());
    withNew.clear();
  }

  /** Drops the things of the walk that belong to it no longer, and lanes of which nothing waits. */
  void dropUnwanted(long now) {
    withWalk.forEach(lane -> lane.walk.removeIf(thing -> !lane.isOfWalk(thing, now)));
    withWalk.removeIf(lane -> lane.walk.isEmpty());
    byGroup.values().removeIf(Lane::isEmpty);
  }

  void clear() {
    byGroup.clear();
    withNew.clear();
    withWalk.clear();
    withDue.clear();
  }
}
