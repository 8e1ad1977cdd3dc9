package io.autorefresh;

import io.autorefresh.internal.engine.ItemView;
import io.autorefresh.internal.schedule.Failure;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of one item at one moment. All durations are by the cache's {@link Ticker}. Immutable; made by {@link
 * AutoRefresh#inspect}.
 *
 * @param <V> the type of items
 */
public final class ItemState<V> {

  /** The next refresh or deletion of an item, by its reason. More may be added: match them with a default branch. */
  public enum Due {
    /** None: the item is terminal. */
    NEVER,
    /** The first refresh of a new item, as soon as there is a slot. */
    FIRST_REFRESH,
    /** A refresh as soon as there is a slot, requested by {@link AutoRefresh#refreshNow} or a hint. */
    REQUESTED,
    /** A refresh in the next cycle, or in the present one if the item's turn is still to come. */
    NEXT_CYCLE,
    /** A refresh at the time that the remote named by {@link Outcome#nextIn}. */
    OWN_TIME,
    /** A refresh after the item's {@link AutoRefreshBuilder#interval}. */
    INTERVAL,
    /** A refresh after the back-off of a failing item. */
    BACKING_OFF,
    /** A refresh after the delay that the remote asked for by {@link RetryAfterException}. */
    RETRY_AFTER,
    /** The end of the call that runs for the item. */
    IN_FLIGHT,
    /** The item's deletion, at the beginning of the next cycle, or of the first one after its back-off. */
    DELETION
  }

  /** A trouble of an item or of its group. More may be added: match them with a default branch. */
  public enum Trouble {
    /** The item's last call failed as a whole: the item is called only with other items of that call. */
    SUSPECT,
    /** A call for the item alone ignored its interruption and still runs: the item is called less and less often. */
    HANGING,
    /** The remote asked for a delay by {@link RetryAfterException}: no call of the group begins before its end. */
    GROUP_PAUSED,
    /** Calls of the group fail, one after the other, and none has succeeded for a period. */
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
   * its creation. The age of the answer, as of {@link Outcome#aged}, is included.
   *
   * @return its age
   */
  public Duration age() { return Duration.ofNanos(view.age()); }

  /**
   * Returns whether a refresh has confirmed the item at least once.
   *
   * @return false as long as the item has its first value and no refresh has confirmed it
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
   * Returns a summary of the last of these failures.
   *
   * @return the last failure, or empty if the last refresh succeeded or there was none
   */
  public Optional<FailureSummary> lastFailure() {
    return Optional.ofNullable(view.failure()).map(failure -> new FailureSummary(failure, view.now()));
  }

  /**
   * Returns how many answers in a row did not mention the item.
   *
   * @return the number of answers since the last confirmation
   */
  public int unanswered() { return view.unanswered(); }

  /**
   * Returns whether the item has reached its final state.
   *
   * @return whether it is terminal
   */
  public boolean terminal() { return view.terminal(); }

  /**
   * Returns whether a call runs for the item. A call that has timed out counts, and so does one that ran when the item
   * was marked.
   *
   * @return whether it is in flight
   */
  public boolean inFlight() { return view.job() != null; }

  /**
   * Returns the job that has the item: the name of the thread that runs the call, as a thread dump shows it.
   *
   * @return the job's name, or empty if the item is not in flight
   */
  public Optional<String> job() { return Optional.ofNullable(view.job()); }

  /**
   * Returns the time for which the item has been in flight.
   *
   * @return the time since the call began, or null if the item is not in flight
   */
  public @Nullable Duration inFlightFor() { return inFlight() ? Duration.ofNanos(view.inFlightFor()) : null; }

  /**
   * Returns the troubles of the item and of its group; a cache without {@link AutoRefreshBuilder#batchBy} has one
   * group.
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
   * Returns the next refresh or deletion of the item, by its reason.
   *
   * @return the reason
   */
  public Due due() { return view.due(); }

  /**
   * Returns the time until the next refresh or deletion. It is an estimate, and a lower bound unless {@link
   * AutoRefresh#sync} is called. Slots, call rates and {@link AutoRefreshBuilder#spread} may delay the item further.
   *
   * @return the time, zero if the item waits for a slot only; or null if nothing is due, or if no background runs
   */
  public @Nullable Duration dueIn() { return view.dueIn() < 0 ? null : Duration.ofNanos(view.dueIn()); }

  /**
   * Returns whether the cache was ever started. Without a start the item is not refreshed in the background.
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
