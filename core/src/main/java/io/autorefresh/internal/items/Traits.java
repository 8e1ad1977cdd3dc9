package io.autorefresh.internal.items;

import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * The user's functions of a created value. They are called in the thread of the creator, outside every lock.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public interface Traits<K, V> {

  /** Whether the value is final; must not throw. */
  boolean isTerminal(V value);

  /** Returns the key of the item's group, or null where items have no groups; must not throw. */
  @Nullable Object groupOf(K id, V value);

  /** Whether items have intervals. */
  default boolean haveIntervals() { return false; }

  /** Whether other caches share the refreshes. */
  default boolean areShared() { return false; }

  /** Returns the text of an id by which other caches know it, or null if there is none; must not throw. */
  default @Nullable String textOf(K id) { return null; }

  /** Returns when the item's interval ends, or {@link Schedule#NEVER} if it has none; must not throw. */
  default long dueAt(K id, V value, long now) { return Schedule.NEVER; }
}
