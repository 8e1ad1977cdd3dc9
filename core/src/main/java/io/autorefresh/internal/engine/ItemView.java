package io.autorefresh.internal.engine;

import io.autorefresh.ItemState.Due;
import io.autorefresh.ItemState.Trouble;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Token;
import io.autorefresh.internal.schedule.Due.Standing;
import io.autorefresh.internal.schedule.Failure;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One item as it was at one moment, times in nanoseconds.
 *
 * @param failure the failures in a row, or null
 * @param job the job whose call runs for the item, or null
 * @param inFlightFor for how long it has run
 * @param group the key of its group, or null
 * @param troubles what is wrong with the item; its group's are added
 * @param dueIn how long until what is due, or -1 if that is not known
 * @param started whether the cache was ever started
 * @param now the ticker's reading of that moment
 * @param <V> the type of items
 */
public record ItemView<V>(
    V value,
    long age,
    boolean confirmed,
    @Nullable Failure failure,
    int unanswered,
    boolean terminal,
    @Nullable String job,
    long inFlightFor,
    boolean marked,
    @Nullable Object group,
    Set<Trouble> troubles,
    Due due,
    long dueIn,
    boolean started,
    long now) {

  /** Looks at the item of an id, under its lock; returns null if there is none. */
  static <K, V> @Nullable ItemView<V> of(
      ItemMap<K, V> map, K id, Dispatcher<K, V> dispatcher, long now, boolean started) {
    return map.inspect(id, item -> {
      Due due = due(item);
      Token running = map.running(item);
      return new ItemView<>(
          item.value(),
          Math.max(0, now - item.confirmedAt()),
          item.isConfirmed(),
          item.failure(),
          item.unanswered(),
          item.isTerminal(),
          running == null ? null : running.name(),
          running == null ? 0 : Math.max(0, now - running.began()),
          item.isMarked(),
          item.group(),
          troubles(item),
          due,
          dueIn(item, due, dispatcher, now),
          started,
          now);
    });
  }

  private static Set<Trouble> troubles(Item<?, ?> item) {
    Set<Trouble> troubles = EnumSet.noneOf(Trouble.class);
    if (item.isSuspect()) {
      troubles.add(Trouble.SUSPECT);
    }
    if (item.isHanging()) {
      troubles.add(Trouble.HANGING);
    }
    return troubles;
  }

  private static Due due(Item<?, ?> item) {
    Failure failure = item.failure();
    if (item.standing() == Standing.IN_FLIGHT || item.isInFlight() && !item.isHanging()) {
      return Due.IN_FLIGHT;
    } else if (item.isMarked()) {
      return Due.DELETION;
    } else if (item.isRequested()) {
      return Due.REQUESTED;
    } else if (item.isTerminal()) {
      return Due.NEVER;
    } else if (item.isNew()) {
      return Due.FIRST_REFRESH;
    } else if (!item.isApart()) {
      return Due.NEXT_CYCLE;
    } else if (failure == null) {
      return item.hasInterval() ? Due.INTERVAL : Due.OWN_TIME;
    }
    return failure.isRetryAfter() ? Due.RETRY_AFTER : Due.BACKING_OFF;
  }

  private static long dueIn(Item<?, ?> item, Due due, Dispatcher<?, ?> dispatcher, long now) {
    if (!dispatcher.isTicking()) {
      return -1;
    }
    long tick = dispatcher.nextTick();
    return switch (due) {
      case NEVER, IN_FLIGHT -> -1;
      case FIRST_REFRESH, REQUESTED -> 0;
      case NEXT_CYCLE -> Math.max(0, dispatcher.isTurnToCome(item) ? 0 : tick - now);
      case OWN_TIME, INTERVAL, BACKING_OFF, RETRY_AFTER -> Math.max(0, item.dueAt(now) - now);
      case DELETION -> Math.max(0, dispatcher.tickAt(item.dueAt(tick)) - now);
    };
  }
}
