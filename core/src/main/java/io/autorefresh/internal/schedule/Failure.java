package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/**
 * The failures in a row of one item: of its refresh or, once it is marked, of its deletion. Times are readings of the
 * ticker.
 *
 * @param count their number, at least one
 * @param cause the cause of the last of them
 * @param since the time of the first of them
 * @param at the time of the last of them
 * @param dueAt the time from which on the item may be tried again
 * @param suspect whether its call failed as a whole, so that it is called only with other items of that call
 * @param hung the number of calls for it alone that were abandoned in a row
 */
public record Failure(int count, Cause cause, long since, long at, long dueAt, boolean suspect, int hung) {

  /**
   * Returns the failures in a row after one more.
   *
   * @param runs whether the call still runs, and may be abandoned
   */
  public static Failure after(
      @Nullable Failure before, Cause cause, long now, long dueAt, boolean suspect, boolean runs) {
    long since = before == null ? now : before.since;
    int hung = before == null || !runs ? 0 : before.hung;
    return new Failure(countAfter(before), cause, since, now, dueAt, suspect, hung);
  }

  /** Returns the number of failures in a row after one more. */
  public static int countAfter(@Nullable Failure before) {
    return before == null ? 1 : (int) Math.min(Integer.MAX_VALUE, before.count + 1L);
  }

  /** One more call for it alone was abandoned. */
  public Failure hungOnceMore() { return new Failure(count, cause, since, at, dueAt, suspect, hung + 1); }

  /** Whether the remote asked for the delay. */
  public boolean isRetryAfter() { return cause.isRetryAfter(); }
}
