package io.autorefresh.internal.cycle;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Logs what user code throws, once per cause: the kind of callback and the class of what it threw. There is a new one for
 * each cycle; how often it happened is in the counters.
 */
public final class CauseLog {

  private static final System.Logger LOG = System.getLogger("io.autorefresh");
  private static final int MAX_CAUSES = 100;

  private record Cause(String callback, Class<?> thrown) {}

  private final String name;
  private final Set<Cause> seen = ConcurrentHashMap.newKeySet();

  public CauseLog(String name) {
    this.name = name;
  }

  /** Logs what a callback threw, unless it was logged before. */
  public void log(String callback, Object id, Throwable thrown) {
    if (seen.size() < MAX_CAUSES && seen.add(new Cause(callback, thrown.getClass()))) {
      try {
        LOG.log(
            Level.WARNING,
            () -> name + ": " + callback + " failed for " + id + "; the like in this cycle is counted only",
            thrown);
      } catch (Throwable t) {
        // An id or an exception that cannot be printed: what matters is said without them.
        LOG.log(Level.WARNING, "{0}: {1} failed with {2}", name, callback, thrown.getClass().getName());
      }
    }
  }
}
