package io.autorefresh;

import io.autorefresh.internal.schedule.Failure;
import java.time.Duration;
import java.util.Optional;

/**
 * What is kept of the last failure of an item, and of the row of failures that it belongs to: about 320 bytes, however
 * large the exception was. The exception itself goes to the listener and to the log. All durations are by the cache's
 * {@link Ticker}. Immutable; made by {@link ItemState#lastFailure}.
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
   * Returns the exception's message, cut to 100 characters. It is as the exception's author wrote it and may contain
   * line breaks.
   *
   * @return the message, or empty if there was none or {@code getMessage} threw
   */
  public Optional<String> message() { return Optional.ofNullable(failure.cause().message()); }

  /**
   * Returns how long ago the item failed last.
   *
   * @return the time since the last failure
   */
  public Duration age() { return Duration.ofNanos(Math.max(0, now - failure.at())); }

  /**
   * Returns how long ago the first of the failures in a row came.
   *
   * @return the time since the first failure
   */
  public Duration since() { return Duration.ofNanos(Math.max(0, now - failure.since())); }

  /** Returns class and message of the exception, as {@link Throwable#toString} does. */
  @Override
  public String toString() { return failure.cause().toString(); }
}
