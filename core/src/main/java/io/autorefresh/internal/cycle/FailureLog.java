package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Trouble.News;
import io.autorefresh.internal.schedule.Tally;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The log of a cache. Failures with the same cause, which is the callback and the class of its exception, are one
 * {@link Trouble}, which decides when a line is due. At most {@value #MAX_CAUSES} causes are distinguished.
 *
 * <p>While no trouble lasts, the only cost is one volatile read for each call of the refresher.
 */
public final class FailureLog extends Log {

  private static final int MAX_CAUSES = 100;

  private record Cause(String callback, String type, Level level) {}

  private static final Cause OTHERS = new Cause("", "", Level.WARNING);

  private final Ticker ticker;
  private final Counters counters;
  private final Map<Object, Trouble> troubles = new ConcurrentHashMap<>();
  /** Guards the decisions of troubles; no line is written under it. */
  private final ReentrantLock lock = new ReentrantLock();
  /** How many troubles last; written under the lock. */
  private volatile int lasting;
  private volatile long lastNow;

  /**
   * Creates the log of a cache.
   *
   * @param counters counts the failures that are {@linkplain #contain contained}
   */
  public FailureLog(String name, Ticker ticker, Counters counters) {
    super(name);
    this.ticker = ticker;
    this.counters = counters;
  }

  /** Counts and logs an exception of a callback that has no other effect. */
  public void contain(String callback, Object id, Throwable thrown) {
    counters.add(Count.CALLBACK_FAILURES, 1);
    failed(callback, id, thrown, Level.WARNING);
  }

  /** Logs an exception of a callback; returns the count of the items that fail by the same cause. */
  Tally failed(String callback, Object id, Throwable thrown, Level level) {
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
   * Logs a trouble that has no exception.
   *
   * @param text what happens, as a sentence without its end, the same each time
   * @param unit the noun for what the tally counts
   * @param detail makes the first line
   */
  void occurred(String text, String unit, Tally tally, Supplier<String> detail) {
    occurred(troubles.computeIfAbsent(text, key -> new Trouble(text, unit, Level.WARNING, tally)), detail, null);
  }

  private void occurred(Trouble trouble, Supplier<String> detail, @Nullable Throwable thrown) {
    long now = now();
    trouble.write(this, decide(() -> trouble.occurred(now)), now, detail, thrown);
  }

  /** Logs the troubles that last for long, and those that are over; called when items may have recovered. */
  void look() {
    if (lasting == 0) {
      return;
    }
    long now = now();
    for (Trouble trouble : troubles.values()) {
      trouble.write(this, decide(() -> trouble.look(now)), now, () -> trouble.text, null);
    }
  }

  private News decide(Supplier<News> decision) {
    lock.lock();
    try {
      News news = decision.get();
      lasting += news.change;
      return news;
    } finally {
      lock.unlock();
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
}
