package io.autorefresh.internal.cycle;

import io.autorefresh.internal.schedule.Schedule;
import java.time.Duration;
import java.util.function.BiFunction;

/**
 * Asks the user how long after its confirmation an item is due. What that throws is contained, and leaves the period in
 * force.
 */
public final class Intervals<K, V> {

  private final Settings<K, V> settings;
  private final FailureLog log;

  public Intervals(Settings<K, V> settings, FailureLog log) {
    this.settings = settings;
    this.log = log;
  }

  /** Returns when an item is due that is confirmed now, or {@link Schedule#NEVER} if it is due in every cycle. */
  public long dueAt(K id, V value, long now) {
    BiFunction<? super K, ? super V, Duration> interval = settings.interval;
    if (interval == null) {
      return Schedule.NEVER;
    }
    try {
      Duration asked = interval.apply(id, value);
      if (asked.isNegative()) {
        throw new IllegalArgumentException("the interval is negative: " + asked);
      }
      long nanos = asked.compareTo(Settings.MAX_TIME) > 0 ? Settings.MAX_TIME.toNanos() : asked.toNanos();
      return nanos <= settings.period ? Schedule.NEVER : now + nanos;
    } catch (Throwable t) {
      log.contain("the interval", id, t);
      return Schedule.NEVER;
    }
  }
}
