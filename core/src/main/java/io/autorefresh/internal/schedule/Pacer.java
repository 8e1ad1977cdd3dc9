package io.autorefresh.internal.schedule;

/**
 * Says when the next of many calls may begin, so that they come evenly: one every {@code gap}, and at most as many at
 * once as belong to {@code tolerance}. In any stretch of time w there begin at most {@code 1 + (w + tolerance) / gap}.
 * What was not used is lost: a pacer that stood still does not catch up.
 *
 * <p>This is the Generic Cell Rate Algorithm (ITU-T I.371), a leaky bucket that needs one number. Plain arithmetic: the
 * reading of the ticker comes from the caller, who also sees to it that one thread at a time uses it.
 */
public final class Pacer {

  private static final long BURST = 50_000_000;

  private final long tolerance;
  private long gap;
  /** When the last call was due, had all come evenly; meaningless before the first. */
  private long last;
  private boolean begun;

  /**
   * Creates a pacer whose first call may begin at once.
   *
   * @param gap nanoseconds from one call to the next, zero for no pacing
   * @param tolerance nanoseconds
   */
  public Pacer(long gap, long tolerance) {
    this.gap = gap;
    this.tolerance = tolerance;
  }

  /** Creates the pacer of so many calls a second, at most as many at once as belong to 50 ms, but at least one. */
  public static Pacer perSecond(double calls) {
    long gap = (long) Math.ceil(1e9 / calls);
    return new Pacer(gap, Math.max(0, BURST - gap));
  }

  /** Sets the gap between the last call and the next, and those after. */
  public void setGap(long gap) {
    this.gap = gap;
  }

  /** Returns for how long to wait before the next call may begin; zero if it may at once. */
  public long delay(long now) {
    return begun ? Math.max(0, last + gap - tolerance - now) : 0;
  }

  /** Counts a call that begins, at a time at which {@link #delay} is zero. */
  public void begin(long now) {
    long due = last + gap;
    last = begun && due - now > 0 ? due : now;
    begun = true;
  }
}
