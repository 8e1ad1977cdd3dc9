package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import java.util.concurrent.locks.LockSupport;

/**
 * The one seam through which this library waits: its owner parks until it is rung or a time has come.
 *
 * <p>Time is the ticker's. On the system ticker the owner parks for exactly as long as it has to; any other may be
 * moved by hand, with nobody told, so it is looked at every millisecond.
 *
 * <p>Whoever changes what the owner waits for changes it first and rings then; the owner looks at it after it woke.
 * A ring that comes while nobody waits ends the next wait at once, so none is lost. Waking up for nothing is allowed.
 */
public final class Alarm {

  /** No time is waited for. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long LOOK_AGAIN = 1_000_000;

  private final Ticker ticker;
  private final Ticker realTime;
  private final boolean moved;
  private final Thread owner = Thread.currentThread();
  private volatile boolean rung;
  private volatile boolean waiting;

  // The owner's alone.
  private boolean timed;
  private long end;
  private boolean reallyTimed;
  private long realEnd;

  /** Creates the alarm of the calling thread. */
  public Alarm(Ticker ticker) {
    this(ticker, Ticker.systemTicker());
  }

  /** The same with what counts as real time. */
  public Alarm(Ticker ticker, Ticker realTime) {
    this.ticker = ticker;
    this.realTime = realTime;
    this.moved = ticker != Ticker.systemTicker();
  }

  /** Whether the owner is interrupted and has not taken note of that. May be called by any thread. */
  public boolean isOwnerInterrupted() {
    return owner.isInterrupted();
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
   * Lets the next wait end at a time of the ticker, unless an earlier one was given.
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

  /**
   * The same by real time.
   *
   * @param realNow the reading of the real time from which the delay counts
   * @param delay nanoseconds, or {@link #NEVER}
   */
  public void reallyWakeAfter(long realNow, long delay) {
    if (delay != NEVER && (!reallyTimed || realNow + delay - realEnd < 0)) {
      reallyTimed = true;
      realEnd = realNow + delay;
    }
  }

  /** The reading of the real time. */
  long realNow() {
    return realTime.read();
  }

  /** Waits until rung, interrupted (whose status is kept), or one of the times given since the last wait has come. */
  public void await() {
    waiting = true;
    for (long left; (left = left()) > 0 && !owner.isInterrupted(); ) {
      LockSupport.parkNanos(this, timed && moved ? Math.min(left, LOOK_AGAIN) : left);
    }
    waiting = false;
    reset();
  }

  /** For how long there is nothing to wake for, if nobody rings: zero or less if there is by now. */
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
