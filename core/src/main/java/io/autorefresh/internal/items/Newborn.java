package io.autorefresh.internal.items;

import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a value that is to become an item, found out before any lock is taken.
 *
 * @param now the ticker's reading of its creation
 * @param dueAt when its interval ends, or {@link Schedule#NEVER} if it has none
 */
public record Newborn<V>(V value, boolean terminal, @Nullable Object group, long now, long dueAt) {}
