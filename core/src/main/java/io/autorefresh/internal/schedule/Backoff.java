package io.autorefresh.internal.schedule;

import io.autorefresh.RetryAfterException;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Computes the delay of a failed item: {@code initial * 2^(k-1)} after its k-th failure in a row, at most {@code max},
 * times a random factor from a half to one. The factor keeps calls apart that failed together (Brooker, "Exponential
 * Backoff And Jitter", AWS Architecture Blog, 2015: "equal jitter"). The items of one call that failed as a whole share
 * the factor, and are due together. A delay that the remote asked for is kept exactly. From the second failure in a row
 * on, it has a least value, so that a remote that asks for no delay is not called without end.
 *
 * <p>Plain arithmetic: the ticker's readings and the random numbers come from outside.
 */
public final class Backoff {

  private static final double LEAST = 0.5;

  private static final int MAX_CAUSES = 100;
  private static final int MAX_DISTANCE = 16;
  private static final long MAX_PROBE = 300_000_000_000L;
  /** The longest delay, in nanoseconds. */
  private static final long FOREVER = Long.MAX_VALUE / 4;

  private final long initial;
  private final long max;
  private final long least;
  private final DoubleSupplier random;

  /**
   * Creates the policy.
   *
   * @param initial nanoseconds
   * @param max nanoseconds
   * @param least the least delay that a remote may ask for from the second failure in a row on, in nanoseconds
   * @param random numbers from 0 to 1; safe for use by many threads if this is
   */
  public Backoff(long initial, long max, long least, DoubleSupplier random) {
    this.initial = initial;
    this.max = max;
    this.least = least;
    this.random = random;
  }

  /** Draws a random factor. */
  public double jitter() { return LEAST + random.getAsDouble() * (1 - LEAST); }

  /** Returns the failures in a row after one more, by an outcome of its own. */
  public Failure next(@Nullable Failure before, Cause cause, long now, double jitter) {
    return Failure.after(before, cause, now, now + delay(Failure.countAfter(before), cause, jitter), false, false);
  }

  /** Returns the delay of an item after the given number of failures in a row. */
  public long delay(int count, Cause cause, double jitter) {
    long asked = cause.retryAfter();
    if (asked < 0) {
      return delay(count, jitter);
    }
    return count == 1 ? asked : Math.max(asked, least);
  }

  /**
   * Returns the delay of an item whose call, for it alone, was abandoned and still runs. It grows from one period to
   * sixteen, or five minutes if that is less. After sixteen times it doubles each time.
   *
   * @param hung the number of such calls in a row
   */
  public static long probeDelay(int hung, long period) {
    long most = Math.max(period, Math.min(MAX_DISTANCE * period, MAX_PROBE));
    long distance = Math.min(most, period << Math.min(hung - 1, 4));
    int doublings = Math.max(0, hung - MAX_DISTANCE);
    return doublings > 62 || distance > FOREVER >> doublings ? FOREVER : distance << doublings;
  }

  /** Returns the delay that the remote asked for, in nanoseconds, or -1. Calls code of the exception's author. */
  public static long retryAfter(Throwable cause) {
    Throwable at = cause;
    for (int i = 0; i < MAX_CAUSES && at != null; i++) {
      if (at instanceof RetryAfterException exception) {
        return exception.delay().toNanos();
      }
      at = at.getCause();
    }
    return -1;
  }

  private long delay(int failures, double jitter) {
    int doublings = Math.min(failures - 1, 62);
    long full = initial > max >> doublings ? max : initial << doublings;
    return (long) (full * jitter);
  }
}
