package io.autorefresh;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A failure that brings its own delay: the remote said when to come back, as HTTP does with {@code 429 Too Many
 * Requests} and {@code Retry-After} (RFC 9110, section 10.2.3).
 *
 * <p>Thrown by a callback, or given to {@link Outcome#failed}, or as the cause of what is, it replaces the computed
 * back-off of the items by this delay, exactly: it is neither jittered nor capped. Only from the second failure of an
 * item in a row on, a delay of less than a tenth of the period counts as that.
 */
public class RetryAfterException extends Exception {

  private static final long serialVersionUID = 1L;

  private static final Duration MAX = Duration.ofDays(365);

  /** How long to wait. */
  private final Duration delay;

  /**
   * Creates the exception.
   *
   * @param delay how long to leave the items alone; a delay in the past counts as zero, more than 365 days as 365 days
   */
  public RetryAfterException(Duration delay) {
    this(delay, null);
  }

  /**
   * Creates the exception with a cause.
   *
   * @param delay how long to leave the items alone; zero or more, at most 365 days
   * @param cause what the remote answered, or null
   */
  public RetryAfterException(Duration delay, @Nullable Throwable cause) {
    super("the remote asks to be left alone for " + Objects.requireNonNull(delay, "delay"), cause);
    this.delay = delay.isNegative() ? Duration.ZERO : delay.compareTo(MAX) > 0 ? MAX : delay;
  }

  /**
   * Returns how long to leave the items alone.
   *
   * @return the delay
   */
  public Duration delay() { return delay; }
}
