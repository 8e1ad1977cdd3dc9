package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import java.util.concurrent.locks.LockSupport;

/**
 * The one place at which a thread of this library waits: it parks until another thread rings or a time has come.
 *
 * <p>Times are readings of the cache's ticker or of real time. On the system ticker the owner parks for exactly as long
 * as it has to. Any other ticker may be moved by hand without a notice, so the owner looks at it every millisecond.
 *
 * <p>A thread that changes what the owner waits for changes it first and rings then. A ring that comes while nobody waits
 * ends the next wait at once, so none is lost. The owner may wake for nothing.
 */
public final class Signal {

  /** No time. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long LOOK_AGAIN = 1_000_000;

  private final Ticker ticker;
  private final Ticker realTime;
  private final boolean moved;
  private volatile Thread owner = Thread.currentThread();
  private volatile boolean rung;
  private volatile boolean waiting;

  // The owner's alone.
  private boolean timed;
  private long end;
  private boolean reallyTimed;
  private long realEnd;

  /** Creates the signal of the calling thread. */
  public Signal(Ticker ticker) {
    this(ticker, Ticker.systemTicker());
  }

  Signal(Ticker ticker, Ticker realTime) {
    this.ticker = ticker;
    this.realTime = realTime;
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
   * Ends the next wait at a time of the ticker, unless an earlier one was given.
   *
   * @param now the reading from which the delay counts
   * @param delay nanoseconds, or {@link #NEVER}
   */
  public void wakeAfter(long now, long delay) {
    if (delay != NEVER && (!timed || now + delay - end < 0)) {
      timed = true;
      end = now + delay;
    }
  }

  /** The same by real time. */
  public void reallyWakeAfter(long realNow, long delay) {
    if (delay != NEVER && (!reallyTimed || realNow + delay - realEnd < 0)) {
      reallyTimed = true;
      realEnd = realNow + delay;
    }
  }

  /**
   * Waits until rung, interrupted (the status is kept), or one of the times given since the last wait has come.
   *
   * @return how many nanoseconds later than the earliest time of the system ticker the wait ended, or zero
   */
  public long await() {
    waiting = true;
    for (long left; (left = left()) > 0 && !Thread.currentThread().isInterrupted(); ) {
      LockSupport.parkNanos(this, timed && moved ? Math.min(left, LOOK_AGAIN) : left);
    }
    waiting = false;
    long late = timed && !moved ? Math.max(0, ticker.read() - end) : 0;
    reset();
    return late;
  }

  /** Returns how long there is nothing to wake for unless another thread rings; zero or less if there is now. */
  public long left() {
    if (rung) {
      return 0;
    }
    long left = timed ? end - ticker.read() : NEVER;
    return reallyTimed ? Math.min(left, realEnd - realTime.read()) : left;
  }

  /** The wait is over: what it waited for is forgotten. */
  public void reset() {
    rung = false;
    timed = false;
    reallyTimed = false;
  }
}
