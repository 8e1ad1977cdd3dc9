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

  /** Returns when an item is asked for again that an answer did not mention, or {@link Schedule#NEVER} as below. */
  long nextAsk(long now) { return settings.isShared() ? now + settings.period : Schedule.NEVER; }

  /** Returns when an item is due that is confirmed now, or {@link Schedule#NEVER} if it is due in every cycle. */
  public long dueAt(K id, V value, long now) {
    BiFunction<? super K, ? super V, Duration> interval = settings.interval;
    long otherwise = nextAsk(now);
    if (interval == null) {
      return otherwise;
    }
    try {
      Duration asked = interval.apply(id, value);
      if (asked.isNegative()) {
        throw new IllegalArgumentException("the interval is negative: " + asked);
      }
      long nanos = Settings.nanos(asked);
      return nanos <= settings.period ? otherwise : now + nanos;
    } catch (Throwable t) {
      log.contain("the interval", id, t);
      return otherwise;
    }
  }
}
