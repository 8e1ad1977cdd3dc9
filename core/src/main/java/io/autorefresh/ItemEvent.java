package io.autorefresh;

/**
 * An event of an item, which the {@linkplain AutoRefreshBuilder#listener listener} receives.
 *
 * <p>Events arrive one at a time, in the order in which they took effect, and each after its effect is visible to
 * {@link AutoRefresh#get}. The kinds are the interfaces nested here. More kinds may be added, so match them with a
 * default branch:
 *
 * <pre>{@code
 * switch (event) {
 *   case ItemEvent.Updated<String, Job> updated -> show(updated.previous(), updated.item());
 *   case ItemEvent.Removed<String, Job> removed -> hide(removed.id());
 *   default -> {}
 * }
 * }</pre>
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public interface ItemEvent<K, V> {

  /**
   * Returns the item's id.
   *
   * @return the id
   */
  K id();

  /**
   * Returns the item's value after the event. For an item that left the cache it is the last value.
   *
   * @return the item
   */
  V item();

  /**
   * The item was created.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  interface Created<K, V> extends ItemEvent<K, V> {}

  /**
   * A refresh returned a new value, which is not equal to the previous one.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  interface Updated<K, V> extends ItemEvent<K, V> {

    /**
     * Returns the value before the event.
     *
     * @return the previous item
     */
    V previous();
  }

  /**
   * A refresh found the item in its final state; the item is refreshed no more, except on request. Follows an {@link
   * Updated} if the refresh returned a new value as well. An item that was terminal when it was created has no such
   * event.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  interface BecameTerminal<K, V> extends ItemEvent<K, V> {}

  /**
   * The item left the cache.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  interface Removed<K, V> extends ItemEvent<K, V> {

    /**
     * Returns why it left.
     *
     * @return the cause
     */
    RemovalCause cause();
  }

  /**
   * A refresh of the item failed. The item keeps its value and backs off.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  interface RefreshFailed<K, V> extends ItemEvent<K, V> {

    /**
     * Returns the cause of the failure; after a time-out, a {@link java.util.concurrent.TimeoutException}. While more
     * than 1,024 exceptions wait for the listener, it is a summary with class name and message only.
     *
     * @return the cause
     */
    Throwable cause();

    /**
     * Returns the number of failures in a row.
     *
     * @return the failures, this one included
     */
    int failures();
  }

  /**
   * The deletion of the item at the remote failed. The item stays marked and backs off.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  interface DeletionFailed<K, V> extends ItemEvent<K, V> {

    /**
     * Returns the cause of the failure, as {@link RefreshFailed#cause} does.
     *
     * @return the cause
     */
    Throwable cause();

    /**
     * Returns the number of failures in a row.
     *
     * @return the failures, this one included
     */
    int failures();
  }

  /**
   * A refresh of the item succeeded after failures.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  interface Recovered<K, V> extends ItemEvent<K, V> {

    /**
     * Returns the number of failures in a row before.
     *
     * @return the failures
     */
    int failures();
  }
}
