package io.autorefresh;

import java.util.Map;
import java.util.Set;

/**
 * Makes the first values of several ids that the cache does not have, in one call.
 *
 * <p>Called on a virtual thread of a sync cycle, never under a lock. Many threads may call it at once, but never two
 * for one id, except after a time-out. A call holds a slot ({@link AutoRefreshBuilder#maxConcurrency}) and counts as a
 * call ({@link AutoRefreshBuilder#maxCallsPerSecond}). It is interrupted when it runs longer than the {@linkplain
 * AutoRefreshBuilder#refreshTimeout timeout} or when the cache is closed. Without a background, and when a callback of
 * the cache creates an item, it runs in the calling thread instead, with one id and without these limits.
 *
 * <p>A batch creator may use the cache for other ids. A request for one of its own throws an {@link
 * IllegalStateException}.
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
   * @throws Exception if the values could not be created: every caller that waits for one of them gets a {@link
   *     CreationException} with this cause. If the call takes too long, the cause is a {@link
   *     java.util.concurrent.TimeoutException}
   */
  Map<K, V> create(Set<K> ids) throws Exception;
}
