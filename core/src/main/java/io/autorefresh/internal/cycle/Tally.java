package io.autorefresh.internal.cycle;

import io.autorefresh.CycleReport;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts what happens. Safe for use by many threads.
 *
 * <p>There are several stripes of all counts, and the number of a thread says to which it adds: so jobs that run side
 * by side seldom write to the same cache line, and each writes to one or two. A {@code LongAdder} for each count does
 * not bring that about. It lets a thread find out which cell has no rival, and a virtual thread that runs one job has
 * ended before it could know: all begin at the same cell.
 */
public final class Tally {

  /** What is counted. */
  public enum Count {
    ITEMS,
    REFRESH_CALLS,
    DELETE_CALLS,
    UPDATED,
    UNCHANGED,
    BECAME_TERMINAL,
    DELETED_BY_REMOTE,
    FAILED,
    TIMED_OUT_ITEMS,
    TIMED_OUT_CALLS,
    UNMENTIONED,
    DISCARDED,
    SKIPPED,
    FOREIGN,
    DELETIONS,
    DELETION_FAILURES,
    CONTAINED,
    CYCLES,
    OVERRUNS
  }

  private static final Count[] COUNTS = Count.values();

  /** A power of two. */
  private static final int STRIPES =
      Math.min(64, 4 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors()));

  /** From one stripe to the next: whole cache lines of 64 bytes. */
  private static final int WIDTH = COUNTS.length + 7 & -8;

  private final AtomicLongArray counts = new AtomicLongArray(STRIPES * WIDTH);

  public void add(Count count, long n) {
    if (n != 0) {
      int stripe = (int) Thread.currentThread().threadId() & STRIPES - 1;
      counts.getAndAdd(stripe * WIDTH + count.ordinal(), n);
    }
  }

  /** Adds all that was counted here to another. */
  public void addTo(Tally other) {
    for (Count count : COUNTS) {
      other.add(count, sum(count));
    }
  }

  public long sum(Count count) {
    long sum = 0;
    for (int place = count.ordinal(); place < counts.length(); place += WIDTH) {
      sum += counts.get(place);
    }
    return sum;
  }

  /** What a cycle has counted, as its report. */
  CycleReport report(long number, Duration took) {
    return new CycleReport(
        number,
        took,
        sum(Count.ITEMS),
        sum(Count.REFRESH_CALLS),
        sum(Count.UPDATED),
        sum(Count.UNCHANGED),
        sum(Count.BECAME_TERMINAL),
        sum(Count.DELETED_BY_REMOTE),
        sum(Count.FAILED),
        sum(Count.TIMED_OUT_ITEMS),
        sum(Count.UNMENTIONED),
        sum(Count.DISCARDED),
        sum(Count.SKIPPED),
        sum(Count.FOREIGN),
        sum(Count.DELETIONS),
        sum(Count.DELETION_FAILURES));
  }
}
