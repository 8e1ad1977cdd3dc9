package io.autorefresh;

import org.jspecify.annotations.Nullable;

/**
 * Asks the remote for the present state of one item.
 *
 * <p>Called on a virtual thread of a sync cycle, never under a lock, from many threads at once, but never for one
 * id in two of them. It is interrupted when it runs longer than the
 * {@linkplain AutoRefreshBuilder#refreshTimeout timeout} or when the cache is closed.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
@FunctionalInterface
public interface Refresher<K, V> {

  /**
   * Returns the item's new value. The instance it was given, or an equal value, means that the item is unchanged (and
   * is thereby confirmed), null means that the remote has it no longer (it is removed, and {@link Deleter} is not
   * called).
   *
   * @param id the item's id
   * @param current its value at the moment of the call
   * @return the new value, {@code current} itself, or null
   * @throws Exception if the refresh failed: the value is kept, the failure is counted and the item is
   *     backed off. With a {@link RetryAfterException} the remote says for how long.
   */
  @Nullable V refresh(K id, V current) throws Exception;
}
