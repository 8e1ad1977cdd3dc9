package io.autorefresh.internal.cycle;

import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.ResourceBundle;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The logger of a cache. A handler that throws costs no job its slot and no cycle its end, and no exception's message
 * breaks a line.
 *
 * <p>It is a {@code System.Logger} itself, used by the default methods of that interface, so that backends do not take
 * it for the caller: they show the class that has something to tell.
 */
class Log implements System.Logger {

  private static final int MAX_LENGTH = 200;
  private static final int MAX_CHAIN = 20;

  private final String name;
  private final System.Logger logger;

  Log(String name) {
    this.name = name;
    this.logger = System.getLogger("io.autorefresh." + name);
  }

  @Override
  public String getName() { return logger.getName(); }

  @Override
  public boolean isLoggable(Level level) { return logger.isLoggable(level); }

  @Override
  public void log(Level level, @Nullable ResourceBundle bundle, String text, Object @Nullable ... parameters) {
    log(level, bundle, text, (Throwable) null);
  }

  @Override
  public void log(Level level, @Nullable ResourceBundle bundle, @Nullable String text, @Nullable Throwable thrown) {
    if (text == null) {
      return;
    }
    try {
      boolean escaped = Escaped.isNeeded(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
      logger.log(level, bundle, name + ": " + text, escaped ? new Escaped(thrown, MAX_CHAIN) : thrown);
    } catch (Throwable t) {
      // Formatters call the exception's own code. There is no place to report a broken log to.
      if (thrown != null) {
        log(level, bundle, text, (Throwable) null);
      }
    }
  }

  /** Stands for an exception whose messages would break its lines in the log. */
  private static final class Escaped extends Throwable {

    private static final long serialVersionUID = 1L;

    private final String text;

    Escaped(Throwable thrown, int depth) {
      super(null, depth == 0 || thrown.getCause() == null ? null : new Escaped(thrown.getCause(), depth - 1));
      this.text = text(thrown);
      setStackTrace(thrown.getStackTrace());
      for (Throwable suppressed : thrown.getSuppressed()) {
        if (depth > 0) {
          addSuppressed(new Escaped(suppressed, depth - 1));
        }
      }
    }

    /** Whether the text of each exception that would be shown is on one line. */
    static boolean isNeeded(@Nullable Throwable thrown, Set<Throwable> seen) {
      return thrown != null && seen.add(thrown)
          && (!escape(thrown.toString()).equals(thrown.toString()) || isNeeded(thrown.getCause(), seen)
              || Arrays.stream(thrown.getSuppressed()).anyMatch(suppressed -> isNeeded(suppressed, seen)));
    }

    @Override
    public String toString() { return text; }
  }

  /** Returns a text on one line, of at most {@value #MAX_LENGTH} characters. */
  public static String text(Object object) {
    String text = object.getClass().getName();
    try {
      text = String.valueOf(object.toString());
    } catch (Throwable t) {
      text += ", which cannot be shown";
    }
    return escape(text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH - 1) + '…' : text);
  }

  private static String escape(String text) {
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
