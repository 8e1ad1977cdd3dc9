package io.autorefresh;

import io.autorefresh.internal.engine.Ages;
import java.time.Duration;
import java.util.List;

/**
 * The ages of the live items that are not marked for deletion. An age is the time since the item was confirmed or,
 * before its first confirmation, created. All ages are zero if there is no such item. Immutable; made by {@link
 * AutoRefresh#freshness} in a walk over the items.
 */
public final class Freshness {

  private final Ages ages;

  Freshness(Ages ages) {
    this.ages = ages;
  }

  /**
   * Returns the number of items that have an age here.
   *
   * @return the number of live items that are not marked
   */
  public long count() { return ages.sorted().length; }

  /**
   * Returns the median age.
   *
   * @return the age that half of the items do not exceed
   */
  public Duration p50() { return percentile(50); }

  /**
   * Returns the 90th percentile of the ages.
   *
   * @return the age that nine of ten items do not exceed
   */
  public Duration p90() { return percentile(90); }

  /**
   * Returns the 99th percentile of the ages.
   *
   * @return the age that 99 of 100 items do not exceed
   */
  public Duration p99() { return percentile(99); }

  /**
   * Returns the greatest age.
   *
   * @return the age of the oldest item
   */
  public Duration max() { return percentile(100); }

  /**
   * Returns the ids of the oldest items.
   *
   * @return at most ten ids, that of the oldest item first
   */
  public List<Object> oldest() { return ages.oldest(); }

  /** Returns the nearest rank: the least age that the given percentage of items does not exceed. */
  private Duration percentile(int percent) {
    long[] sorted = ages.sorted();
    if (sorted.length == 0) {
      return Duration.ZERO;
    }
    int rank = (int) Math.ceilDiv((long) sorted.length * percent, 100L);
    return Duration.ofNanos(sorted[Math.max(1, rank) - 1]);
  }

  @Override
  public String toString() {
    return "Freshness[" + count() + " items, p50 " + p50() + ", p90 " + p90() + ", p99 " + p99() + ", max " + max()
        + ", oldest " + oldest() + "]";
  }
}
