package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import java.util.concurrent.locks.LockSupport;

/**
 * The one place at which a thread of this library waits: it parks until another thread rings or a time has come.
 *
 * <p>Times are readings of the cache's ticker or of real time. Nanoseconds of the ticker count as real time, so that
 * the owner parks for exactly as long as necessary. A {@link DrivenTicker} is moved by hand instead: it knows the time
 * for which each owner waits, and rings at that time.
 *
 * <p>A thread changes the condition first and rings then. A ring that comes while the owner does not wait ends the next
 * wait at once, so none is lost. The owner may wake for no reason.
 */
public final class Signal {

  /** No time. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long SOON = 50_000_000;

  private final Ticker ticker;
  private final Ticker realTime;
  private volatile Thread owner = Thread.currentThread();
  private volatile boolean rung;
  private volatile boolean waiting;

  // Written by the owner, while it does not wait.
  private boolean timed;
  private long end;
  private boolean reallyTimed;
  private long realEnd;

  /** Creates a signal; its owner is the thread that waits. */
  public Signal(Ticker ticker) {
    this(ticker, Ticker.systemTicker());
  }

  Signal(Ticker ticker, Ticker realTime) {
    this.ticker = ticker;
    this.realTime = realTime;
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
   * @return how many nanoseconds after the earliest time of the ticker the wait ended, or zero if the ticker is moved
   *     by hand
   */
  public long await() {
    owner = Thread.currentThread();
    waiting = true;
    long late = 0;
    if (ticker instanceof DrivenTicker driven) {
      driven.rest(this);
      park(true);
      driven.goOn();
    } else {
      park(false);
      late = timed ? Math.max(0, ticker.read() - end) : 0;
    }
    waiting = false;
    reset();
    return late;
  }

  /** Parks; a time of a ticker that is moved by hand has come when the ticker rings, and not before. */
  private void park(boolean driven) {
    for (long left; (left = left(!driven)) > 0 && !Thread.currentThread().isInterrupted(); ) {
      LockSupport.parkNanos(this, left);
    }
  }

  /** Returns the time until the next wake-up, except by another thread; zero or less if it is due. */
  public long left() { return left(true); }

  private long left(boolean byTicker) {
    if (rung) {
      return 0;
    }
    long left = timed && byTicker ? end - ticker.read() : NEVER;
    return reallyTimed ? Math.min(left, realEnd - realTime.read()) : left;
  }

  /** The wait is over: clears the ring and the times. */
  public void reset() {
    rung = false;
    timed = false;
    reallyTimed = false;
  }

  // Asked by a ticker that is moved by hand, while the owner waits

  /** Whether the owner stays parked until the ticker moves or a thread rings that does not wait itself. */
  public boolean isAtRest() {
    boolean wakesSoon = reallyTimed && realEnd - realTime.read() < SOON;
    return !rung && !wakesSoon && !owner.isInterrupted();
  }

  /** Whether the owner waits for a time of the ticker. */
  public boolean isTimed() { return timed; }

  /** The time for which the owner waits, if it does. */
  public long end() { return end; }

  /** The thread that waits. */
  public Thread owner() { return owner; }
}
