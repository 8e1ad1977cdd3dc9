package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A calendar queue of things that have their due times themselves: 4 bytes a thing. A bucket holds the things of a
 * stretch of time, in order of arrival. Its width is at most a 64th of the time until its things are due. When a bucket
 * begins, its things are due or move to a narrower one. So a thing is due at its exact time, and moves a few times.
 *
 * <p><b>A due time may change</b> at any time, by any thread. Each thing knows the bucket that has it; in any other
 * bucket its entry is stale, and is dropped when it comes up. A due time that was put off costs nothing: the thing
 * moves on when its bucket begins. One that comes sooner must be {@linkplain #file filed} again. A thing is taken out
 * before its due time is read: either this queue sees a new due time, or the writer sees that the thing is in no
 * bucket, and has it filed.
 *
 * <p>Things come in the order of their due times, except within a bucket. Used by one thread at a time.
 *
 * @param <T> the type of things
 */
final class Calendar<T extends Due> {

  private static final int PARTS = 64;
  /**
   * In a bucket of at most so many things the due times are compared, so that no thread wakes for the bucket's
   * beginning.
   */
  private static final int FEW = 16;

  private final IntFunction<T[]> arrays;
  /** The buckets by the times at which they begin. */
  private final TreeMap<Long, Line<T>> buckets = new TreeMap<>((one, other) -> Long.signum(one - other));
  private int size;
  /** The size at which stale entries are looked for. */
  private int limit = FEW;

  Calendar(IntFunction<T[]> arrays) {
    this.arrays = arrays;
  }

  /** Returns the number of entries, stale ones included. */
  int size() { return size; }

  /** Whether it has no thing that may become due. */
  boolean isEmpty() {
    if (size <= FEW) {
      dropStale();
    }
    return size == 0;
  }

  /** Puts a thing into the bucket of its due time, if it has one now. */
  void file(T thing, long now) {
    long time = thing.dueTime();
    if (time != NEVER) {
      if (size >= limit) {
        dropStale();
        limit = Math.max(FEW, 2 * size);
      }
      put(thing, time, now);
    }
  }

  private void put(T thing, long time, long now) {
    long width = Math.max(1, Long.highestOneBit(Math.abs(time - now)) / PARTS);
    Line<T> line = buckets.computeIfAbsent(time & -width, begin -> new Line<>(arrays));
    if (thing.place() != line) {
      thing.setPlace(line);
      line.add(thing);
      size++;
    }
  }

  /** Returns the due time of the next thing that is due, or {@link Schedule#NEVER} if none is. */
  long dueTime(long now) {
    for (Map.Entry<Long, Line<T>> first; (first = buckets.firstEntry()) != null && first.getKey() - now <= 0; ) {
      long time = timeOf(first.getValue().get(0), first.getValue());
      if (time != NEVER && time - now <= 0) {
        return time;
      }
      moveOn(first, now);
    }
    return NEVER;
  }

  /** Returns a future time before which no thing becomes due, or {@link Schedule#NEVER} if there is no thing. */
  long nextTime(long now) {
    for (Map.Entry<Long, Line<T>> first; (first = buckets.firstEntry()) != null; ) {
      Line<T> line = first.getValue();
      if (line.size() > FEW) {
        return first.getKey();
      }
      long least = NEVER;
      for (int i = 0; i < line.size(); i++) {
        long time = timeOf(line.get(i), line);
        least = time != NEVER && (least == NEVER || time - least < 0) ? time : least;
      }
      if (least != NEVER) {
        // The bucket may end after the next one has begun, and a due time that was put off is after its end.
        Long next = buckets.higherKey(first.getKey());
        return next != null && next - least < 0 ? next : least;
      }
      for (int i = line.size(); i > 0; i--) {
        moveOn(first, now);
      }
    }
    return NEVER;
  }

  /** Takes the next thing whose due time comes within the horizon; returns null if there is none at hand. */
  @Nullable T poll(long now, long horizon) {
    for (Map.Entry<Long, Line<T>> first; (first = buckets.firstEntry()) != null && first.getKey() - now <= horizon; ) {
      T thing = first.getValue().get(0);
      if (takeFirst(first, now, horizon)) {
        return thing;
      }
      if (thing.place() == first.getValue()) {
        // The bucket ends after the horizon.
        return null;
      }
    }
    return null;
  }

  private void moveOn(Map.Entry<Long, Line<T>> bucket, long now) {
    takeFirst(bucket, now, Long.MIN_VALUE);
  }

  /** Takes the first thing out of a bucket and returns true, or moves it to the bucket of its due time. */
  private boolean takeFirst(Map.Entry<Long, Line<T>> bucket, long now, long horizon) {
    Line<T> line = bucket.getValue();
    T thing = line.poll();
    size--;
    // The due time is read after the thing was taken out.
    long time = leave(thing, line) ? thing.dueTime() : NEVER;
    boolean taken = time != NEVER && time - now <= horizon;
    if (time != NEVER && !taken) {
      put(thing, time, now);
    }
    if (line.isEmpty()) {
      buckets.remove(bucket.getKey());
    }
    return taken;
  }

  private static <T extends Due> long timeOf(T thing, Line<T> line) {
    return thing.place() == line ? thing.dueTime() : NEVER;
  }

  private boolean leave(T thing, Line<T> line) {
    boolean here = thing.place() == line;
    if (here) {
      thing.setPlace(null);
    }
    return here;
  }

  private void dropStale() {
    size = 0;
    buckets.values().removeIf(line -> {
      line.removeIf(thing -> thing.place() != line || !thing.isLive() && leave(thing, line));
      size += line.size();
      return line.isEmpty();
    });
  }
}
