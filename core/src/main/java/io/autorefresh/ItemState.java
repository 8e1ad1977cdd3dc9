package io.autorefresh;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One item with its freshness, as it was at one moment. All durations are by the cache's {@link Ticker}.
 *
 * <p>{@code dueIn} says how long it takes at least: until the periodic cycle in which the item has its turn begins or,
 * if that is later, until its back-off ends. Its place in that cycle is not known beforehand: slots and call rates can
 * hold it up, and with {@link AutoRefreshBuilder#spread} its turn comes up to a period later. Nor is it known whether
 * somebody calls {@link AutoRefresh#sync}, which waits for no tick, or that an item whose last call ended, or which was
 * refreshed by {@code sync}, in the course of a cycle has a place in that which is still to come.
 *
 * @param value the item
 * @param age the time since it was created or last confirmed by a refresh (updated or unchanged), whichever is later
 * @param failures the failures in a row of its refresh or, when marked, of its deletion
 * @param failure the last of these failures, or null if {@code failures} is zero
 * @param terminal whether it has reached its final state
 * @param inFlight whether a job that has it is running
 * @param marked whether it is marked for deletion
 * @param due what is to happen to it next
 * @param dueIn the least time until then, as said above; zero if that is to be done as soon as there is a slot, or its
 *     turn in the cycle that is going on is still to come, and null if nothing is to be done, or when nothing is known
 *     because the cache has no running loop
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
    /** A refresh in the next cycle, or in the one that is going on if its turn there is still to come. */
    NEXT_CYCLE,
    /**
     * A refresh after its back-off, since it failed: in the first cycle that begins after that or, with {@link
     * AutoRefreshBuilder#spread}, in the one in whose course the back-off ends, unless it ends in its last tenth.
     */
    BACKING_OFF,
    /** The same after the delay that the remote asked for by {@link RetryAfterException}. */
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
