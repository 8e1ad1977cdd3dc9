package io.autorefresh.kit;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

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
}
