package io.autorefresh.internal.items;

import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a value that is to become an item, found out before any lock is taken.
 *
 * @param now the ticker's reading of its creation
 * @param dueAt when it is due first, or {@link Schedule#NEVER} if as ever
 */
public record Newborn<V>(V value, boolean terminal, @Nullable Object group, long now, long dueAt) {}
