package io.autorefresh.internal.schedule;

/**
 * Says when the next of many calls may begin, so that they come evenly: one every {@code gap}, and after a delay at
 * most as many at once as belong to 50 ms, but at least one. In any stretch of time w there begin at most {@code 1
 * + (w + tolerance) / gap}, with a tolerance of 50 ms less the gap, or zero. What was not used is lost: a pacer
 * that stood still does not catch up.
 *
 * <p>This is the Generic Cell Rate Algorithm (ITU-T I.371), a leaky bucket that needs one number. Plain arithmetic:
 * the reading of the ticker comes from the caller, who also sees to it that one thread at a time uses it.
 */
public final class Pacer {

  private static final long BURST = 50_000_000;
  private static final double SECOND = 1e9;
  /** In any second there may be so many times the mean. */
  private static final double MOST = 1.2;
  /** The part of a period that evenly spread calls take if they may: the rest absorbs delays. */
  private static final double SPREAD = 0.9;
  private static final double ROUNDING = 1e-6;

  private long gap;
  /** When the last call was due, had all come evenly; meaningless before the first. */
  private long last;
  private boolean begun;

  /**
   * Creates a pacer whose first call may begin at once.
   *
   * @param gap nanoseconds from one call to the next, zero for no pacing
   */
  public Pacer(long gap) {
    this.gap = gap;
  }

  /** Creates the pacer of so many calls a second. */
  public static Pacer perSecond(double calls) {
    return new Pacer((long) Math.ceil(SECOND / calls));
  }

  /**
   * Spreads calls over a period from the next one on: over nine tenths of it, or over more if only that keeps each
   * second within 1.2 times the mean. Where few calls a second do not let that be, since they cannot be split, no
   * second sees more of them than the evenest pace would bring.
   *
   * @param period nanoseconds
   */
  public void spread(long period, int calls) {
    double mean = (double) period / Math.max(1, calls);
    double most = Math.max(Math.floor(MOST * SECOND / mean), Math.ceil(SECOND / mean - ROUNDING));
    double least = (SECOND + Math.max(0, BURST - mean)) / most + 1;
    gap = (long) Math.ceil(Math.min(mean, Math.max(SPREAD * mean, least)));
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
