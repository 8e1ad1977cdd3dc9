package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/**
 * Spreads the calls of periodic cycles over time. The walk of a cycle is handed out evenly over nine tenths of its
 * period; things with due times of their own, at most at the rate at which all live things would be called in that
 * time. Both have a {@link Pacer} with a tolerance of 50 ms. While the spread is off, no call waits for it.
 */
final class Spread {

  /** The part of a period over which a walk is spread; the rest absorbs delays. */
  private static final double PART = 0.9;

  private final long period;
  private final double phase;
  private boolean on;
  private @Nullable Pacer walk;
  private @Nullable Pacer apart;
  private long batchesOfAll;

  /**
   * Creates a spread that is off.
   *
   * @param period nanoseconds
   * @param phase the part of the first gap after which a walk begins, from 0 to 1
   */
  Spread(long period, double phase) {
    this.period = period;
    this.phase = phase;
  }

  /**
   * A periodic cycle begins.
   *
   * @param atOnce whether the walk begins without its phase, since the previous one was not handed out
   */
  void begin(long now, boolean atOnce, long batchesOfWalk, long batchesOfAll) {
    on = true;
    long gap = gap(batchesOfWalk);
    walk = new Pacer(now + (atOnce ? 0 : (long) (phase * gap)), gap, Pacer.BURST);
    setBatchesOfAll(now, batchesOfAll);
  }

  /** A batch of new things is live from now on. */
  void add(long now) {
    if (on) {
      setBatchesOfAll(now, batchesOfAll + 1);
    }
  }

  private void setBatchesOfAll(long now, long batches) {
    batchesOfAll = batches;
    if (apart == null) {
      apart = new Pacer(now, gap(batches), Pacer.BURST);
    } else {
      apart.setGap(gap(batches));
    }
  }

  private long gap(long batches) { return (long) Math.ceil(PART * period / Math.max(1, batches)); }

  /** A cycle on demand begins, which is not spread. */
  void pause() {
    on = false;
  }

  /** The periodic cycle goes on, if there is one. */
  void resume() {
    on = walk != null;
  }

  boolean isOn() { return on; }

  long delayOfWalk(long now) { return on && walk != null ? walk.delay(now) : 0; }

  long delayApart(long now) { return on && apart != null ? apart.delay(now) : 0; }

  void beginOfWalk(long now) {
    if (on && walk != null) {
      walk.begin(now);
    }
  }

  void beginApart(long now) {
    if (on && apart != null) {
      apart.begin(now);
    }
  }
}
