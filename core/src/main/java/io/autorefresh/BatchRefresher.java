package io.autorefresh;

import java.util.Map;

/**
 * Asks the remote for the present state of several items in one call.
 *
 * <p>Called on a virtual thread of a sync cycle, never under a lock. Many threads may call it at once, but never two
 * for one id. A call is interrupted when it runs longer than the {@linkplain AutoRefreshBuilder#refreshTimeout timeout}
 * or when the cache is closed.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
@FunctionalInterface
public interface BatchRefresher<K, V> {

  /**
   * Returns the outcome of each item. Outcomes are applied one by one:
   *
   * <ul>
   *   <li>an id that the result does not mention is unconfirmed: its item is kept, and its age runs on;
   *   <li>an id that was not in the batch is ignored and counted;
   *   <li>a null outcome is a failure of that item, a null result a failure of all of them.
   * </ul>
   *
   * @param items the values of the batch at the moment of the call, at least one and at most
   *     {@link AutoRefreshBuilder#batchSize}; unmodifiable, and free to be kept
   * @return outcomes by id
   * @see Outcome#aged how to tell the age of an answer, as HTTP does
   * @see Outcome#nextIn how to tell when an item is due, as before a token expires
   * @throws Exception if the refresh failed: every item of the batch fails and keeps its value. A {@link
   *     RetryAfterException} sets the delay before their next call.
   */
  Map<K, Outcome<V>> refresh(Map<K, V> items) throws Exception;
}
