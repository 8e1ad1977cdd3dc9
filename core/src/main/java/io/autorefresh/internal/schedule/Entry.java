package io.autorefresh.internal.schedule;

import java.util.List;

/**
 * Things that are due together.
 *
 * @param sort what they have in common
 * @param things at least one
 * @param stamp their due time, by which the entry knows whether they still wait for it
 * @param time when the schedule takes them, mostly the same
 */
record Entry<T extends Due>(Sort sort, List<T> things, long stamp, long time) implements Comparable<Entry<T>> {

  enum Sort {
    /** One thing, which may be called with others. */
    SINGLE,
    /** Suspects: things of a call that failed as a whole, which are called with no others. */
    SUSPECT,
    /** Suspects whose call threw in an outage of their group, which may be called with others like them. */
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

  /** Whether it is one thing whose abandoned call runs. */
  boolean isAlone() { return sort == Sort.HUNG && things.size() == 1; }

  /** Returns the things that still wait. */
  List<T> waiting() { return things.stream().filter(thing -> thing.isDueAt(stamp)).toList(); }

  Entry<T> with(Sort sort, List<T> things, long time) { return new Entry<>(sort, things, stamp, time); }

  /** Times are readings of a ticker and may wrap around. */
  @Override
  public int compareTo(Entry<T> other) { return Long.signum(time - other.time); }
}
