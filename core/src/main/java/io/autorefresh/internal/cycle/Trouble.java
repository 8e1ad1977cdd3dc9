package io.autorefresh.internal.cycle;

import io.autorefresh.internal.schedule.Tally;
import java.lang.System.Logger.Level;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One kind of trouble, and when the log has a line for it: at the first occurrence, then after 1, 10 and 60 minutes and
 * every 60 minutes as long as it lasts, and when it is over.
 *
 * <p><b>It is over</b> when no item fails by it any more. The first time the line comes at once. A trouble that comes
 * back within an hour must then stay away for 1 minute, the next time for 10 and from then on for 60. So a trouble that
 * comes and goes makes no more lines than one that stays. A trouble that no item fails by, such as that of a listener,
 * is over when it was away for at least a minute.
 *
 * <p>Plain arithmetic over the ticker's readings, in nanoseconds. Decisions are made under the lock of the log; the
 * volatile fields are read outside it.
 */
final class Trouble {

  /** What the log says. */
  enum News {
    NONE(0), FIRST(1), AGAIN(1), STILL(0), OVER(-1);

    /** How many more troubles last from then on. */
    final int change;

    News(int change) {
      this.change = change;
    }
  }

  private static final long MINUTE = 60_000_000_000L;
  private static final long[] INTERVALS = {0, MINUTE, 10 * MINUTE, 60 * MINUTE};
  private static final int LAST = INTERVALS.length - 1;

  /** What happens, as a sentence without its end. */
  final String text;
  final Level level;
  /** Counts the items that fail by it, or the calls. */
  final Tally tally;
  private final String unit;
  private volatile boolean active;
  private volatile long times;
  private volatile long since;
  /** When it was last seen. */
  private volatile long until;
  private long nextLine;
  /** Whether no item failed by it at the last look. */
  private boolean gone;
  private long overAt;
  /** How often it came back within the hour, and how many lines said that it lasts; both at most {@code LAST}. */
  private int relapses = -1;
  private int lines;

  /**
   * Creates a trouble that has not occurred.
   *
   * @param unit the noun for what the tally counts, or empty if that is at most one
   */
  Trouble(String text, String unit, Level level, Tally tally) {
    this.text = text;
    this.unit = unit;
    this.level = level;
    this.tally = tally;
  }

  /** It occurred. */
  News occurred(long now) {
    boolean lasts = active;
    boolean known = relapses >= 0 && !isForgotten(now);
    if (!lasts) {
      relapses = known ? Math.min(relapses + 1, LAST) : 0;
      lines = 0;
      since = now;
      times = 0;
      tally.restart();
      nextLine = now;
      active = true;
    }
    times = times + 1;
    until = now;
    gone = false;
    News line = still(now);
    return lasts ? line : known ? News.AGAIN : News.FIRST;
  }

  private News still(long now) {
    if (now - nextLine < 0) {
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
    active = now - overAt < 0;
    return active ? News.NONE : News.OVER;
  }

  /** Whether it has been away for so long that the next occurrence counts as the first. */
  boolean isForgotten(long now) { return !active && now - until >= INTERVALS[LAST]; }

  /**
   * Writes the line of a decision, if there is one. A trouble does that itself, so that backends show it as the source.
   *
   * @param detail makes the line of an occurrence
   */
  void write(System.Logger log, News news, long now, Supplier<String> detail, @Nullable Throwable thrown) {
    switch (news) {
      case FIRST -> log.log(level, detail.get(), thrown);
      case AGAIN -> log.log(level, "again: " + detail.get());
      case STILL -> log.log(level, stillText(now));
      case OVER -> log.log(level == Level.WARNING ? Level.INFO : level, overText());
      case NONE -> { }
    }
  }

  String stillText(long now) {
    return "still after " + time(now - since) + ": " + text + amount("now", Math.max(1, tally.now()));
  }

  String overText() { return "over after " + time(until - since) + ": " + text + amount("up to", tally.most()); }

  private String amount(String word, int count) {
    if (tally.most() == 0) {
      return String.format(Locale.ROOT, ", %,d times", times);
    }
    return unit.isEmpty() ? "" : String.format(Locale.ROOT, ", %s %,d %s%s", word, count, unit, count == 1 ? "" : "s");
  }

  private static String time(long nanos) {
    long seconds = nanos / 1_000_000_000;
    if (seconds < 120) {
      return seconds == 0 ? nanos / 1_000_000 + " ms" : seconds + " s";
    }
    return seconds < 7_200 ? seconds / 60 + " min" : seconds / 3_600 + " h";
  }
}
