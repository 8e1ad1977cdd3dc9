package io.autorefresh.internal.engine;

import io.autorefresh.ItemState;
import io.autorefresh.ItemState.Due;
import io.autorefresh.Ticker;
import io.autorefresh.internal.items.Failure;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks at one item and says what is to happen to it next. */
final class Inspection {

  private Inspection() {}

  static <K, V> Optional<ItemState<V>> of(ItemMap<K, V> map, K id, Loop<K, V> loop, Ticker ticker) {
    long now = ticker.read();
    Seen<V> seen = map.inspect(id, item -> look(item, now));
    if (seen == null) {
      return Optional.empty();
    }
    Failure failure = seen.failure;
    return Optional.of(
        new ItemState<>(
            seen.value,
            Duration.ofNanos(Math.max(0, now - seen.confirmedAt)),
            failure == null ? 0 : failure.count(),
            failure == null ? null : failure.cause(),
            seen.terminal,
            seen.inFlight,
            seen.marked,
            seen.due,
            dueIn(seen, loop, now)));
  }

  /** What was read under the lock. */
  private record Seen<V>(
      V value,
      long confirmedAt,
      @Nullable Failure failure,
      boolean terminal,
      boolean inFlight,
      boolean marked,
      Due due) {}

  private static <K, V> Seen<V> look(Item<K, V> item, long now) {
    return new Seen<>(
        item.value(),
        item.confirmedAt(),
        item.failure(),
        item.isTerminal(),
        item.isInFlight(),
        item.isMarked(),
        due(item, now));
  }

  private static Due due(Item<?, ?> item, long now) {
    Failure failure = item.failure();
    if (item.isInFlight()) {
      return Due.IN_FLIGHT;
    } else if (item.isMarked()) {
      return Due.DELETION;
    } else if (item.isTerminal()) {
      return Due.NEVER;
    } else if (item.isFresh()) {
      return Due.FIRST_REFRESH;
    } else if (failure == null || failure.dueAt() - now <= 0) {
      return Due.NEXT_CYCLE;
    }
    return failure.retryAfter() ? Due.RETRY_AFTER : Due.BACKING_OFF;
  }

  private static @Nullable Duration dueIn(Seen<?> seen, Loop<?, ?> loop, long now) {
    Failure failure = seen.failure;
    long nanos =
        switch (seen.due) {
          case NEVER, IN_FLIGHT -> -1;
          case FIRST_REFRESH -> Math.min(0, loop.untilCycleAt(now));
          case DELETION -> loop.untilCycleAt(failure == null ? now : failure.dueAt());
          case NEXT_CYCLE, BACKING_OFF, RETRY_AFTER -> failure == null
              ? loop.untilTurn(seen.confirmedAt, seen.confirmedAt)
              : loop.untilTurn(failure.at(), failure.dueAt());
        };
    return nanos < 0 ? null : Duration.ofNanos(nanos);
  }
}
