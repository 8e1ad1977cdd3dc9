package io.autorefresh.internal.cycle;

import io.autorefresh.internal.schedule.Tally;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One kind of trouble, and when the log says something of it: at the first occurrence, then after 1, 10 and 60
 * minutes and every 60 minutes as long as it lasts, and when it is over.
 *
 * <p><b>It is over</b> when no item fails by it any more. The first time this is said at once. A trouble that comes
 * back within an hour must then stay away for 1 minute, the next time for 10 and from then on for 60, so that one that
 * comes and goes makes no more lines than one that stays. A trouble that no item fails by, such as that of a listener,
 * is over when it was away for a minute at least.
 *
 * <p>Plain arithmetic over the ticker's readings, in nanoseconds. Used under the lock of the log, except for {@link
 * #isNews} and {@link #isQuiet}, which spare most threads that lock.
 */
final class Trouble {

  /** What there is to say. */
  enum News { NONE, FIRST, AGAIN, STILL, OVER }

  private static final long MINUTE = 60_000_000_000L;
  private static final long[] INTERVALS = {0, MINUTE, 10 * MINUTE, 60 * MINUTE};
  private static final int LAST = INTERVALS.length - 1;

  /** What happens, as a sentence without its end. */
  final String text;
  final Level level;
  /** Counts the items that fail by it, or the calls. */
  final Tally tally;
  private final String unit;
  private final AtomicLong times = new AtomicLong();
  private volatile boolean active;
  private volatile long nextLine;
  /** When it was last seen. */
  private volatile long until;
  /** Whether no item failed by it any more when that was looked at last. */
  private volatile boolean gone;
  private volatile long overAt;
  private long since;
  /** How often it came back within the hour, and how many lines said that it lasts; both at most {@code LAST}. */
  private int relapses = -1;
  private int lines;

  /**
   * Creates a trouble that was not seen so far.
   *
   * @param unit one of what the tally counts, or nothing if there is one at most
   */
  Trouble(String text, String unit, Level level, Tally tally) {
    this.text = text;
    this.unit = unit;
    this.level = level;
    this.tally = tally;
  }

  /** It occurred; returns whether {@link #occurred} may have something to say of it. */
  boolean isNews(long now) {
    if (!active || now - nextLine >= 0) {
      return true;
    }
    seen(now);
    return false;
  }

  private void seen(long now) {
    times.incrementAndGet();
    until = now;
    gone = false;
  }

  /** Whether {@link #look} has nothing to say. */
  boolean isQuiet(long now) {
    return !active || (tally.now() > 0 ? !gone && now - nextLine < 0 : gone && now - overAt < 0);
  }

  /** It occurred. */
  News occurred(long now) {
    if (active) {
      seen(now);
      return still(now);
    }
    boolean known = relapses >= 0 && !isForgotten(now);
    relapses = known ? Math.min(relapses + 1, LAST) : 0;
    lines = 0;
    since = now;
    times.set(0);
    tally.restart();
    seen(now);
    still(now);
    active = true;
    return known ? News.AGAIN : News.FIRST;
  }

  private News still(long now) {
    if (active && now - nextLine < 0) {
      return News.NONE;
    }
    lines = Math.min(lines + 1, LAST);
    nextLine = now + INTERVALS[lines];
    return News.STILL;
  }

  /** Time has passed, or items have recovered. */
  News look(long now) {
    if (!active) {
      return News.NONE;
    }
    boolean counted = tally.most() > 0;
    if (tally.now() > 0) {
      gone = false;
      return still(now);
    }
    if (!gone) {
      until = counted ? now : until;
      overAt = until + INTERVALS[counted ? relapses : Math.max(1, relapses)];
      gone = true;
    }
    if (now - overAt < 0) {
      return News.NONE;
    }
    active = false;
    return News.OVER;
  }

  /** Whether it was not seen for so long that it may be forgotten. */
  boolean isForgotten(long now) { return !active && now - until >= INTERVALS[LAST]; }

  boolean isActive() { return active; }

  String stillText(long now) {
    return "still after " + time(now - since) + ": " + text + amount("now", Math.max(1, tally.now()));
  }

  String overText() { return "over after " + time(until - since) + ": " + text + amount("up to", tally.most()); }

  private String amount(String word, int count) {
    if (tally.most() > 0 && unit.isEmpty()) {
      return "";
    }
    return tally.most() > 0
        ? String.format(Locale.ROOT, ", %s %,d %s%s", word, count, unit, count == 1 ? "" : "s")
        : String.format(Locale.ROOT, ", %,d times", times.get());
  }

  private static String time(long nanos) {
    long seconds = nanos / 1_000_000_000;
    if (seconds < 120) {
      return seconds == 0 ? nanos / 1_000_000 + " ms" : seconds + " s";
    }
    return seconds < 7_200 ? seconds / 60 + " min" : seconds / 3_600 + " h";
  }
}
