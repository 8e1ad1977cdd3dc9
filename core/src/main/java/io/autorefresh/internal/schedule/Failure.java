package io.autorefresh.internal.schedule;

/**
 * The failures in a row of one item: of its refresh or, once it is marked, of its deletion.
 *
 * @param count how many, at least one
 * @param cause the last of them
 * @param dueAt the ticker's reading from which on the item may be tried again
 * @param retryAfter whether the remote itself said when
 */
public record Failure(int count, Throwable cause, long dueAt, boolean retryAfter) {}
