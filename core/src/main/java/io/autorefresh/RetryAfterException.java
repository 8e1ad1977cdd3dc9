package io.autorefresh;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A failure with its own delay, which the remote asked for, as HTTP does with {@code 429 Too Many Requests} and {@code
 * Retry-After} (RFC 9110, section 10.2.3).
 *
 * <p>The exception is thrown by a callback, given to {@link Outcome#failed}, or the cause of such an exception. Its
 * delay replaces the computed back-off of the items, exactly: it is neither jittered nor capped. From the second
 * failure of an item in a row on, a delay of less than a tenth of the period counts as a tenth.
 */
public class RetryAfterException extends Exception {

  private static final long serialVersionUID = 1L;

  private static final Duration MAX = Duration.ofDays(365);

  /** The time until the next call. */
  private final Duration delay;

  /**
   * Creates the exception.
   *
   * @param delay the time until the next call of the items; less than zero counts as zero, more than 365 days as 365
   *     days
   */
  public RetryAfterException(Duration delay) {
    this(delay, null);
  }

  /**
   * Creates the exception with a cause.
   *
   * @param delay the time until the next call of the items; less than zero counts as zero, more than 365 days as 365
   *     days
   * @param cause the answer of the remote, or null
   */
  public RetryAfterException(Duration delay, @Nullable Throwable cause) {
    super("the remote asks for a delay of " + Objects.requireNonNull(delay, "delay"), cause);
    this.delay = delay.isNegative() ? Duration.ZERO : delay.compareTo(MAX) > 0 ? MAX : delay;
  }

  /**
   * Returns the time until the next call of the items.
   *
   * @return the delay
   */
  public Duration delay() { return delay; }
}
