package io.autorefresh;

import java.util.Map;
import java.util.Set;

/**
 * Makes the first values of several ids that the cache does not have, in one call.
 *
 * <p>Called on a virtual thread of a sync cycle, never under a lock, from many threads at once, but never for one id in
 * two of them, except after a time-out. It holds a slot ({@link AutoRefreshBuilder#maxConcurrency}), counts as a call
 * ({@link AutoRefreshBuilder#maxCallsPerSecond}), and is interrupted when it runs longer than the
 * {@linkplain AutoRefreshBuilder#refreshTimeout timeout} or when the cache is closed. Where no background runs, and for
 * a callback of the cache that creates an item, it is called in the calling thread with one id instead, without these
 * limits.
 *
 * <p>It may use the cache for other ids; asking for one of its own gets an {@link IllegalStateException}.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
@FunctionalInterface
public interface BatchCreator<K, V> {

  /**
   * Returns the first values by id. If an id is missing, or its value is null, the callers that wait for it get a
   * {@link CreationException}, nothing is stored for it, and the next call tries again. Other ids are ignored.
   *
   * @param ids the ids to create items for, at least one and at most {@link AutoRefreshBuilder#batchSize};
   *     unmodifiable, and free to be kept
   * @return values by id, not null
   * @throws Exception if they could not be created: every caller that waits for one of them gets a {@link
   *     CreationException} with this cause, and so it does if the call takes too long
   */
  Map<K, V> create(Set<K> ids) throws Exception;
}
