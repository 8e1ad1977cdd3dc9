package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/**
 * The failures in a row of one item: of its refresh or, once it is marked, of its deletion. Times are readings of the
 * ticker.
 *
 * @param count how many, at least one
 * @param cause of the last of them
 * @param since when the first of them came
 * @param at when the last of them came
 * @param dueAt from when on the item may be tried again
 * @param suspect whether its call failed as a whole, and it is to be called with no others except these
 * @param hung how many calls for it alone were abandoned in a row
 */
public record Failure(int count, Cause cause, long since, long at, long dueAt, boolean suspect, int hung) {

  /**
   * Returns the failures in a row after one more.
   *
   * @param runs whether the call runs, and may be abandoned
   */
  public static Failure after(
      @Nullable Failure before, Cause cause, long now, long dueAt, boolean suspect, boolean runs) {
    long since = before == null ? now : before.since;
    int hung = before == null || !runs ? 0 : before.hung;
    return new Failure(countAfter(before), cause, since, now, dueAt, suspect, hung);
  }

  /** Returns how many failures there are in a row after one more. */
  public static int countAfter(@Nullable Failure before) {
    return before == null ? 1 : (int) Math.min(Integer.MAX_VALUE, before.count + 1L);
  }

  /** One more call for it alone was abandoned. */
  public Failure hungOnceMore() { return new Failure(count, cause, since, at, dueAt, suspect, hung + 1); }

  /** Whether the remote itself said when to come back. */
  public boolean isRetryAfter() { return cause.isRetryAfter(); }
}
