package io.autorefresh.internal.cycle;

import io.autorefresh.internal.flight.FlightEvent;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.stream.Collectors;

/** Counts what happens, for one cycle or for all. Safe for use by many threads. */
public final class Counters {

  private static final Count[] COUNTS = Count.values();

  private final AtomicLongArray counts = new AtomicLongArray(COUNTS.length);

  public void add(Count count, long n) {
    if (n != 0) {
      counts.getAndAdd(count.ordinal(), n);
    }
  }

  /** Adds all that was counted here to another. */
  public void addTo(Counters other) {
    for (Count count : COUNTS) {
      other.add(count, get(count));
    }
  }

  /** Shows what was counted here in an event of the Flight Recorder. A parameter of that type would load its class. */
  void showIn(Object event) {
    FlightEvent.Work work = (FlightEvent.Work) event;
    work.items = get(Count.ITEMS);
    work.updated = get(Count.UPDATED);
    work.unchanged = get(Count.UNCHANGED);
    work.deleted = get(Count.DELETED_BY_REMOTE) + get(Count.DELETIONS);
    work.failed = get(Count.FAILED) + get(Count.DELETION_FAILURES);
    work.unanswered = get(Count.UNANSWERED);
    work.stale = get(Count.STALE_OUTCOMES);
    work.timedOut = get(Count.TIMED_OUT_CALLS);
  }

  public long get(Count count) { return counts.get(count.ordinal()); }

  public Counters copy() { return minus(new Counters()); }

  /** Returns the differences from what was counted earlier, and the gauges as they are here. */
  public Counters minus(Counters earlier) {
    Counters difference = new Counters();
    for (Count count : COUNTS) {
      difference.add(count, get(count) - (count.isGauge() ? 0 : earlier.get(count)));
    }
    return difference;
  }

  /** Returns what is not zero. */
  @Override
  public String toString() {
    return Arrays.stream(COUNTS)
        .filter(count -> get(count) != 0)
        .map(count -> get(count) + " " + count.name().toLowerCase(Locale.ROOT).replace('_', ' '))
        .collect(Collectors.joining(", "));
  }
}
