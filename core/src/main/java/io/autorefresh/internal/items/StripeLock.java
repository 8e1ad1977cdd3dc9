package io.autorefresh.internal.items;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The lock of a stripe, for whose owner somebody else may wait a while: an id's {@code equals} may hang under it. */
final class StripeLock extends ReentrantLock {

  private static final long serialVersionUID = 1;

  /** Returns who has it just now, or null. */
  @Nullable Thread owner() {
    return getOwner();
  }

  /** Returns true when it was free for a moment, or false after so many nanoseconds. Keeps an interrupt for later. */
  boolean awaitFree(long timeout) {
    long begun = System.nanoTime();
    boolean interrupted = Thread.interrupted();
    try {
      for (;;) {
        try {
          boolean free = tryLock(timeout - (System.nanoTime() - begun), TimeUnit.NANOSECONDS);
          if (free) {
            unlock();
          }
          return free;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
