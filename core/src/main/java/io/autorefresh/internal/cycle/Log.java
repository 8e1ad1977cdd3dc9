package io.autorefresh.internal.cycle;

import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The library's log. It never throws: a handler of the user's that fails must cost no job its slot and no cycle its
 * end, and there is nowhere else to report that to.
 */
public final class Log {

  private static final System.Logger LOG = System.getLogger("io.autorefresh");

  /** What the log itself threw last. */
  private static volatile @Nullable Throwable lost;

  private Log() {}

  /** Logs a warning. */
  public static void warn(String text) {
    warn(text, null);
  }

  /** Logs a warning with the stack of what was thrown, if anything. */
  public static void warn(String text, @Nullable Throwable thrown) {
    try {
      LOG.log(Level.WARNING, text, thrown);
    } catch (Throwable t) {
      lost = t;
    }
  }

  /** Returns what the log itself threw last, or null. */
  static @Nullable Throwable lost() {
    return lost;
  }
}
