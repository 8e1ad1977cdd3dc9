package io.autorefresh;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One item with its freshness, as it was at one moment. All durations are by the cache's {@link Ticker}.
 *
 * @param value the item
 * @param age the time since it was created or last confirmed by a refresh (updated or unchanged), whichever is later
 * @param failures the failures in a row of its refresh or, when marked, of its deletion
 * @param failure the last of these failures, or null if {@code failures} is zero
 * @param terminal whether it has reached its final state
 * @param inFlight whether a job that has it is running
 * @param marked whether it is marked for deletion
 * @param due what is to happen to it next
 * @param dueIn the time until then; zero if that is to be done as soon as there is a slot, and null if nothing is
 *     to be done, or when nothing is known because the cache has no running loop
 * @param <V> the type of items
 */
public record ItemState<V>(
    V value,
    Duration age,
    int failures,
    @Nullable Throwable failure,
    boolean terminal,
    boolean inFlight,
    boolean marked,
    Due due,
    @Nullable Duration dueIn) {

  /** What is to happen to an item next, and why then. */
  public enum Due {
    /** Nothing: it is terminal. */
    NEVER,
    /** Its first refresh, as soon as there is a slot: it is new. */
    FIRST_REFRESH,
    /** A refresh in the next cycle. */
    NEXT_CYCLE,
    /** A refresh in the first cycle after its back-off, since it failed. */
    BACKING_OFF,
    /** A refresh in the first cycle after the delay that the remote asked for by {@link RetryAfterException}. */
    RETRY_AFTER,
    /** The end of the job that has it. */
    IN_FLIGHT,
    /** Its deletion, at the beginning of the next cycle, or of the first one after its back-off. */
    DELETION
  }

  /** Refuses null where null has no meaning. */
  public ItemState {
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(age, "age");
    Objects.requireNonNull(due, "due");
  }

  /**
   * Returns the last failure.
   *
   * @return the last of the failures in a row, or empty if the last refresh succeeded or there was none
   */
  public Optional<Throwable> lastFailure() {
    return Optional.ofNullable(failure);
  }
}
