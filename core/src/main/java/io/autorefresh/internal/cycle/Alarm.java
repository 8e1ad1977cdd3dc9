package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import java.util.concurrent.locks.LockSupport;

/**
 * The one seam through which this library waits: its owner parks until it is rung or a time has come.
 *
 * <p>Time is the ticker's. On the system ticker the owner parks for exactly as long as it has to; any other may be moved by
 * hand, with nobody told, so it is looked at every millisecond.
 *
 * <p>Whoever changes what the owner waits for changes it first and rings then; the owner looks at it after it woke. A ring
 * that comes while nobody waits ends the next wait at once, so none is lost. Waking up for nothing is allowed.
 */
public final class Alarm {

  /** No time is waited for. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long LOOK_AGAIN = 1_000_000;

  private final Ticker ticker;
  private final boolean moved;
  private final Thread owner = Thread.currentThread();
  private volatile boolean rung;
  private volatile boolean waiting;

  /** Creates the alarm of the calling thread. */
  public Alarm(Ticker ticker) {
    this.ticker = ticker;
    this.moved = ticker != Ticker.systemTicker();
  }

  /** Wakes the owner. */
  public void ring() {
    if (!rung) {
      rung = true;
      if (waiting) {
        LockSupport.unpark(owner);
      }
    }
  }

  /**
   * Waits until rung, interrupted (whose status is kept), or one of the delays has passed.
   *
   * @param delay nanoseconds of the ticker, or {@link #NEVER}
   * @param realDelay nanoseconds of real time, or {@link #NEVER}
   */
  public void await(long delay, long realDelay) {
    long begun = ticker.read();
    long reallyBegun = System.nanoTime();
    waiting = true;
    while (!rung && !owner.isInterrupted()) {
      long left = delay == NEVER ? NEVER : delay - (ticker.read() - begun);
      long reallyLeft = realDelay == NEVER ? NEVER : realDelay - (System.nanoTime() - reallyBegun);
      if (left <= 0 || reallyLeft <= 0) {
        break;
      }
      LockSupport.parkNanos(this, Math.min(reallyLeft, moved ? Math.min(left, LOOK_AGAIN) : left));
    }
    waiting = false;
    rung = false;
  }
}
