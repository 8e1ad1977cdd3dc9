package io.autorefresh.internal.items;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The ids whose job goes on though their item was taken from it: marked, removed or evicted in flight. The result
 * of such a job has no effect; but until it ends, no refresh of a later generation may begin, since an id is never
 * in two running calls. Only a deletion does not wait for the refresh of the very item that it deletes: it beats
 * it. Guarded by the stripe's lock.
 */
final class Stragglers<K, V> {

  private record Straggler<K, V>(Item<K, V> item, Object ticket) {}

  private final Map<Key<K>, List<Straggler<K, V>>> jobs = new HashMap<>(2);

  /** The job of an item has lost it. */
  void add(Item<K, V> item, Object ticket) {
    jobs.computeIfAbsent(new Key<>(item.id, item.hash), key -> new ArrayList<>(1)).add(new Straggler<>(item, ticket));
  }

  /** A job that had the item has ended. */
  void remove(Item<K, V> item, Object ticket) {
    if (!jobs.isEmpty()) {
      jobs.computeIfPresent(
          new Key<>(item.id, item.hash),
          (key, stragglers) -> {
            stragglers.removeIf(each -> each.ticket == ticket);
            return stragglers.isEmpty() ? null : stragglers;
          });
    }
  }

  /** Whether there is a job of any generation of the item's id. */
  boolean contains(Item<K, V> item) {
    return !jobs.isEmpty() && jobs.containsKey(new Key<>(item.id, item.hash));
  }

  /** Whether there is a job of an earlier generation of the item's id. */
  boolean containsEarlier(Item<K, V> item) {
    if (jobs.isEmpty()) {
      return false;
    }
    List<Straggler<K, V>> stragglers = jobs.getOrDefault(new Key<>(item.id, item.hash), List.of());
    return stragglers.stream().anyMatch(each -> each.item != item);
  }
}
