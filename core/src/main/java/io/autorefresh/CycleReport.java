package io.autorefresh;

import java.time.Duration;
import java.util.Objects;

/**
 * What one sync cycle did. Every item that was due is counted once:
 *
 * <pre>{@code items = updated + unchanged + deletedByRemote + failed + unmentioned + discarded + skipped}</pre>
 *
 * @param number the cycle's number, as it stands in the thread names; the first is 1
 * @param duration from its beginning to the end of its last job
 * @param items items that were due when the cycle was planned, new items included, or came to be due in its course
 * @param refreshCalls calls of the refresher that began
 * @param updated items that got a new value
 * @param unchanged items that were confirmed as they were
 * @param becameTerminal updated or unchanged items that reached their final state
 * @param deletedByRemote items that the remote no longer had
 * @param failed items whose refresh failed, timed-out ones included
 * @param timedOut failed items whose job was longer than the time-out
 * @param unmentioned items that a result did not mention: kept, not confirmed
 * @param discarded items whose outcome had no effect any more, because they were marked, deleted or evicted meanwhile
 * @param skipped items that were gone, marked or in flight already when their turn came, or whose turn did not come in
 *     the cycle's time
 * @param foreign ids in results that were not in the batch, and were ignored
 * @param deletions delayed deletions that were carried out
 * @param deletionsFailed delayed deletions that failed, timed-out ones included
 */
public record CycleReport(
    long number,
    Duration duration,
    long items,
    long refreshCalls,
    long updated,
    long unchanged,
    long becameTerminal,
    long deletedByRemote,
    long failed,
    long timedOut,
    long unmentioned,
    long discarded,
    long skipped,
    long foreign,
    long deletions,
    long deletionsFailed) {

  /** Refuses a missing duration. */
  public CycleReport {
    Objects.requireNonNull(duration, "duration");
  }
}
