package io.autorefresh.kit;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for conditions, as long as a very slow machine may need, and no longer than the condition takes. */
public final class Await {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private Await() {}

  /** Returns when the condition holds; fails, naming it, when that does not happen within 30 s. */
  public static void until(String condition, Callable<Boolean> holds) throws Exception {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!holds.call()) {
      if (System.nanoTime() - deadline > 0) {
        fail("waited %s in vain until %s", PATIENCE, condition);
      }
      LockSupport.parkNanos(200_000);
    }
  }

  /**
   * Returns as soon as the condition holds, by looking all the time, so that what follows happens at one moment with
   * what the other thread does that brings it about. Where there are too few processors, that thread gets this one's.
   */
  public static void spinUntil(BooleanSupplier holds) {
    for (int i = 1; !holds.getAsBoolean(); i++) {
      if (i % 1_000 == 0) {
        Thread.yield();
      }
      Thread.onSpinWait();
    }
  }
}
