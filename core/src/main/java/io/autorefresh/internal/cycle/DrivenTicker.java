package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;

/**
 * A ticker that is moved by hand, and therefore has to know the threads of a cache: which of them run, and for which
 * time the others wait. {@link Signal} and {@link NamedThreads} tell it. All methods may be called by any thread.
 */
public abstract class DrivenTicker implements Ticker {

  /** Creates a ticker that knows no thread. */
  protected DrivenTicker() {}

  /**
   * A thread of a cache runs from now on: it is about to start, or is the caller's.
   *
   * @param thread the thread
   */
  protected abstract void enter(Thread thread);

  /** The calling thread, which has entered, ends or belongs to the cache no longer. */
  protected abstract void leave();

  /**
   * The calling thread waits until its signal is rung, by another thread or by this ticker.
   *
   * @param signal where it waits
   */
  protected abstract void rest(Signal signal);

  /** The calling thread waits no longer. */
  protected abstract void goOn();

  /**
   * Draws a number from 0 to 1, the same in each run for the same draw of the same thread.
   *
   * @return the number
   */
  protected abstract double random();
}
