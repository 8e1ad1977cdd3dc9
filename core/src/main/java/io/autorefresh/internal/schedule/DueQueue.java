package io.autorefresh.internal.schedule;

import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A priority queue of entries by due time. A stale entry is dropped when it comes to the head, or when the queue has
 * doubled. Not safe for use by several threads.
 *
 * @param <T> the type of things
 */
final class DueQueue<T extends Due> {

  private static final int MIN_LIMIT = 16;

  private final PriorityQueue<Entry<T>> entries = new PriorityQueue<>(1);
  /** The size at which stale entries are looked for. */
  private int limit = MIN_LIMIT;

  void add(Entry<T> entry) {
    if (entries.size() >= limit) {
      entries.removeIf(Entry::isStale);
      limit = Math.max(MIN_LIMIT, 2 * entries.size());
    }
    entries.add(entry);
  }

  /** Returns the entry that is due first, or null if there is none. */
  @Nullable Entry<T> head() {
    for (Entry<T> first; (first = entries.peek()) != null; entries.remove()) {
      if (!first.isStale()) {
        return first;
      }
    }
    return null;
  }

  void removeHead() {
    entries.remove();
  }

  /** Takes the entries of a sort. */
  List<Entry<T>> take(Entry.Sort sort) {
    List<Entry<T>> taken = entries.stream().filter(entry -> entry.sort() == sort).sorted().toList();
    entries.removeIf(entry -> entry.sort() == sort);
    return taken;
  }
}
