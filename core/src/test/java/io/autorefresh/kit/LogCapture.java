package io.autorefresh.kit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Filter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Takes what is logged while it is open, and keeps it off the console: a filter, refusing all, of the root's handlers.
 */
public final class LogCapture implements AutoCloseable {

  private final List<String> entries = new CopyOnWriteArrayList<>();
  private final Map<Handler, Filter> before = new HashMap<>();

  private LogCapture() {
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      before.put(handler, handler.getFilter());
      handler.setFilter(entry -> {
        entries.add(text(handler.getFormatter(), entry));
        return false;
      });
    }
  }

  public static LogCapture open() {
    return new LogCapture();
  }

  /** What was logged, an entry each: time, logger, level, message and stack trace. */
  public List<String> entries() {
    return entries;
  }

  @Override
  public void close() {
    before.forEach(Handler::setFilter);
  }

  /** Exceptions of a test may be made so that they cannot be formatted. */
  private static String text(Formatter formatter, LogRecord entry) {
    try {
      return formatter.format(entry);
    } catch (RuntimeException e) {
      return entry.getLevel() + " of an exception that cannot be formatted";
    }
  }
}
