package io.autorefresh.internal.schedule;

import java.util.List;

/**
 * Things that are due together.
 *
 * @param sort the sort of these things
 * @param things at least one
 * @param stamp their due time; a thing with another due time no longer waits here
 * @param time the time at which the schedule takes them, mostly the same
 */
record Entry<T extends Due>(Sort sort, List<T> things, long stamp, long time) implements Comparable<Entry<T>> {

  enum Sort {
    /** One thing, which may be called with others. */
    SINGLE,
    /** Suspects: things of a call that failed as a whole, which are called only with each other. */
    SUSPECT,
    /** Suspects whose call threw in an outage of their group, which may be called with others of this sort. */
    OUTAGE,
    /** Suspects whose call was abandoned. */
    HUNG
  }

  /** Whether none of its things waits for its due time any more. */
  boolean isStale() {
    for (T thing : things) {
      if (thing.isDueAt(stamp)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the entry is one thing whose abandoned call runs. */
  boolean isAlone() { return sort == Sort.HUNG && things.size() == 1; }

  /** Returns the things that still wait. */
  List<T> waiting() { return things.stream().filter(thing -> thing.isDueAt(stamp)).toList(); }

  Entry<T> with(Sort sort, List<T> things, long time) { return new Entry<>(sort, things, stamp, time); }

  /** Times are readings of a ticker and may wrap around. */
  @Override
  public int compareTo(Entry<T> other) { return Long.signum(time - other.time); }
}
