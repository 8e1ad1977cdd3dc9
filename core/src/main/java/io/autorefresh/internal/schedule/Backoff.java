package io.autorefresh.internal.schedule;

import io.autorefresh.RetryAfterException;
import io.autorefresh.internal.items.Failure;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides for how long an item that failed is left alone: {@code initial * 2^(k-1)} after its k-th failure in a
 * row, at most {@code max}, times a random factor from a half to one, so that calls that failed together do not all
 * come back together (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: "equal jitter"). The
 * factors of the items of one call that failed as a whole are near each other: a few calls will do for them again, and
 * not one each. A remote that said when to come back is obeyed to the letter.
 *
 * <p>Plain arithmetic: the ticker's readings and the random numbers come from outside.
 */
public final class Backoff {

  private static final double LEAST = 0.5;
  private static final double NEAR = 1.0 / 32;

  private static final int MAX_CAUSES = 100;

  private final long initial;
  private final long max;
  private final DoubleSupplier random;

  /**
   * Creates the policy.
   *
   * @param initial nanoseconds
   * @param max nanoseconds
   * @param random numbers from 0 to 1; safe for use by many threads if this is
   */
  public Backoff(long initial, long max, DoubleSupplier random) {
    this.initial = initial;
    this.max = max;
    this.random = random;
  }

  /** Draws a random factor. */
  public double jitter() {
    return LEAST + random.getAsDouble() * (1 - LEAST);
  }

  /** Draws a random factor for one of several items that failed together, near to that of all. */
  public double jitterNear(double shared) {
    return Math.max(LEAST, shared - random.getAsDouble() * NEAR);
  }

  /** Returns the failures in a row after one more. */
  public Failure next(@Nullable Failure before, Throwable cause, long retryAfter, long now, double jitter) {
    int count = before == null ? 1 : before.count() == Integer.MAX_VALUE ? Integer.MAX_VALUE : before.count() + 1;
    boolean asked = retryAfter >= 0;
    return new Failure(count, cause, now, now + (asked ? retryAfter : delay(count, jitter)), asked);
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
