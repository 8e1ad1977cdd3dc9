package io.autorefresh;

import org.jspecify.annotations.Nullable;

/**
 * Asks the remote for the present state of one item.
 *
 * <p>Called on a virtual thread of a sync cycle, never under a lock. Many threads may call it at once, but never two
 * for one id. A call is interrupted when it runs longer than the {@linkplain AutoRefreshBuilder#refreshTimeout timeout}
 * or when the cache is closed.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
@FunctionalInterface
public interface Refresher<K, V> {

  /**
   * Returns the item's new value. The given instance, or an equal value, means that the item is unchanged, and confirms
   * it. Null means that the remote no longer has the item: it is removed, and {@link Deleter} is not called.
   *
   * @param id the item's id
   * @param current its value at the moment of the call
   * @return the new value, {@code current} itself, or null
   * @throws Exception if the refresh failed: the item keeps its value and backs off, and the failure is counted. A
   *     {@link RetryAfterException} sets the delay.
   */
  @Nullable V refresh(K id, V current) throws Exception;
}
