package io.autorefresh.internal.schedule;

/**
 * The failures in a row of one item: of its refresh or, once it is marked, of its deletion. Times are readings of the
 * ticker.
 *
 * @param count how many, at least one
 * @param cause of the last of them
 * @param since when the first of them came
 * @param at when the last of them came
 * @param dueAt from when on the item may be tried again
 */
public record Failure(int count, Cause cause, long since, long at, long dueAt) {

  /** Whether the remote itself said when to come back. */
  public boolean isRetryAfter() { return cause.retryAfter() >= 0; }
}
