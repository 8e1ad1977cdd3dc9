package io.autorefresh.internal.cycle;

import java.util.ResourceBundle;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The logger of a cache. A handler that throws affects nothing else, and no message breaks a line.
 *
 * <p>It is a {@code System.Logger}, and other classes call the default methods of that interface. So backends show
 * these classes as the source of a line.
 */
class Log implements System.Logger {

  private static final int MAX_LENGTH = 200;
  private static final int MAX_DEPTH = 20;

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
    try {
      Throwable shown = isPlain(thrown, MAX_DEPTH) ? thrown : new Escaped(thrown, MAX_DEPTH);
      logger.log(level, bundle, name + ": " + text, shown);
    } catch (Throwable t) {
      // Formatters call the exception's own code. There is no place to report a broken log to.
      if (thrown != null) {
        log(level, bundle, text, (Throwable) null);
      }
    }
  }

  /** Whether the exception and its causes, as far as they are shown, have texts of one line. */
  private static boolean isPlain(@Nullable Throwable thrown, int depth) {
    return thrown == null || escape(thrown.toString()).equals(thrown.toString())
        && (depth == 0 || Stream.concat(Stream.ofNullable(thrown.getCause()), Stream.of(thrown.getSuppressed()))
            .allMatch(other -> isPlain(other, depth - 1)));
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
