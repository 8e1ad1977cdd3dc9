package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import io.autorefresh.RemovalCause;

/** The implementations of the events. */
final class Event {

  private Event() {}

  /** A failure, which holds an exception. */
  interface Failed {
    Throwable cause();
  }

  record Created<K, V>(K id, V item) implements ItemEvent.Created<K, V> {}

  record Updated<K, V>(K id, V previous, V item) implements ItemEvent.Updated<K, V> {}

  record BecameTerminal<K, V>(K id, V item) implements ItemEvent.BecameTerminal<K, V> {}

  record Removed<K, V>(K id, V item, RemovalCause cause) implements ItemEvent.Removed<K, V> {}

  record RefreshFailed<K, V>(K id, V item, Throwable cause, int failures)
      implements ItemEvent.RefreshFailed<K, V>, Failed {}

  record DeletionFailed<K, V>(K id, V item, Throwable cause, int failures)
      implements ItemEvent.DeletionFailed<K, V>, Failed {}

  record Recovered<K, V>(K id, V item, int failures) implements ItemEvent.Recovered<K, V> {}
}
