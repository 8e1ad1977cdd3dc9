package io.autorefresh;

/**
 * Makes the first value of an id that the cache does not have.
 *
 * <p>Called in the thread of a {@code getOrCreate}, outside every lock: a slow creator delays only callers of its own
 * id. A creator may use the cache for other ids. A request for its own id throws an {@link IllegalStateException}.
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
   * @throws Exception if the value could not be created: every waiting caller gets this exception (a checked one inside
   *     a {@link CreationException}), nothing is stored, and the next call tries again
   */
  V create(K id) throws Exception;
}
