package io.autorefresh.internal.items;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of user code, which closing may interrupt, in a thread that need not be ours. The interruption arrives
 * within the stretch or not at all: what the code did not notice of it does not stay behind in the caller's thread.
 *
 * <p><b>Stretches within each other</b>, as of a creator that asks for another item, share their thread, so that the
 * inner one gets, or takes back at its end, what the outer one was interrupted by. So the outer one hears of it again
 * then, and they share a lock: what is taken back must not be what another stretch has just found there and taken for
 * somebody else's. A job's thread, which is no stretch, is told by whoever knows the jobs.
 *
 * <p><b>A stretch may be left without an end</b>, where stretches within each other exhaust the stack and there is none
 * left to end the innermost. Those that it lies in have more, and see to it when they are closed.
 *
 * <p><b>The caller's own interruption</b> stays where it can be told apart: if it had come before that of closing, and
 * nobody noticed it, it is there still at the end of the stretch. One that comes later cannot be told from what the
 * code restores when it has noticed the interruption by closing, and is taken back with that.
 */
public final class Interruptible {

  /** The innermost stretch of each thread. */
  private static final ThreadLocal<@Nullable Interruptible> INNERMOST = new ThreadLocal<>();

  private final Thread thread = Thread.currentThread();
  private final @Nullable Interruptible outer = INNERMOST.get();
  private final int depth = outer == null ? 1 : outer.depth + 1;
  private final ReentrantLock lock = outer == null ? new ReentrantLock() : outer.lock;
  private final Consumer<Interruptible> whenLeft;
  private boolean over;
  private boolean interrupted;
  /** Whether the thread was interrupted by this, and not by anybody else before. */
  private boolean ours;

  /**
   * Begins a stretch in the calling thread.
   *
   * @param whenLeft run by that thread, and given this stretch, if an outer one is closed and this is not
   */
  public Interruptible(Consumer<Interruptible> whenLeft) {
    this.whenLeft = whenLeft;
    INNERMOST.set(this);
  }

  /** Returns how many stretches the calling thread is in. */
  static int depth() {
    Interruptible innermost = INNERMOST.get();
    return innermost == null ? 0 : innermost.depth;
  }

  public Thread thread() {
    return thread;
  }

  /**
   * Interrupts the stretch, unless it is over or was interrupted by this before.
   *
   * @param onFailure takes what that throws: it closes the channel in which the thread waits, if it is in one
   */
  public void interrupt(Consumer<? super Throwable> onFailure) {
    Throwable failure = null;
    lock.lock();
    try {
      if (!over && !interrupted) {
        interrupted = true;
        interruptThread();
      }
    } catch (Throwable t) {
      failure = t;
    } finally {
      lock.unlock();
    }
    if (failure != null) {
      onFailure.accept(failure);
    }
  }

  /** Ends the stretch; called in its own thread. */
  public void end() {
    lock.lock();
    try {
      if (!over) {
        over = true;
        if (ours) {
          Thread.interrupted();
        }
        if (outer != null && outer.interrupted) {
          outer.interruptThread();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Closes the stretch, when all is done that was to be done at its end; called in its own thread. */
  public void close() {
    for (Interruptible inner = INNERMOST.get(); inner != null && inner != this; inner = inner.outer) {
      inner.end();
      inner.whenLeft.accept(inner);
    }
    if (outer == null) {
      INNERMOST.remove();
    } else {
      INNERMOST.set(outer);
    }
  }

  private void interruptThread() {
    ours |= !thread.isInterrupted();
    thread.interrupt();
  }
}
