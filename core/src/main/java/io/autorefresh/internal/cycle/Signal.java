package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The one place at which a thread of this library waits: it parks until another thread rings or a time has come.
 *
 * <p>Times are readings of the cache's ticker or of real time. The nanoseconds of a ticker are taken for real time, so
 * that the owner parks for exactly as long as it has to. A {@link DrivenTicker} is moved by hand instead: it knows
 * for which time each owner waits, and releases the owner at that time.
 *
 * <p>A thread that changes what the owner waits for changes it first and rings then. A ring that comes while nobody
 * waits ends the next wait at once, so none is lost. The owner may wake for nothing.
 */
public final class Signal {

  /** No time. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long SOON = 50_000_000;

  private final Ticker ticker;
  private final Ticker realTime;
  private final @Nullable DrivenTicker driven;
  private final Thread owner = Thread.currentThread();
  private volatile boolean rung;
  private volatile boolean waiting;
  private volatile boolean released;

  // Written by the owner, while it does not wait.
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
    this.driven = ticker instanceof DrivenTicker movedByHand ? movedByHand : null;
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
   * @return how many nanoseconds later than the earliest time of the ticker the wait ended, or zero if it is moved by
   * hand
   */
  public long await() {
    waiting = true;
    if (driven == null) {
      park();
    } else {
      driven.rest(this);
      park();
      driven.goOn();
    }
    waiting = false;
    long late = timed && driven == null ? Math.max(0, ticker.read() - end) : 0;
    reset();
    return late;
  }

  private void park() {
    for (long left; (left = leftToPark()) > 0 && !Thread.currentThread().isInterrupted(); ) {
      LockSupport.parkNanos(this, left);
    }
  }

  /** The time of a ticker that is moved by hand has come when that says so, and not before. */
  private long leftToPark() {
    if (driven == null) {
      return left();
    }
    return rung || released ? 0 : reallyTimed ? realEnd - realTime.read() : NEVER;
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
    released = false;
    timed = false;
    reallyTimed = false;
  }

  // What a ticker that is moved by hand asks, of a signal whose owner waits

  /** The time for which the owner waits has come. */
  public void release() {
    released = true;
    LockSupport.unpark(owner);
  }

  /**
   * Whether the owner stays parked, not only for a moment, until the ticker moves or a thread rings that does not wait.
   */
  public boolean isAtRest() {
    boolean wakesSoon = reallyTimed && realEnd - realTime.read() < SOON;
    return !rung && !released && !wakesSoon && !owner.isInterrupted();
  }

  /** Whether the owner waits for a time of the ticker. */
  public boolean isTimed() { return timed; }

  /** The time for which the owner waits, if it does. */
  public long end() { return end; }

  /** The thread that waits. */
  public Thread owner() { return owner; }
}
