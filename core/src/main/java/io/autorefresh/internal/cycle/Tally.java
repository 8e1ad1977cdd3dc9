package io.autorefresh.internal.cycle;

import io.autorefresh.CycleReport;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happens. Safe for use by many threads. */
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

  private final LongAdder[] counts = new LongAdder[COUNTS.length];

  public Tally() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  public void add(Count count, long n) {
    if (n != 0) {
      counts[count.ordinal()].add(n);
    }
  }

  /** Adds all that was counted here to another. */
  public void addTo(Tally other) {
    for (Count count : COUNTS) {
      other.add(count, sum(count));
    }
  }

  public long sum(Count count) {
    return counts[count.ordinal()].sum();
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
