package io.autorefresh;

import static java.util.Objects.requireNonNull;

import io.autorefresh.internal.cycle.Count;
import io.autorefresh.internal.cycle.Counters;
import java.time.Duration;

/**
 * Counters and gauges of a cache at one moment. The counters run from the cache's creation and never fall. An item
 * counts in each gauge that applies to it.
 *
 * <p>Each figure is exact while the cache is idle. Otherwise it may miss changes that happen meanwhile. Figures that
 * change with time alone, such as ages, are in {@link Freshness}. Immutable; made by {@link AutoRefresh#stats} in
 * constant time.
 */
public final class Stats {

  private final Counters counters;
  private final Duration period;
  private final boolean isReady;
  private final boolean hasFailed;

  Stats(Counters counters, Duration period, boolean isReady, boolean hasFailed) {
    this.counters = counters;
    this.period = period;
    this.isReady = isReady;
    this.hasFailed = hasFailed;
  }

  /**
   * Returns the difference of two snapshots of one cache: the differences of the counters, and the gauges of this one.
   *
   * @param earlier the earlier snapshot
   * @return the difference
   */
  public Stats minus(Stats earlier) {
    return new Stats(counters.minus(requireNonNull(earlier, "earlier").counters), period, isReady, hasFailed);
  }

  /**
   * Returns the reads that found an item: {@code get}, {@code getOrThrow} and {@code getOrCreate}.
   *
   * @return the number of reads, zero without {@link AutoRefreshBuilder#recordStats}
   */
  public long hitCount() { return counters.get(Count.HITS); }

  /**
   * Returns the reads that found no item.
   *
   * @return the number of reads, zero without {@link AutoRefreshBuilder#recordStats}
   */
  public long missCount() { return counters.get(Count.MISSES); }

  /**
   * Returns the ratio of reads that found an item.
   *
   * @return hits by reads, or 1.0 if no read was counted
   */
  public double hitRate() {
    long reads = hitCount() + missCount();
    return reads == 0 ? 1.0 : (double) hitCount() / reads;
  }

  /**
   * Returns the items created.
   *
   * @return the number of items
   */
  public long creations() { return counters.get(Count.CREATIONS); }

  /**
   * Returns the creations that failed: the creator threw, returned null, took too long, or came after the close. Each
   * id of a batch counts.
   *
   * @return the number of creations
   */
  public long creationFailures() { return counters.get(Count.CREATION_FAILURES); }

  /**
   * Returns the items removed to make room; no deletion is counted here.
   *
   * @return the number of items
   */
  public long evictions() { return counters.get(Count.EVICTIONS); }

  /**
   * Returns the delayed deletions that were carried out.
   *
   * @return the number of items
   */
  public long deletions() { return counters.get(Count.DELETIONS); }

  /**
   * Returns the delayed deletions that failed, to be tried again.
   *
   * @return the number of failures
   */
  public long deletionFailures() { return counters.get(Count.DELETION_FAILURES); }

  /**
   * Returns the calls of the refresher that began.
   *
   * @return the number of calls
   */
  public long refreshCalls() { return counters.get(Count.REFRESH_CALLS); }

  /**
   * Returns the calls of the deleter that began.
   *
   * @return the number of calls
   */
  public long deleteCalls() { return counters.get(Count.DELETE_CALLS); }

  /**
   * Returns the refreshes that returned a new value.
   *
   * @return the number of refreshes
   */
  public long updated() { return counters.get(Count.UPDATED); }

  /**
   * Returns the refreshes that confirmed an item as it was.
   *
   * @return the number of refreshes
   */
  public long unchanged() { return counters.get(Count.UNCHANGED); }

  /**
   * Returns the items that reached their final state by a refresh.
   *
   * @return the number of items
   */
  public long becameTerminal() { return counters.get(Count.BECAME_TERMINAL); }

  /**
   * Returns the items removed because the remote no longer had them.
   *
   * @return the number of items
   */
  public long deletedByRemote() { return counters.get(Count.DELETED_BY_REMOTE); }

  /**
   * Returns the refreshes of an item that failed.
   *
   * @return the number of refreshes
   */
  public long failed() { return counters.get(Count.FAILED); }

  /**
   * Returns the calls that took longer than the time-out.
   *
   * @return the number of calls
   */
  public long timedOutCalls() { return counters.get(Count.TIMED_OUT_CALLS); }

  /**
   * Returns the refreshes whose answer did not mention the item. An answer that reports it as deleted counts as well,
   * as long as {@link AutoRefreshBuilder#deletedAfter} requires further ones.
   *
   * @return the number of refreshes
   */
  public long unanswered() { return counters.get(Count.UNANSWERED); }

  /**
   * Returns the outcomes without effect, because the item was marked, removed or evicted meanwhile or the cycle was
   * cancelled. Outcomes of calls that timed out are not counted: their items have failed by then.
   *
   * @return the number of outcomes
   */
  public long staleOutcomes() { return counters.get(Count.STALE_OUTCOMES); }

  /**
   * Returns the ids in answers that were not in the batch.
   *
   * @return the number of ids
   */
  public long unknownIds() { return counters.get(Count.UNKNOWN_IDS); }

  /**
   * Returns the exceptions of callbacks that are contained and counted nowhere else: of the terminal predicate, the
   * group key, the listener, {@code equals} of an item, and the methods of an exception.
   *
   * @return the number of exceptions
   */
  public long callbackFailures() { return counters.get(Count.CALLBACK_FAILURES); }

  /**
   * Returns the sync cycles that have handed out all their jobs, and whose jobs have ended or were abandoned: periodic
   * cycles and those of {@link AutoRefresh#sync}.
   *
   * @return the number of cycles
   */
  public long cycles() { return counters.get(Count.CYCLES); }

