package io.autorefresh;

import io.autorefresh.internal.engine.ItemView;
import io.autorefresh.internal.schedule.Failure;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One item with its freshness, as it was at one moment. All durations are by the cache's {@link Ticker}. Immutable;
 * made by {@link AutoRefresh#inspect}.
 *
 * @param <V> the type of items
 */
public final class ItemState<V> {

  /** What is to happen to an item next, and why then. More may be added: match them with a default branch. */
  public enum Due {
    /** Nothing: it is terminal. */
    NEVER,
    /** Its first refresh, as soon as there is a slot: it is new. */
    FIRST_REFRESH,
    /** A refresh as soon as there is a slot: it was asked for, by {@link AutoRefresh#refreshNow} or a hint. */
    REQUESTED,
    /** A refresh in the next cycle, or in the present one if its turn there is still to come. */
    NEXT_CYCLE,
    /** A refresh at the time that the remote named by {@link Outcome#nextIn}. */
    OWN_TIME,
    /** A refresh after its {@link AutoRefreshBuilder#interval}. */
    INTERVAL,
    /** A refresh after its back-off, since it failed. */
    BACKING_OFF,
    /** The same after the delay that the remote asked for by {@link RetryAfterException}. */
    RETRY_AFTER,
    /** The end of the call that runs for it. */
    IN_FLIGHT,
    /** Its deletion, at the beginning of the next cycle, or of the first one after its back-off. */
    DELETION
  }

  /** What may be wrong with an item or with its group. More may be added: match them with a default branch. */
  public enum Trouble {
    /** Its last call threw, or took too long, as a whole: it is called with no others except these. */
    SUSPECT,
    /** A call for it alone ignored its interruption, and still runs: it is called ever more seldom. */
    HANGING,
    /** The remote said by {@link RetryAfterException} when to come back: no call of its group begins before. */
    GROUP_PAUSED,
    /** Calls of its group fail, one after the other, and none has succeeded for a period. */
    GROUP_DOWN
  }

  private final ItemView<V> view;

  ItemState(ItemView<V> view) {
    this.view = view;
  }

  /**
   * Returns the item.
   *
   * @return its value
   */
  public V value() { return view.value(); }

  /**
   * Returns the time since the item was confirmed by a refresh (updated or unchanged) or, before the first one, since
   * its creation. What {@link Outcome#aged} said counts.
   *
   * @return its age
   */
  public Duration age() { return Duration.ofNanos(view.age()); }

  /**
   * Returns whether a refresh has confirmed the item at least once.
   *
   * @return false as long as its value is the one that it was created with, unseen by the remote
   */
  public boolean confirmed() { return view.confirmed(); }

  /**
   * Returns the failures in a row of its refresh or, when marked, of its deletion.
   *
   * @return the number of failures
   */
  public int failures() {
    Failure failure = view.failure();
    return failure == null ? 0 : failure.count();
  }

  /**
   * Returns what is kept of the last of these failures.
   *
   * @return the last failure, or empty if the last refresh succeeded or there was none
   */
  public Optional<FailureSummary> lastFailure() {
    return Optional.ofNullable(view.failure()).map(failure -> new FailureSummary(failure, view.now()));
  }

  /**
   * Returns how many answers in a row did not mention the item.
   *
   * @return the number of answers since it was last confirmed
   */
  public int unanswered() { return view.unanswered(); }

  /**
   * Returns whether the item has reached its final state.
   *
   * @return whether it is terminal
   */
  public boolean terminal() { return view.terminal(); }

  /**
   * Returns whether a call runs for the item, also one that has timed out, and one that ran when the item was marked.
   *
   * @return whether it is in flight
   */
  public boolean inFlight() { return view.job() != null; }

  /**
   * Returns in which job the item is in flight: the name of the thread that runs the call, as a thread dump shows it.
   *
   * @return the job's name, or empty if the item is not in flight
   */
  public Optional<String> job() { return Optional.ofNullable(view.job()); }

  /**
   * Returns for how long the item has been in flight.
   *
   * @return the time since the call began, or null if the item is not in flight
   */
  public @Nullable Duration inFlightFor() { return inFlight() ? Duration.ofNanos(view.inFlightFor()) : null; }

  /**
   * Returns what is wrong with the item, or with the group that it belongs to; a cache without
   * {@link AutoRefreshBuilder#batchBy} has one group.
   *
   * @return the troubles, empty if there are none; unmodifiable
   */
  public Set<Trouble> troubles() { return Collections.unmodifiableSet(view.troubles()); }

  /**
   * Returns whether the item is marked for deletion.
   *
   * @return whether it is marked
   */
  public boolean marked() { return view.marked(); }

  /**
   * Returns what is to happen to the item next.
   *
   * @return what is due
   */
  public Due due() { return view.due(); }

  /**
   * Returns how long until then: an estimate, and a lower bound unless {@link AutoRefresh#sync} is called. Slots, call
   * rates and {@link AutoRefreshBuilder#spread} may hold the item up.
   *
   * @return the time, zero if it may happen as soon as there is a slot; or null if nothing is to happen, or if no
   *     background runs
   */
  public @Nullable Duration dueIn() { return view.dueIn() < 0 ? null : Duration.ofNanos(view.dueIn()); }

  /**
   * Returns whether the cache was ever started. If not, nothing happens to the item by itself.
   *
   * @return whether {@code start} or {@code run} was called
   */
  public boolean started() { return view.started(); }

  @Override
  public String toString() {
    return "ItemState[" + value() + ", age " + age() + (confirmed() ? "" : ", never confirmed")
        + (terminal() ? ", terminal" : "") + (marked() ? ", marked" : "")
        + (inFlight() ? ", in flight for " + inFlightFor() + " in " + view.job() : "")
        + (troubles().isEmpty() ? "" : ", " + troubles())
        + (failures() == 0 ? "" : ", " + failures() + " failures, the last one " + lastFailure().orElse(null))
        + (unanswered() == 0 ? "" : ", " + unanswered() + " answers without it") + ", " + due()
        + (dueIn() == null ? "" : " in " + dueIn()) + (started() ? "" : ", the cache was never started") + "]";
  }
}
