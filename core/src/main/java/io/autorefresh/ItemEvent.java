package io.autorefresh;

/**
 * Something that happened to an item, as told to the {@linkplain AutoRefreshBuilder#listener listener}.
 *
 * <p>The events of one id arrive one after another, in the order in which they took effect, and each after its effect
 * is visible to {@link AutoRefresh#get}. Events of different ids arrive in no particular order, and at once.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public sealed interface ItemEvent<K, V> {

  /**
   * Returns the item's id.
   *
   * @return the id
   */
  K id();

  /**
   * Returns the item's value when the event had taken effect; of an item that left the cache, its last value.
   *
   * @return the item
   */
  V item();

  /**
   * A refresh brought a new value.
   *
   * @param id the item's id
   * @param previous the value until then
   * @param item the new value
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  record Updated<K, V>(K id, V previous, V item) implements ItemEvent<K, V> {}

  /**
   * A refresh found the item in its final state; it is never refreshed again. Follows an {@link Updated} if the
   * refresh brought a new value as well. An item that was terminal when it was created has no such event.
   *
   * @param id the item's id
   * @param item its final value
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  record BecameTerminal<K, V>(K id, V item) implements ItemEvent<K, V> {}

  /**
   * The item was removed: by a delayed deletion that was carried out, or because the remote no longer has it.
   *
   * @param id the item's id
   * @param item its last value
   * @param byRemote whether the remote reported it as gone; false for a delayed deletion
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  record Deleted<K, V>(K id, V item, boolean byRemote) implements ItemEvent<K, V> {}

  /**
   * The item was removed to make room. {@link Deleter} was not called for it.
   *
   * @param id the item's id
   * @param item its last value
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  record Evicted<K, V>(K id, V item) implements ItemEvent<K, V> {}

  /**
   * A refresh of the item, or its deletion at the remote, failed. The item is kept and backed off.
   *
   * @param id the item's id
   * @param item its value, as before
   * @param cause what was thrown, or {@link java.util.concurrent.TimeoutException}
   * @param failures the number of failures in a row, this one included
   * @param deleting whether it was the deletion that failed
   * @param <K> the type of ids
   * @param <V> the type of items
   */
  record Failed<K, V>(K id, V item, Throwable cause, int failures, boolean deleting) implements ItemEvent<K, V> {}
}
