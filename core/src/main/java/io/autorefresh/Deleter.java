package io.autorefresh;

/**
 * Releases the remote resource of an item, when a {@linkplain AutoRefresh#deleteDelayed delayed deletion} is carried
 * out.
 *
 * <p>Called on a virtual thread of a sync cycle, or of the close, never under a lock. The deletions of a cycle start
 * before its refreshes; after a tenth of the period they take turns. The deleter is not called for an item that is
 * evicted, forgotten, or reported as deleted by the remote.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
@FunctionalInterface
public interface Deleter<K, V> {

  /**
   * Releases the item. When it returns, the item is removed from the cache.
   *
   * @param id the item's id
   * @param item its last value
   * @throws Exception if the item could not be released: it stays marked, the failure is counted and reported, and a
   *     later cycle tries again after a back-off
   */
  void delete(K id, V item) throws Exception;
}
