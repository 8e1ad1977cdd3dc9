package io.autorefresh.internal.items;

import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * What the user says of a value that is being created. Called in the creating caller's thread, outside every lock.
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

  /** Returns when the item's interval ends, or {@link Schedule#NEVER} if it has none; must not throw. */
  default long dueAt(K id, V value, long now) { return Schedule.NEVER; }
}
