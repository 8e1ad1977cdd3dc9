package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import io.autorefresh.internal.schedule.Tally;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of a cache. What happens again and again is one {@link Trouble} for each cause, which is the callback and the
 * class of what it threw; how often it happened is in the counters. At most {@value #MAX_CAUSES} causes are told apart.
 *
 * <p>It says what is to be written, and the class that has it to tell writes the line, so that backends show that class
 * as its source.
 *
 * <p>Costs nothing while nothing fails, except that each call of the refresher reads how many troubles last.
 */
public final class FailureLog extends Log {

  private static final int MAX_CAUSES = 100;

  /**
   * What is to be written now.
   *
   * @param text or null if that is nothing
   * @param thrown whose stack belongs to the text, or null
   * @param tally counts the items that fail by the like
   */
  public record Line(Level level, @Nullable String text, @Nullable Throwable thrown, Tally tally) {}

  private record Cause(String callback, String type, Level level) {}

  private static final Cause OTHERS = new Cause("", "", Level.WARNING);

  private final Ticker ticker;
  private final Map<Object, Trouble> troubles = new ConcurrentHashMap<>();
  private final AtomicInteger lasting = new AtomicInteger();
  /** Guards what troubles decide; no line is written under it. */
  private final ReentrantLock lock = new ReentrantLock();
  private volatile long lastNow;

  public FailureLog(String name, Ticker ticker) {
    super(name);
    this.ticker = ticker;
  }

  /**
   * A callback has thrown.
   *
   * @param level of its lines, if there are any
   */
  public Line failed(String callback, Object id, Throwable thrown, Level level) {
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
    return occurred(trouble, () -> callback + " failed for " + text(id) + ": " + text(thrown), thrown);
  }

  /**
   * Something is wrong that no exception tells of.
   *
   * @param text what, as a sentence without its end, the same each time
   * @param unit one of what the tally counts
   * @param detail what the first line says
   */
  Line occurred(String text, String unit, Tally tally, Supplier<String> detail) {
    return occurred(troubles.computeIfAbsent(text, key -> new Trouble(text, unit, Level.WARNING, tally)), detail, null);
  }

  private Line occurred(Trouble trouble, Supplier<String> detail, @Nullable Throwable thrown) {
    long now = now();
    if (!trouble.isNews(now)) {
      return new Line(trouble.level, null, null, trouble.tally);
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
    String text = switch (news) {
      case FIRST -> detail.get();
      case AGAIN -> "again: " + detail.get();
      case STILL -> trouble.stillText(now);
      default -> null;
    };
    return new Line(trouble.level, text, news == Trouble.News.FIRST ? thrown : null, trouble.tally);
  }

  /** Says what lasts for long, and what is over: asked when time has passed, or items may have recovered. */
  List<Line> look() {
    if (lasting.get() == 0) {
      return List.of();
    }
    long now = now();
    return troubles.values().stream().filter(trouble -> !trouble.isQuiet(now)).map(trouble -> look(trouble, now)).toList();
  }

  private Line look(Trouble trouble, long now) {
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
    return new Line(over && trouble.level == Level.WARNING ? Level.INFO : trouble.level, text, null, trouble.tally);
  }

  private long now() {
    try {
      return lastNow = ticker.read();
    } catch (Throwable t) {
      // A ticker that throws ends the background, which is logged then.
      return lastNow;
    }
  }
}
