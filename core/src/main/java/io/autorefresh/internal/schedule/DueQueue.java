package io.autorefresh.internal.schedule;

import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A priority queue of things by due time. Times are readings of a ticker and may wrap around. An entry whose time is no
 * longer that of its thing is <i>stale</i>: it is dropped when it comes to the head, or when the queue has doubled. Not
 * safe for use by several threads.
 *
 * @param <T> the type of things
 */
final class DueQueue<T extends Due> {

  private record Entry<T>(T thing, long time) implements Comparable<Entry<T>> {
    @Override
    public int compareTo(Entry<T> other) { return Long.signum(time - other.time); }
  }

  private static final int MIN_LIMIT = 16;

  private final PriorityQueue<Entry<T>> entries = new PriorityQueue<>(1);
  /** The size at which stale entries are looked for. */
  private int limit = MIN_LIMIT;

  void add(T thing, long time) {
    if (entries.size() >= limit) {
      entries.removeIf(entry -> !entry.thing.isDueAt(entry.time));
      limit = Math.max(MIN_LIMIT, 2 * entries.size());
    }
    entries.add(new Entry<>(thing, time));
  }

  /** Returns the thing that is due first, or null if there is none; its time is {@link #time}. */
  @Nullable T head() {
    for (Entry<T> first; (first = entries.peek()) != null; entries.remove()) {
      if (first.thing.isDueAt(first.time)) {
        return first.thing;
      }
    }
    return null;
  }

  /** Returns the time of the head, which there is. */
  long time() { return entries.element().time; }

  void removeHead() {
    entries.remove();
  }
}
