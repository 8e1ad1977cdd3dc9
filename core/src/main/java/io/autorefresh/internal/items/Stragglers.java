package io.autorefresh.internal.items;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ids whose job goes on though their item was taken from it: marked, removed or evicted in flight. The result of such
 * a job has no effect; but until it ends, no refresh of a later generation may begin, since an id is never in two running
 * calls. Guarded by the stripe's lock.
 */
final class Stragglers<K, V> {

  private final Map<Key<K>, List<Object>> jobs = new HashMap<>(2);

  /** The job of an item has lost it. */
  void add(Item<K, V> item, Object ticket) {
    jobs.computeIfAbsent(new Key<>(item.id, item.hash), key -> new ArrayList<>(1)).add(ticket);
  }

  /** A job that had the item has ended. */
  void remove(Item<K, V> item, Object ticket) {
    if (!jobs.isEmpty()) {
      jobs.computeIfPresent(
          new Key<>(item.id, item.hash),
          (key, tickets) -> {
            tickets.removeIf(other -> other == ticket);
            return tickets.isEmpty() ? null : tickets;
          });
    }
  }

  boolean contains(Item<K, V> item) {
    return !jobs.isEmpty() && jobs.containsKey(new Key<>(item.id, item.hash));
  }
}
