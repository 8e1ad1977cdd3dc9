package io.autorefresh;

import io.autorefresh.internal.schedule.Failure;
import java.time.Duration;
import java.util.Optional;

/**
 * A summary of the last failure of an item and of its failures in a row: about 320 bytes, regardless of the exception's
 * size. The exception itself goes to the listener and to the log. All durations are by the cache's {@link Ticker}.
 * Immutable; made by {@link ItemState#lastFailure}.
 */
public final class FailureSummary {

  private final Failure failure;
  private final long now;

  FailureSummary(Failure failure, long now) {
    this.failure = failure;
    this.now = now;
  }

  /**
   * Returns the name of the exception's class, as of {@link Class#getName}.
   *
   * @return the name, that of {@link java.util.concurrent.TimeoutException} if the call took too long
   */
  public String type() { return failure.cause().type(); }

  /**
   * Returns the exception's message, cut to 100 characters. It is not escaped and may contain line breaks.
   *
   * @return the message, or empty if there was none or {@code getMessage} threw
   */
  public Optional<String> message() { return Optional.ofNullable(failure.cause().message()); }

  /**
   * Returns the age of the last failure.
   *
   * @return the time since the last failure
   */
  public Duration age() { return Duration.ofNanos(Math.max(0, now - failure.at())); }

  /**
   * Returns the age of the first of the failures in a row.
   *
   * @return the time since the first failure
   */
  public Duration since() { return Duration.ofNanos(Math.max(0, now - failure.since())); }

  /** Returns class and message of the exception, as {@link Throwable#toString} does. */
  @Override
  public String toString() { return failure.cause().toString(); }
}