  /**
   * Returns the periodic cycles that had not handed out all their jobs when the next one began.
   *
   * @return the number of overruns
   */
  public long overruns() { return counters.get(Count.OVERRUNS); }

  /**
   * Returns the events that were dropped because too many waited for the listener.
   *
   * @return the number of events
   */
  public long droppedEvents() { return counters.get(Count.DROPPED_EVENTS); }

  /**
   * Returns the entries that came from other caches, where the refresh work is {@linkplain AutoRefreshBuilder#share
   * shared}. An entry for an id that is not here counts, too.
   *
   * @return the number of entries
   */
  public long entriesReceived() { return counters.get(Count.ENTRIES_RECEIVED); }

  /**
   * Returns the entries that were refused: the codec threw, or the entry was invalid.
   *
   * @return the number of entries
   */
  public long entriesRefused() { return counters.get(Count.ENTRIES_REFUSED); }

  /**
   * Returns the claims that were sent to the exchange, each of up to 1,000 items; a claim of none asks for the time
   * alone.
   *
   * @return the number of claims
   */
  public long claims() { return counters.get(Count.CLAIMS); }

  /**
   * Returns how often the exchange failed or was late, with a claim or with entries: from then on the cache works alone
   * until the exchange answers in time.
   *
   * @return the number of failures
   */
  public long exchangeFailures() { return counters.get(Count.EXCHANGE_FAILURES); }

  /**
   * Returns the entries that the exchange took from this cache.
   *
   * @return the number of entries
   */
  public long entriesPublished() { return counters.get(Count.ENTRIES_PUBLISHED); }

  /**
   * Returns the entries that the other caches do not get from this one: the exchange failed or was out of use, or more
   * than 65,536 entries waited.
   *
   * @return the number of entries
   */
  public long entriesDropped() { return counters.get(Count.ENTRIES_DROPPED); }

  /**
   * Returns the items in the cache.
   *
   * @return the number of items
   */
  public long size() { return counters.get(Count.SIZE); }

  /**
   * Returns the items in their final state, also if they are marked for deletion.
   *
   * @return the number of items
   */
  public long terminal() { return counters.get(Count.TERMINAL); }

  /**
   * Returns the items marked for deletion.
   *
   * @return the number of items
   */
  public long pendingDeletion() { return counters.get(Count.PENDING_DELETION); }

  /**
   * Returns the new items whose first refresh, ahead of the cycles, has not begun.
   *
   * @return the number of items
   */
  public long neverRefreshed() { return counters.get(Count.NEVER_REFRESHED); }

  /**
   * Returns the items of running jobs.
   *
   * @return the number of items
   */
  public long inFlight() { return counters.get(Count.IN_FLIGHT); }

  /**
   * Returns the items whose last refresh or, when marked, whose last deletion failed.
   *
   * @return the number of items
   */
  public long failing() { return counters.get(Count.FAILING); }

  /**
   * Returns the items whose last call failed as a whole: they are called only with other items of that call.
   *
   * @return the number of items
   */
  public long suspects() { return counters.get(Count.SUSPECTS); }

  /**
   * Returns the groups that are paused, since a call threw {@link RetryAfterException}; a cache without {@link
   * AutoRefreshBuilder#batchBy} has one group.
   *
   * @return the number of groups
   */
  public long groupsPaused() { return counters.get(Count.GROUPS_PAUSED); }

  /**
   * Returns the groups that are down: their calls fail, one after the other, and none has succeeded for a period.
   *
   * @return the number of groups
   */
  public long groupsDown() { return counters.get(Count.GROUPS_DOWN); }

  /**
   * Returns the items that wait to be handed to a job in the present cycle, new ones included.
   *
   * @return the number of items
   */
  public long backlog() { return counters.get(Count.BACKLOG); }

  /**
   * Returns the events that wait for the listener.
   *
   * @return the number of events
   */
  public long waitingEvents() { return counters.get(Count.WAITING_EVENTS); }

  /**
   * Returns the jobs that hold a slot.
   *
   * @return the number of jobs
   */
  public long runningJobs() { return counters.get(Count.RUNNING_JOBS); }

  /**
   * Returns the jobs that ignored their interruption and still run, without a slot.
   *
   * @return the number of jobs
   */
  public long abandonedJobs() { return counters.get(Count.ABANDONED_JOBS); }

  /**
   * Returns the creators that run; a call of the batch creator counts as one.
   *
   * @return the number of creators
   */
  public long runningCreators() { return counters.get(Count.RUNNING_CREATORS); }

  /**
   * Returns the callers that wait for the creator of another caller, or for the batch creator.
   *
   * @return the number of callers
   */
  public long waitingForCreators() { return counters.get(Count.WAITING_FOR_CREATORS); }

  /**
   * Returns the effective period: the time in which every live item is called once, at the pace of the last cycle.
   *
   * @return the configured period, or more where cycles overrun
   */
  public Duration period() { return period; }

  /**
   * Returns whether the cache was started, and each item that was there then has been confirmed by a refresh, has
   * failed once, is terminal, or is gone: for a readiness probe. A cache that is ready stays ready. {@link
   * AutoRefresh#awaitReady} waits for it.
   *
   * @return whether the cache is ready
   */
  public boolean isReady() { return isReady; }

  /**
   * Returns whether the background has failed, by an error in the library's own code or by a ticker that throws. Reads
   * still answer; nothing is refreshed any more.
   *
   * @return whether it has failed
   */
  public boolean hasFailed() { return hasFailed; }

  @Override
  public String toString() {
    return "Stats[" + counters + "; period " + period + (hasFailed ? "; the background has failed" : "") + "]";
  }
}
