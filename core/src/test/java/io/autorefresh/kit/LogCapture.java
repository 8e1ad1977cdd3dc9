package io.autorefresh.kit;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.logging.Filter;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/**
 * Takes what is logged while it is open, and keeps it off the console: a filter, refusing all, of the root's handlers.
 * A closed cache may still have a line to write: a test that counts lines takes those of one cache alone.
 */
public final class LogCapture implements AutoCloseable {

  private static final AtomicInteger NAMES = new AtomicInteger();

  private final String name;
  private final List<String> entries = new CopyOnWriteArrayList<>();
  private final Map<Handler, Filter> before = new HashMap<>();

  private LogCapture(String name, Predicate<String> loggers) {
    this.name = name;
    for (Handler handler : Logger.getLogger("").getHandlers()) {
      before.put(handler, handler.getFilter());
      handler.setFilter(entry -> {
        if (loggers.test(entry.getLoggerName())) {
          entries.add(text(handler.getFormatter(), entry));
        }
        return false;
      });
    }
  }

  /** Takes the lines of all caches. */
  public static LogCapture open() {
    return new LogCapture("", logger -> true);
  }

  /** Takes the lines of one cache, which gets a {@link #name} that no other has. */
  public static LogCapture ofCache(String prefix) {
    String name = prefix + "-" + NAMES.incrementAndGet();
    return new LogCapture(name, logger -> logger.equals("io.autorefresh." + name));
  }

  /** The name of the cache whose lines it takes. */
  public String name() { return name; }

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
