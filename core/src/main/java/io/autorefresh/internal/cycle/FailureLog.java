package io.autorefresh.internal.cycle;

import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The log of a cache. What a callback throws is logged once per cycle and cause, which is the callback and the class of
 * what it threw, and with its stack where the cause is new to the cache. How often it happened is in the counters.
 */
public final class FailureLog {

  private static final int MAX_CAUSES = 100;
  private static final int MAX_LENGTH = 200;

  private record Cause(String callback, Class<?> thrown) {}

  private final String name;
  private final System.Logger logger;
  private final Set<Cause> known = ConcurrentHashMap.newKeySet();
  private final Set<Cause> inCycle = ConcurrentHashMap.newKeySet();

  public FailureLog(String name) {
    this.name = name;
    this.logger = System.getLogger("io.autorefresh." + name);
  }

  /** A cycle begins: what was logged in the one before may be logged again. */
  void renew() {
    inCycle.clear();
  }

  /** Logs what a callback threw, unless the like was logged in this cycle. */
  public void failed(String callback, Object id, Throwable thrown) {
    Cause cause = new Cause(callback, thrown.getClass());
    if (inCycle.size() >= MAX_CAUSES || !inCycle.add(cause)) {
      return;
    }
    boolean isNew = known.size() < MAX_CAUSES && known.add(cause);
    String text = callback + " failed for " + text(id) + ", and maybe for more in this cycle: " + text(thrown);
    log(Level.WARNING, text, isNew ? thrown : null);
  }

  public void warn(String text) {
    log(Level.WARNING, text, null);
  }

  public void warn(String text, @Nullable Throwable thrown) {
    log(Level.WARNING, text, thrown);
  }

  public void info(String text) {
    log(Level.INFO, text, null);
  }

  /** The one place that calls the logger: a handler that throws must cost no job its slot and no cycle its end. */
  private void log(Level level, String text, @Nullable Throwable thrown) {
    try {
      logger.log(level, name + ": " + text, thrown);
    } catch (Throwable t) {
      // Formatters call the exception's own code. There is no place to report a broken log to.
      if (thrown != null) {
        log(level, text, null);
      }
    }
  }

  /** Returns a text on one line, of at most {@value #MAX_LENGTH} characters. */
  public static String text(Object object) {
    String text;
    try {
      text = String.valueOf(object);
    } catch (Throwable t) {
      text = object.getClass().getName();
    }
    if (text.length() > MAX_LENGTH) {
      text = text.substring(0, MAX_LENGTH - 1) + '…';
    }
    StringBuilder escaped = new StringBuilder(text.length());
    text.chars().forEach(c -> {
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        escaped.append(String.format("\\u%04x", c));
      } else {
        escaped.append((char) c);
      }
    });
    return escaped.toString();
  }

  /** Returns a thread's name and its stack, a line for each frame, beginning with a line break. */
  public static String stackOf(Thread thread) {
    StringBuilder text = new StringBuilder("\n  ").append(thread.getName());
    for (StackTraceElement frame : thread.getStackTrace()) {
      text.append("\n    at ").append(frame);
    }
    return text.toString();
  }
}
