package io.autorefresh.proof.simulation;

/**
 * Watches that in any stretch of w nanoseconds at most {@code 1 + (w + tolerance) / gap} calls begin. The k-th call is
 * {@code k gap - t} ahead of an even pace. The rule says that no call is further ahead of an earlier one than the
 * tolerance.
 */
final class Meter {

  /** A call that may begin by an even pace may have to wait for so long by the roundings of a pacer. */
  private static final double SLACK = 2e6;

  private final double tolerance;
  private double gap;
  private double ahead;
  private double least;
  private long last;
  private boolean any;

  Meter(double gap, double tolerance) {
    this.gap = gap;
    this.tolerance = tolerance;
  }

  double gap() {
    return gap;
  }

  /** The pace of the calls to come. */
  void setGap(double gap) {
    this.gap = gap;
  }

  /** A stretch begins of which the calls until now are no part. */
  void beginStretch(long now) {
    any = false;
    last = now;
  }

  /** A call begins; returns whether it may. */
  boolean begins(long now) {
    ahead = any ? ahead + gap - (now - last) : 0;
    least = any ? Math.min(least, ahead) : 0;
    any = true;
    last = now;
    return ahead - least <= tolerance + 1;
  }

  /** Whether one more call may begin for certain, even if so many places between the calls were lost. */
  boolean mayBegin(long now, int lost) {
    return now - last >= (1 + lost) * gap + SLACK;
  }
}
