package io.autorefresh.internal.items;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The items whose job lost them while its call runs: marked, removed or evicted in flight. The result of that call has
 * no effect. Until it ends, no call of a later generation of the id may begin, since an id is never in two running
 * calls; only a deletion does not wait for the refresh of the very item that it deletes.
 *
 * <p>Ids are compared when an item is inserted, which links it to the orphans of its id as their successor. A job that
 * ends finds its orphans by identity, and so runs none of the user's code. Guarded by the stripe's lock.
 */
final class Orphans<K, V> {

  private static final class Orphan<K, V> {

    final Item<K, V> item;
    final Token token;
    @Nullable Item<K, V> successor;

    Orphan(Item<K, V> item, Token token) {
      this.item = item;
      this.token = token;
    }
  }

  private final Map<Integer, List<Orphan<K, V>>> byHash = new HashMap<>(2);

  /** The job of an item has lost it. */
  void add(Item<K, V> item, Token token) {
    byHash.computeIfAbsent(item.hash, hash -> new ArrayList<>(1)).add(new Orphan<>(item, token));
  }

  /** An item comes into the map; returns a job for whose call it must wait, or null. */
  @Nullable Token link(Item<K, V> newcomer) {
    Token blocker = null;
    if (!byHash.isEmpty()) {
      for (Orphan<K, V> orphan : byHash.getOrDefault(newcomer.hash, List.of())) {
        if (orphan.item.id.equals(newcomer.id)) {
          orphan.successor = newcomer;
          blocker = orphan.token;
        }
      }
    }
    return blocker;
  }

  /** A job ended or was abandoned; returns the item that had to wait for that and need not any more, or null. */
  @Nullable Item<K, V> remove(Item<K, V> item, Token token) {
    if (byHash.isEmpty()) {
      return null;
    }
    List<Orphan<K, V>> orphans = byHash.getOrDefault(item.hash, List.of());
    Item<K, V> successor = null;
    for (Iterator<Orphan<K, V>> each = orphans.iterator(); each.hasNext(); ) {
      Orphan<K, V> orphan = each.next();
      if (orphan.item == item && orphan.token == token) {
        successor = orphan.successor;
        each.remove();
      }
    }
    if (orphans.isEmpty()) {
      byHash.remove(item.hash);
    }
    return successor == null || predecessorOf(successor) != null ? null : successor;
  }

  /** Returns the job that has lost the item, and whose call runs, or null. */
  @Nullable Token of(Item<K, V> item) {
    for (Orphan<K, V> orphan : byHash.getOrDefault(item.hash, List.of())) {
      if (orphan.item == item) {
        return orphan.token;
      }
    }
    return null;
  }

  /** Returns a job of an earlier generation for whose call the item must wait, or null. */
  @Nullable Token predecessorOf(Item<K, V> item) {
    if (!byHash.isEmpty()) {
      for (Orphan<K, V> orphan : byHash.getOrDefault(item.hash, List.of())) {
        if (orphan.successor == item) {
          return orphan.token;
        }
      }
    }
    return null;
  }
}
