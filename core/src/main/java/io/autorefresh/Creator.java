package io.autorefresh;

/**
 * Makes the first value of an id that the cache does not have.
 *
 * <p>Called in the thread of a {@code getOrCreate}, outside every lock: a slow creator delays only callers of its own
 * id. It may use the cache for other ids; asking for its own gets an {@link IllegalStateException}.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
@FunctionalInterface
public interface Creator<K, V> {

  /**
   * Returns the first value of the id.
   *
   * @param id the id to create an item for
   * @return the item, not null
   * @throws Exception if it could not be created: every caller that waits for it gets this exception (a checked one
   *     inside a {@link CreationException}), nothing is stored, and the next call tries again
   */
  V create(K id) throws Exception;
}
