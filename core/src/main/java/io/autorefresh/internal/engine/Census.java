package io.autorefresh.internal.engine;

import io.autorefresh.Stats;
import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Gate;
import io.autorefresh.internal.cycle.Tally;
import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Failure;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import java.time.Duration;

/**
 * Counts the items of a map by their state, in one walk without a lock. An item counts for all that is true of it: one
 * that is marked is also terminal, or backs off, if it is so.
 */
final class Census {

  private final long now;
  private long terminal;
  private long marked;
  private long fresh;
  private long inFlight;
  private long backingOff;
  private long oldest;

  private Census(long now) {
    this.now = now;
  }

  static <K, V> Census take(ItemMap<K, V> map, Ticker ticker) {
    long now = ticker.read();
    return map.walk(() -> new Census(now), Census::count);
  }

  private void count(Item<?, ?> item) {
    if (item.isInFlight()) {
      inFlight++;
    }
    if (item.isMarked()) {
      marked++;
    }
    if (item.isTerminal()) {
      terminal++;
    }
    if (item.isFresh()) {
      fresh++;
    }
    Failure failure = item.failure();
    if (failure != null && failure.dueAt() - now > 0) {
      backingOff++;
    }
    if (!item.isMarked() && !item.isTerminal()) {
      oldest = Math.max(oldest, now - item.confirmedAt());
    }
  }

  /** Puts the gauges beside the counters. */
  Stats stats(
      ItemMap<?, ?> map, Tally totals, Gate gate, long hits, long misses, long backlog, long effectivePeriod) {
    return new Stats(
        hits,
        misses,
        map.insertions(),
        map.creations().failures(),
        map.evictions(),
        totals.sum(Count.DELETIONS),
        totals.sum(Count.DELETION_FAILURES),
        totals.sum(Count.REFRESH_CALLS),
        totals.sum(Count.DELETE_CALLS),
        totals.sum(Count.UPDATED),
        totals.sum(Count.UNCHANGED),
        totals.sum(Count.BECAME_TERMINAL),
        totals.sum(Count.DELETED_BY_REMOTE),
        totals.sum(Count.FAILED),
        totals.sum(Count.TIMED_OUT_CALLS),
        totals.sum(Count.UNMENTIONED),
        totals.sum(Count.DISCARDED),
        totals.sum(Count.FOREIGN),
        totals.sum(Count.CONTAINED),
        totals.sum(Count.CYCLES),
        totals.sum(Count.OVERRUNS),
        map.size(),
        terminal,
        marked,
        fresh,
        inFlight,
        backingOff,
        Duration.ofNanos(oldest),
        backlog,
        gate.running(),
        gate.abandoned(),
        Duration.ofNanos(effectivePeriod));
  }
}
