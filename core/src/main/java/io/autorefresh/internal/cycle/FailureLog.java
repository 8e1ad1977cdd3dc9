package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import io.autorefresh.internal.schedule.Tally;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of a cache. What happens again and again is one {@link Trouble} for each cause, which is the callback and the
 * class of what it threw; how often it happened is in the counters. At most {@value #MAX_CAUSES} causes are told apart.
 *
 * <p>Costs nothing while nothing fails, except that each call of the refresher reads how many troubles last.
 */
public final class FailureLog {

  private static final int MAX_CAUSES = 100;
  private static final int MAX_LENGTH = 200;
  private static final int MAX_CHAIN = 20;

  private record Cause(String callback, String type, Level level) {}

  private static final Cause OTHERS = new Cause("", "", Level.WARNING);

  private final String name;
  private final Ticker ticker;
  private final System.Logger logger;
  private final Map<Object, Trouble> troubles = new ConcurrentHashMap<>();
  private final AtomicInteger lasting = new AtomicInteger();
  /** Guards what troubles decide; no line is written under it. */
  private final ReentrantLock lock = new ReentrantLock();
  private volatile long lastNow;

  public FailureLog(String name, Ticker ticker) {
    this.name = name;
    this.ticker = ticker;
    this.logger = System.getLogger("io.autorefresh." + name);
  }

  /**
   * A callback has thrown.
   *
   * @param level of its lines, if there are any
   * @return counts the items that fail by the like
   */
  public Tally failed(String callback, Object id, Throwable thrown, Level level) {
    String type = thrown.getClass().getName();
    Cause cause = new Cause(callback, type, level);
    Trouble trouble = troubles.get(cause);
    if (trouble == null) {
      long now = now();
      boolean full = troubles.size() >= MAX_CAUSES && !troubles.values().removeIf(other -> other.isForgotten(now));
      String kind = full ? "there were failures of other kinds" : callback + " failed with " + type;
      trouble = troubles.computeIfAbsent(
          full ? OTHERS : cause, key -> new Trouble(kind, "item", level, new Tally()));
    }
    occurred(trouble, () -> callback + " failed for " + text(id) + ": " + text(thrown), thrown);
    return trouble.tally;
  }

  /**
   * Something is wrong that no exception tells of.
   *
   * @param text what, as a sentence without its end, the same each time
   * @param unit one of what the tally counts
   * @param detail what the first line says
   */
  void occurred(String text, String unit, Tally tally, Supplier<String> detail) {
    occurred(troubles.computeIfAbsent(text, key -> new Trouble(text, unit, Level.WARNING, tally)), detail, null);
  }

  private void occurred(Trouble trouble, Supplier<String> detail, @Nullable Throwable thrown) {
    long now = now();
    if (!trouble.isNews(now)) {
      return;
    }
    Trouble.News news;
    lock.lock();
    try {
      boolean wasActive = trouble.isActive();
      news = trouble.occurred(now);
      if (!wasActive) {
        lasting.incrementAndGet();
      }
    } finally {
      lock.unlock();
    }
    switch (news) {
      case FIRST -> log(trouble.level, detail.get(), thrown);
      case AGAIN -> log(trouble.level, "again: " + detail.get(), null);
      case STILL -> log(trouble.level, trouble.stillText(now), null);
      default -> { }
    }
  }

  /** Says what lasts for long, and what is over: called when time has passed, or items may have recovered. */
  void look() {
    if (lasting.get() == 0) {
      return;
    }
    long now = now();
    for (Trouble trouble : troubles.values()) {
      if (!trouble.isQuiet(now)) {
        look(trouble, now);
      }
    }
  }

  private void look(Trouble trouble, long now) {
    String text = null;
    boolean over = false;
    lock.lock();
    try {
      Trouble.News news = trouble.look(now);
      over = news == Trouble.News.OVER;
      if (over) {
        lasting.decrementAndGet();
        text = trouble.overText();
      } else if (news == Trouble.News.STILL) {
        text = trouble.stillText(now);
      }
    } finally {
      lock.unlock();
    }
    if (text != null) {
      log(over && trouble.level == Level.WARNING ? Level.INFO : trouble.level, text, null);
    }
  }

  private long now() {
    try {
      return lastNow = ticker.read();
    } catch (Throwable t) {
      // A ticker that throws ends the background, which is logged then.
      return lastNow;
    }
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
      boolean escaped = Escaped.isNeeded(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
      logger.log(level, name + ": " + text, escaped ? new Escaped(thrown, MAX_CHAIN) : thrown);
    } catch (Throwable t) {
      // Formatters call the exception's own code. There is no place to report a broken log to.
      if (thrown != null) {
        log(level, text, null);
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
