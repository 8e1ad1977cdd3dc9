package io.autorefresh;

import io.autorefresh.internal.cycle.Count;
import io.autorefresh.internal.cycle.Counters;
import io.autorefresh.internal.cycle.Cycle;
import java.time.Duration;

/**
 * The figures of one sync cycle. Every item that was due is counted once:
 *
 * <pre>{@code
 * items = updated + unchanged + deletedByRemote + failed + unanswered + staleOutcomes + skipped
 * }</pre>
 *
 * <p>Immutable; made by {@link AutoRefresh#sync}.
 */
public final class CycleReport {

  private final long number;
  private final Duration duration;
  private final Counters counters;

  CycleReport(Cycle<?, ?> cycle) {
    this.number = cycle.number();
    this.duration = cycle.duration();
    this.counters = cycle.counters().copy();
  }

  /**
   * Returns the time from the cycle's beginning until its last job ended or was abandoned, by the cache's ticker.
   *
   * @return the duration
   */
  public Duration duration() { return duration; }

  /**
   * Returns the cycle's number, as it stands in the thread names; the first is 1.
   *
   * @return the number
   */
  public long number() { return number; }

  /**
   * Returns the items that were due when the cycle was planned, new items included, or became due in its course.
   *
   * @return the number of items
   */
  public long items() { return counters.get(Count.ITEMS); }

  /**
   * Returns the calls of the refresher that began.
   *
   * @return the number of calls
   */
  public long refreshCalls() { return counters.get(Count.REFRESH_CALLS); }

  /**
   * Returns the items that got a new value.
   *
   * @return the number of items
   */
  public long updated() { return counters.get(Count.UPDATED); }

  /**
   * Returns the items that were confirmed as they were.
   *
   * @return the number of items
   */
  public long unchanged() { return counters.get(Count.UNCHANGED); }

  /**
   * Returns the updated or unchanged items that reached their final state.
   *
   * @return the number of items
   */
  public long becameTerminal() { return counters.get(Count.BECAME_TERMINAL); }

  /**
   * Returns the items that the remote no longer had.
   *
   * @return the number of items
   */
  public long deletedByRemote() { return counters.get(Count.DELETED_BY_REMOTE); }

  /**
   * Returns the items whose refresh failed, timed-out ones included.
   *
   * @return the number of items
   */
  public long failed() { return counters.get(Count.FAILED); }

  /**
   * Returns the failed items whose call took longer than the time-out.
   *
   * @return the number of items
   */
  public long timedOut() { return counters.get(Count.TIMED_OUT_ITEMS); }

  /**
   * Returns the items that an answer did not mention. They are kept, but not confirmed.
   *
   * @return the number of items
   */
  public long unanswered() { return counters.get(Count.UNANSWERED); }

  /**
   * Returns the items whose outcome had no effect, because they were marked, removed or evicted meanwhile.
   *
   * @return the number of items
   */
  public long staleOutcomes() { return counters.get(Count.STALE_OUTCOMES); }

  /**
   * Returns the items that were gone, marked or in flight at their turn.
   *
   * @return the number of items
   */
  public long skipped() { return counters.get(Count.SKIPPED); }

  /**
   * Returns the ids in answers that were not in the batch.
   *
   * @return the number of ids
   */
  public long unknownIds() { return counters.get(Count.UNKNOWN_IDS); }

  /**
   * Returns the delayed deletions that were carried out.
   *
   * @return the number of items
   */
  public long deletions() { return counters.get(Count.DELETIONS); }

  /**
   * Returns the delayed deletions that failed, timed-out ones included.
   *
   * @return the number of items
   */
  public long deletionFailures() { return counters.get(Count.DELETION_FAILURES); }

  @Override
  public String toString() { return "CycleReport[" + number + " in " + duration + ": " + counters + "]"; }
}
