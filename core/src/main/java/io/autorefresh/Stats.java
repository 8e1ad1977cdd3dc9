package io.autorefresh;

import java.time.Duration;
import java.util.Objects;

/**
 * Counters and gauges of a cache at one moment.
 *
 * <p>The counters run from the cache's creation and never fall. The gauges are counted item by item while the cache
 * is in use: each is exact when nothing else is going on, and off by what happened meanwhile otherwise. An item counts
 * for each that is true of it.
 *
 * @param hits reads that found an item: {@code get}, {@code getOrThrow} and {@code getOrCreate}; zero unless {@link
 *     AutoRefreshBuilder#recordStats}
 * @param misses reads that found none; zero unless {@link AutoRefreshBuilder#recordStats}
 * @param creations items created
 * @param creationFailures creators that threw or returned null, or whose item came after the close
 * @param evictions items removed to make room; no deletion is counted here
 * @param deletions delayed deletions that were carried out
 * @param deletionFailures delayed deletions that failed, to be tried again
 * @param refreshCalls calls of the refresher that began
 * @param deleteCalls calls of the deleter that began
 * @param updated refreshes that brought a new value
 * @param unchanged refreshes that confirmed an item as it was
 * @param becameTerminal items that reached their final state by a refresh
 * @param deletedByRemote items removed because the remote no longer had them
 * @param failed refreshes of an item that failed
 * @param timedOutCalls calls that were longer than the time-out
 * @param unmentioned items that a batch's result did not mention
 * @param discarded outcomes that had no effect any more, but for those of calls that were longer than the time-out, whose
 *     items have failed by then
 * @param foreign ids in results that were not in the batch
 * @param contained exceptions, all of them contained, that are not counted as a failure elsewhere: of a terminal
 *     predicate, a group key, the listener, an id's {@code equals}, a cause's {@code getCause} or {@code delay}, or for
 *     want of memory or threads
 * @param cycles sync cycles that ended, periodic ones and those of {@link AutoRefresh#sync}; first refreshes that go
 *     ahead of them are not counted here
 * @param overruns how often a periodic cycle could not begin in its time because the one before was still handing out
 *     jobs; once for each, however many periods that takes
 * @param size items in the cache
 * @param terminal items in their final state, also if they are marked for deletion
 * @param marked items marked for deletion
 * @param fresh new items whose first refresh has not begun
 * @param inFlight items that a running job has
 * @param backingOff items whose refresh or, when marked, whose deletion failed, and that are not yet due again
 * @param oldest the longest time for which a live item was not confirmed, but for those marked for deletion, which are
 *     refreshed no more; zero if there is none
 * @param backlog items that cycles in progress have still to hand to a job, or to leave out
 * @param runningJobs jobs that hold a slot
 * @param abandonedJobs jobs that ignored their interruption and still run, without a slot
 * @param period the effective period: the time between the beginnings of the last two periodic cycles, or that
 *     since the last one began, whichever is longer; the start counts as the beginning of a cycle, and before it this
 *     is the configured period
 */
public record Stats(
    long hits,
    long misses,
    long creations,
    long creationFailures,
    long evictions,
    long deletions,
    long deletionFailures,
    long refreshCalls,
    long deleteCalls,
    long updated,
    long unchanged,
    long becameTerminal,
    long deletedByRemote,
    long failed,
    long timedOutCalls,
    long unmentioned,
    long discarded,
    long foreign,
    long contained,
    long cycles,
    long overruns,
    long size,
    long terminal,
    long marked,
    long fresh,
    long inFlight,
    long backingOff,
    Duration oldest,
    long backlog,
    int runningJobs,
    int abandonedJobs,
    Duration period) {

  /** Refuses missing durations. */
  public Stats {
    Objects.requireNonNull(oldest, "oldest");
    Objects.requireNonNull(period, "period");
  }

  /**
   * Returns the ratio of reads that found an item.
   *
   * @return hits by reads, or 1.0 if no read was counted
   */
  public double hitRate() {
    long reads = hits + misses;
    return reads == 0 ? 1.0 : (double) hits / reads;
  }
}
