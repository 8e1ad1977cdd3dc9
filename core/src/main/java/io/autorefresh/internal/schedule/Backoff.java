package io.autorefresh.internal.schedule;

import io.autorefresh.RetryAfterException;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides how long a failed item is left alone: {@code initial * 2^(k-1)} after its k-th failure in a row, at most
 * {@code max}, times a random factor from a half to one, so that calls that failed together do not all come back
 * together (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: "equal jitter"). The items of one
 * call that failed as a whole share the factor, and come back together. A remote that said when to come back is obeyed
 * exactly; one that asks for no delay again and again gets a least one, so that it is not called without end.
 *
 * <p>Plain arithmetic: the ticker's readings and the random numbers come from outside.
 */
public final class Backoff {

  private static final double LEAST = 0.5;

  private static final int MAX_CAUSES = 100;
  private static final int MAX_DISTANCE = 16;
  private static final long MAX_PROBE = 300_000_000_000L;
  /** As long as a time can be away, in nanoseconds. */
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
   * @param least the least delay that a remote may ask for again and again, in nanoseconds
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

  /** Returns how long an item is left alone that failed so many times in a row. */
  public long delay(int count, Cause cause, double jitter) {
    long asked = cause.retryAfter();
    if (asked < 0) {
      return delay(count, jitter);
    }
    return count == 1 ? asked : Math.max(asked, least);
  }

  /**
   * Returns how long an item is left alone whose call, for it alone, was abandoned and still runs: from one period to
   * sixteen, or five minutes if that is less; after sixteen times, twice as long each time.
   *
   * @param hung how many times in a row
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
