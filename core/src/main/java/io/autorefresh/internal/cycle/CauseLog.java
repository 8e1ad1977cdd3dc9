package io.autorefresh.internal.cycle;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Logs what user code throws, once per cycle and cause: the kind of callback and the class of what it threw. How
 * often it happened is in the counters. The stack is logged when a cause is new to the cache, and not again every
 * cycle.
 */
public final class CauseLog {

  private static final int MAX_CAUSES = 100;

  private record Cause(String callback, Class<?> thrown) {}

  private final String name;
  private final Set<Cause> known;
  private final Set<Cause> seen = ConcurrentHashMap.newKeySet();

  /** Creates the log of a cache, to which no cause is known. */
  public CauseLog(String name) {
    this(name, ConcurrentHashMap.newKeySet());
  }

  private CauseLog(String name, Set<Cause> known) {
    this.name = name;
    this.known = known;
  }

  /** Returns a log for a cycle of the same cache, in which nothing was logged yet. */
  public CauseLog forCycle(String name) {
    return new CauseLog(name, known);
  }

  /** Logs what a callback threw, unless the like was logged before. */
  public void log(String callback, Object id, Throwable thrown) {
    Runnable entry = entry(callback, id, thrown);
    if (entry != null) {
      entry.run();
    }
  }

  /** Returns what logs it, for another thread, as printing an id is user code; null if the like was logged before. */
  @Nullable Runnable entry(String callback, Object id, Throwable thrown) {
    Cause cause = new Cause(callback, thrown.getClass());
    if (seen.size() >= MAX_CAUSES || !seen.add(cause)) {
      return null;
    }
    boolean isNew = known.size() < MAX_CAUSES && known.add(cause);
    return () -> Log.warn(text(callback, id, thrown), isNew ? thrown : null);
  }

  private String text(String callback, Object id, Throwable thrown) {
    try {
      return name + ": " + callback + " failed for " + id + ", and maybe for more in this cycle: " + thrown;
    } catch (Throwable t) {
      // An id or an exception that cannot be printed: what matters is said without them.
      return name + ": " + callback + " failed with " + thrown.getClass().getName();
    }
  }
}
