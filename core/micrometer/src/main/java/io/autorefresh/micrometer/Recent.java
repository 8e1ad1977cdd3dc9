package io.autorefresh.micrometer;

import io.autorefresh.AutoRefresh;
import io.micrometer.core.instrument.Clock;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A reading of a cache that is shared for a given time, so that the meters of one scrape share it. It refers to no
 * cache. Safe for use by many threads.
 *
 * @param <T> the type of readings
 */
final class Recent<T> {

  private final Clock clock;
  private final long lifetime;
  private final Function<AutoRefresh<?, ?>, T> reader;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable T value;
  private long readAt;

  Recent(Clock clock, Duration lifetime, Function<AutoRefresh<?, ?>, T> reader) {
    this.clock = clock;
    this.lifetime = lifetime.toNanos();
    this.reader = reader;
  }

  T of(AutoRefresh<?, ?> cache) {
    lock.lock();
    try {
      T recent = value;
      if (recent == null || clock.monotonicTime() - readAt >= lifetime) {
        recent = reader.apply(cache);
        value = recent;
        readAt = clock.monotonicTime();
      }
      return recent;
    } finally {
      lock.unlock();
    }
  }
}
