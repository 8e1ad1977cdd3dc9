package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;

/**
 * Tells the listener of a map's events, and knows which threads run user code.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
@FunctionalInterface
public interface Teller<K, V> {

  /** Tells the listener of an event. Called with no lock held; must not throw. */
  void tell(ItemEvent<K, V> event);

  /**
   * Whether the calling thread may wait for another one that is telling the listener. It must not within a callback,
   * since that may be what the other waits for in turn.
   */
  default boolean mayWait() {
    return true;
  }
}
