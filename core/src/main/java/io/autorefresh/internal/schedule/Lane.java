package io.autorefresh.internal.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What is to be called of one group: its new things, the rest of the cycle's walk, and the things with due times of
 * their own.
 */
final class Lane<T extends Due> {

  final @Nullable Object group;
  /** Orders lanes with equal due times. */
  final long number;
  final Line<T> fresh;
  final Line<T> walk;
  final DueQueue<T> due = new DueQueue<>();
  /** How many of the new things waited when the cycle began. */
  int freshOfCycle;
  /** The time by which the schedule knows the first due thing, if it does. */
  long indexedTime;
  boolean isIndexed;
  private final IntFunction<T[]> arrays;

  Lane(@Nullable Object group, long number, IntFunction<T[]> arrays) {
    this.group = group;
    this.number = number;
    this.arrays = arrays;
    this.fresh = new Line<>(arrays);
    this.walk = new Line<>(arrays);
  }

  boolean isEmpty() { return fresh.isEmpty() && walk.isEmpty() && due.head() == null; }

  /** Whether a thing of the walk is still due in every cycle, and in this lane. */
  boolean isOfWalk(T thing, long now) {
    return thing.standing() == Due.Standing.DUE && thing.isWanted(Schedule.Kind.REFRESH, now)
        && Objects.equals(thing.group(), group);
  }

  /** Takes a batch of due things. */
  T[] takeDue(int most, long now) {
    List<T> batch = new ArrayList<>();
    for (T head; batch.size() < most && (head = due.head()) != null && due.time() - now <= 0; due.removeHead()) {
      batch.add(head);
    }
    return batch.toArray(arrays);
  }

  /**
   * Returns the batch filled with the things that are due soonest after those and may come early. It passes over the
   * others, at most as many as a batch may have.
   *
   * @param horizon how long before its due time a thing may come
   */
  T[] topUp(T[] begun, int most, long now, long horizon) {
    List<T> batch = new ArrayList<>(Arrays.asList(begun));
    List<Runnable> passed = new ArrayList<>(0);
    for (T head; batch.size() < most && passed.size() < most && (head = due.head()) != null; due.removeHead()) {
      long time = due.time();
      if (time - now > horizon) {
        break;
      } else if (head.mayComeEarly()) {
        batch.add(head);
      } else {
        T waiting = head;
        passed.add(() -> due.add(waiting, time));
      }
    }
    passed.forEach(Runnable::run);
    return batch.toArray(arrays);
  }
}
