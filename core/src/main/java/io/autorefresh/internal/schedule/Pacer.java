package io.autorefresh.internal.schedule;

/**
 * Computes the time at which the next of many calls may begin: one every {@code gap}. A call that begins late delays
 * later calls as well, except for the {@code tolerance}: lateness up to that is caught up. In any stretch of time w at
 * most {@code 1 + (w + tolerance) / gap} calls begin.
 *
 * <p>This is the Generic Cell Rate Algorithm (ITU-T I.371), a leaky bucket that needs one number. Plain arithmetic: the
 * reading of the ticker comes from the caller. Not safe for use by several threads.
 */
public final class Pacer {

  /** The tolerance that the contract allows, in nanoseconds. */
  static final long BURST = 50_000_000;

  private static final double SECOND = 1e9;

  private long gap;
  private final long tolerance;
  /** The time at which the next call is due. */
  private long due;

  /**
   * Creates a pacer.
   *
   * @param due the time at which the first call may begin
   * @param gap nanoseconds from one call to the next
   * @param tolerance nanoseconds of lateness that are caught up
   */
  Pacer(long due, long gap, long tolerance) {
    this.due = due;
    this.gap = gap;
    this.tolerance = tolerance;
  }

  /** Creates a pacer of the given calls a second. The calls of 50 ms, and at least one, may begin at once. */
  public static Pacer perSecond(double calls, long now) {
    long gap = (long) Math.ceil(SECOND / calls);
    long tolerance = Math.max(0, BURST - gap);
    return new Pacer(now - tolerance, gap, tolerance);
  }

  /** Returns the time until the next call may begin; zero if it may begin now. */
  long delay(long now) { return Math.max(0, due - now); }

  /** Returns how many calls may begin in so many nanoseconds, in the long run. */
  int callsIn(long nanos) { return (int) Math.min(Integer.MAX_VALUE, nanos / gap); }

  /** Counts a call that begins, at a time at which {@link #delay} is zero. */
  void begin(long now) {
    due = Math.max(due - now, -tolerance) + now + gap;
  }

  /** Changes the gap, the present one included. */
  void setGap(long gap) {
    due += gap - this.gap;
    this.gap = gap;
  }
}
