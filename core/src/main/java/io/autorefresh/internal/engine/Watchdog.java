package io.autorefresh.internal.engine;

import io.autorefresh.internal.cycle.Log;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Sees to the time of jobs where the owners of their cycles cannot. An owner mostly is a virtual thread, and does not
 * run as long as callbacks keep all processors: those that compute, and on JDK 21 to 23 also those that wait while they
 * hold a monitor. Who ends them must be a thread of another kind. It is that of the JDK's own timer, so that there is
 * none of ours; it looks now and then while there are cycles, and not at all while there are none.
 *
 * <p>It does what the owner does when it finds a job whose time is over, and no more; so where the owner is in time, as
 * ever but then, it finds nothing to do.
 */
final class Watchdog {

  private static final long MIN_INTERVAL = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long MAX_INTERVAL = TimeUnit.SECONDS.toNanos(1);

  private final long interval;
  private final BooleanSupplier needed;
  private final Runnable look;
  private final AtomicBoolean awake = new AtomicBoolean();

  /**
   * Creates a watchdog that sleeps.
   *
   * @param timeout of a job, in nanoseconds
   * @param needed whether there is something to look after
   * @param look takes care of what has taken too long; brief
   */
  Watchdog(long timeout, BooleanSupplier needed, Runnable look) {
    this.interval = Math.max(MIN_INTERVAL, Math.min(timeout, MAX_INTERVAL));
    this.needed = needed;
    this.look = look;
  }

  /** It is needed from now on, until it finds that it is not. */
  void wake() {
    if (!awake.get() && awake.compareAndSet(false, true)) {
      waitAndLook();
    }
  }

  private void waitAndLook() {
    new CompletableFuture<Void>().completeOnTimeout(null, interval, TimeUnit.NANOSECONDS).thenRun(this::look);
  }

  private void look() {
    if (needed.getAsBoolean()) {
      try {
        look.run();
      } catch (Throwable t) {
        Log.warn("the look after jobs that take too long failed", t);
      }
      waitAndLook();
    } else {
      awake.set(false);
      // Whoever needed it before that may have found it awake.
      if (needed.getAsBoolean()) {
        wake();
      }
    }
  }
}
