package io.autorefresh.internal.engine;

import io.autorefresh.internal.cycle.FailureLog;
import io.autorefresh.internal.cycle.Settings;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Warns once of a cache that nobody has started: when an item is created a period or more after the first one, and
 * neither {@code start} nor {@code run} nor {@code sync} was called.
 */
final class Negligence {

  private final Settings<?, ?> settings;
  private final FailureLog log;
  private final AtomicBoolean any = new AtomicBoolean();
  private volatile long first;
  private volatile boolean possible = true;

  Negligence(Settings<?, ?> settings, FailureLog log) {
    this.settings = settings;
    this.log = log;
  }

  /** Whether the cache may have been forgotten. */
  boolean isPossible() { return possible; }

  /** An item was created. */
  void created() {
    long now = settings.ticker.read();
    if (any.compareAndSet(false, true)) {
      first = now;
    } else if (now - first >= settings.period() && possible) {
      possible = false;
      log.log(Level.WARNING, "items are created, but nothing is refreshed: start() was never called");
    }
  }

  /** Nobody has forgotten the cache. */
  void isOver() {
    possible = false;
  }
}
