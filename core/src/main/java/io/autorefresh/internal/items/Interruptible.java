package io.autorefresh.internal.items;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A stretch of user code in a thread that is not ours, which closing may interrupt. The interruption arrives within
 * the stretch or not at all: what the code did not notice of it does not stay behind in the caller's thread.
 */
public final class Interruptible {

  private final Thread thread = Thread.currentThread();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean over;
  private boolean interrupted;

  public Thread thread() {
    return thread;
  }

  /** Interrupts the stretch, unless it is over or was interrupted by this before. */
  public void interrupt() {
    lock.lock();
    try {
      if (!over && !interrupted) {
        interrupted = true;
        thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Ends the stretch; called in its own thread. */
  public void end() {
    lock.lock();
    try {
      over = true;
      if (interrupted) {
        Thread.interrupted();
      }
    } finally {
      lock.unlock();
    }
  }
}
