package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import io.autorefresh.internal.schedule.Schedule.Kind;
import io.autorefresh.internal.schedule.Turns.Sort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is to be called of one group: its new things, the rest of the cycle's walk, and the things with due times of
 * their own.
 */
final class Lane<T extends Due> {

  final @Nullable Object group;
  /** Orders lanes with equal times. */
  final long number;
  final Line<T> fresh;
  final Line<T> walk;
  final DueQueue<T> due = new DueQueue<>();
  /** The things that have their due times themselves. */
  final Calendar<T> calendar;
  /** What is claimed and granted of it, or null. */
  Claims.@Nullable Book<T> book;
  /** How many of the new things waited when the cycle began. */
  int freshOfCycle;
  /** For which sorts it is in line. */
  final Set<Sort> inLine = EnumSet.noneOf(Sort.class);
  /** When it is to be looked at again, if ever. */
  long indexedTime;
  boolean isIndexed;
  /** How many of its calls have slots. */
  int running;
  /** What is wrong with its calls, or null. */
  volatile @Nullable Health<T> health;
  /** Whether its calls report their answers. */
  volatile boolean watched;
  private final IntFunction<T[]> arrays;

  Lane(@Nullable Object group, long number, IntFunction<T[]> arrays) {
    this.group = group;
    this.number = number;
    this.arrays = arrays;
    this.fresh = new Line<>(arrays);
    this.walk = new Line<>(arrays);
    this.calendar = new Calendar<>(arrays);
  }

  boolean isEmpty() {
    return fresh.isEmpty() && walk.isEmpty() && running == 0 && health == null && due.head() == null
        && calendar.isEmpty() && (book == null || book.isEmpty());
  }

  /** Whether a thing of the walk is still due in every cycle, and in this lane. */
  boolean isOfWalk(T thing, long now) {
    return thing.standing() == Due.Standing.DUE && thing.isWanted(Kind.REFRESH, now)
        && Objects.equals(thing.group(), group);
  }

  /** Takes a batch of new things; one that is a suspect is called with no others. */
  T[] takeNew(int most) {
    int size = 0;
    while (size < Math.min(most, fresh.size()) && !fresh.get(size).isSuspect()) {
      size++;
    }
    return fresh.take(Math.max(1, size));
  }

  /** Whether something has a due time of its own. */
  boolean hasDueTimes() { return due.head() != null || calendar.size() > 0; }

  /** Whether something with a due time of its own is due. */
  boolean isDue(long now) { return dueEntry(now) != null || calendar.dueTime(now) != NEVER; }

  /** Returns the entry that is due and goes before all things of the calendar, or null. */
  @Nullable Entry<T> dueEntry(long now) {
    Entry<T> head = due.head();
    if (head == null || head.time() - now > 0) {
      return null;
    }
    long other = calendar.dueTime(now);
    return other == NEVER || head.time() - other <= 0 ? head : null;
  }

  /** Returns a time to come before which nothing else becomes due, or {@link Schedule#NEVER} if nothing waits. */
  long nextTime(long now) {
    Entry<T> head = due.head();
    if (isDue(now)) {
      return NEVER;
    }
    long other = calendar.nextTime(now);
    return head == null || other != NEVER && other - head.time() < 0 ? other : head.time();
  }

  /** Takes a batch of due things that are no suspects. */
  T[] takeDue(int most, long now) {
    List<T> batch = new ArrayList<>();
    while (batch.size() < most) {
      Entry<T> entry = dueEntry(now);
      T thing = entry == null ? calendar.poll(now, 0) : null;
      if (thing != null) {
        batch.add(thing);
      } else if (entry != null && entry.sort() == Entry.Sort.SINGLE) {
        batch.addAll(entry.things());
        due.removeHead();
      } else {
        break;
      }
    }
    return array(batch);
  }

  /**
   * Returns the batch filled with the things that are due soonest after those and may come early. It passes over the
   * others, at most as many as a batch may have.
   *
   * @param horizon how long before its due time a thing may come
   * @param choice which things may
   */
  T[] topUp(T[] begun, int most, long now, long horizon, Predicate<? super T> choice) {
    List<T> batch = new ArrayList<>(Arrays.asList(begun));
    List<Entry<T>> passed = new ArrayList<>(0);
    for (Entry<T> head; batch.size() < most && passed.size() < most && (head = due.head()) != null
        && head.time() - now <= horizon; due.removeHead()) {
      boolean early = head.sort() == Entry.Sort.SINGLE && choice.test(head.things().get(0));
      if (early) {
        batch.addAll(head.things());
      } else {
        passed.add(head);
      }
    }
    passed.forEach(due::add);
    List<T> others = new ArrayList<>(0);
    for (T thing; batch.size() < most && others.size() < most && (thing = calendar.poll(now, horizon)) != null; ) {
      (choice.test(thing) ? batch : others).add(thing);
    }
    others.forEach(thing -> calendar.file(thing, now));
    return array(batch);
  }

  /** Takes suspects of an outage, together with others like them that are due. */
  List<Entry<T>> takeOutage(int most, long now) {
    List<Entry<T>> taken = new ArrayList<>();
    int size = 0;
    for (Entry<T> head; (head = due.head()) != null && head.sort() == Entry.Sort.OUTAGE && head.time() - now <= 0
        && (size += head.things().size()) <= most; due.removeHead()) {
      taken.add(head);
    }
    return taken;
  }

  T[] array(List<T> things) { return things.toArray(arrays); }
}
