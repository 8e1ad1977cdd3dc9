package io.autorefresh.internal.schedule;

/**
 * Says when the next of many calls may begin, so that there are no more than so many a second: one every {@code gap},
 * and after a delay at most as many at once as belong to 50 ms, but at least one. In any stretch of time w there begin
 * at most {@code 1 + (w + tolerance) / gap}, with a tolerance of 50 ms less the gap, or zero. What was not used is
 * lost: a pacer that stood still does not catch up.
 *
 * <p>This is the Generic Cell Rate Algorithm (ITU-T I.371), a leaky bucket that needs one number. Plain arithmetic:
 * the reading of the ticker comes from the caller, who also sees to it that one thread at a time uses it.
 */
public final class Pacer {

  private static final long BURST = 50_000_000;
  private static final double SECOND = 1e9;

  private final long gap;
  /** When the last call was due, had all come evenly; meaningless before the first. */
  private long last;
  private boolean begun;

  /**
   * Creates a pacer whose first call may begin at once.
   *
   * @param gap nanoseconds from one call to the next
   */
  Pacer(long gap) {
    this.gap = gap;
  }

  /** Creates the pacer of so many calls a second. */
  public static Pacer perSecond(double calls) {
    return new Pacer((long) Math.ceil(SECOND / calls));
  }

  /** Returns for how long to wait before the next call may begin; zero if it may at once. */
  public long delay(long now) {
    return begun ? Math.max(0, last + gap - Math.max(0, BURST - gap) - now) : 0;
  }

  /** Counts a call that begins, at a time at which {@link #delay} is zero. */
  public void begin(long now) {
    long due = last + gap;
    last = begun && due - now > 0 ? due : now;
    begun = true;
  }
}
