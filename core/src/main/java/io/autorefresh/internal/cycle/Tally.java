package io.autorefresh.internal.cycle;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counts what happens, for one cycle and, through its parent, for all. Safe for use by many threads. */
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

  private final LongAdder[] counts = new LongAdder[Count.values().length];
  private final @Nullable Tally parent;

  public Tally() {
    this(null);
  }

  Tally(@Nullable Tally parent) {
    this.parent = parent;
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  public void add(Count count, long n) {
    if (n != 0) {
      counts[count.ordinal()].add(n);
      if (parent != null) {
        parent.add(count, n);
      }
    }
  }

  public long sum(Count count) {
    return counts[count.ordinal()].sum();
  }
}
