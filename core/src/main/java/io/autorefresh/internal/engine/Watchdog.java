package io.autorefresh.internal.engine;

import io.autorefresh.internal.cycle.Log;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Sees to the time of jobs where the owners of their cycles cannot. An owner mostly is a virtual thread, and does not
 * run as long as callbacks keep all processors: those that compute, and on JDK 21 to 23 also those that wait while they
 * hold a monitor. Who ends them must be a thread of another kind. While there are cycles, the JDK's own timer looks now
 * and then whether a job is late, so that no thread of ours is needed for that; and only if one is, a thread is started
 * to do what the owner would have done, as that calls user code (it logs ids). Where owners are in time, as ever but
 * then, nothing is late.
 */
final class Watchdog {

  private static final long MIN_INTERVAL = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long MAX_INTERVAL = TimeUnit.SECONDS.toNanos(1);

  private final long interval;
  private final BooleanSupplier needed;
  private final BooleanSupplier late;
  private final Runnable remedy;
  private final AtomicBoolean awake = new AtomicBoolean();

  /**
   * Creates a watchdog that sleeps.
   *
   * @param timeout of a job, in nanoseconds
   * @param needed whether there is something to look after; brief
   * @param late whether something of that has taken too long; brief
   * @param remedy sees to that
   */
  Watchdog(long timeout, BooleanSupplier needed, BooleanSupplier late, Runnable remedy) {
    this.interval = Math.max(MIN_INTERVAL, Math.min(timeout, MAX_INTERVAL));
    this.needed = needed;
    this.late = late;
    this.remedy = remedy;
  }

  /** It is needed from now on, until it finds that it is not. */
  void wake() {
    if (!awake.get() && awake.compareAndSet(false, true)) {
      waitAndLook();
    }
  }

  private void waitAndLook() {
    try {
      new CompletableFuture<Void>().completeOnTimeout(null, interval, TimeUnit.NANOSECONDS).thenRun(this::look);
    } catch (Throwable t) {
      awake.set(false);
      Log.warn("jobs that take too long may not be seen, as the timer cannot be set", t);
    }
  }

  private void look() {
    if (needed.getAsBoolean()) {
      remedyIfLate();
      waitAndLook();
    } else {
      awake.set(false);
      // Whoever needed it before that may have found it awake.
      if (needed.getAsBoolean()) {
        wake();
      }
    }
  }

  private void remedyIfLate() {
    try {
      if (late.getAsBoolean()) {
        Thread.ofPlatform().daemon().name("autorefresh-watchdog").start(remedy);
      }
    } catch (Throwable t) {
      Log.warn("jobs that take too long could not be ended", t);
    }
  }
}
