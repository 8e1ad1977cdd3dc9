package io.autorefresh;

/**
 * Releases the remote resource of an item, when a {@linkplain AutoRefresh#deleteDelayed delayed deletion} is carried
 * out.
 *
 * <p>Called on a virtual thread of a sync cycle, or of the close, never under a lock. The deletions of a cycle are
 * started before its refreshes; after a tenth of the period they take turns. An item that is evicted, or that the
 * remote reports as deleted, is not handed to it.
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
   * @throws Exception if it could not be released: the item stays marked, the failure is counted and reported, and a
   *     later cycle tries again, backed off
   */
  void delete(K id, V item) throws Exception;
}
