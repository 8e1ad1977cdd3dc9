package io.autorefresh;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A failure that brings its own delay: the remote said when to come back, as HTTP does with {@code 429 Too Many
 * Requests} and {@code Retry-After} (RFC 9110, section 10.2.3).
 *
 * <p>Thrown by a callback, or given to {@link Outcome#failed}, or as the cause of what is, it replaces the computed
 * back-off of the items by this delay, exactly: it is neither jittered nor capped.
 */
public class RetryAfterException extends Exception {

  private static final long serialVersionUID = 1L;

  /** How long to wait. */
  private final Duration delay;

  /**
   * Creates the exception.
   *
   * @param delay how long to leave the items alone; zero or more, at most 365 days
   * @throws IllegalArgumentException if the delay is out of these bounds
   */
  public RetryAfterException(Duration delay) {
    this(delay, null);
  }

  /**
   * Creates the exception with a cause.
   *
   * @param delay how long to leave the items alone; zero or more, at most 365 days
   * @param cause what the remote answered
   * @throws IllegalArgumentException if the delay is out of these bounds
   */
  public RetryAfterException(Duration delay, @Nullable Throwable cause) {
    super("the remote asks to be left alone for " + Objects.requireNonNull(delay, "delay"), cause);
    if (delay.isNegative() || delay.compareTo(Duration.ofDays(365)) > 0) {
      throw new IllegalArgumentException("delay must be from PT0S to PT8760H (365 days), but is " + delay);
    }
    this.delay = delay;
  }

  /**
   * Returns how long to leave the items alone.
   *
   * @return the delay
   */
  public Duration delay() {
    return delay;
  }
}
