package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/**
 * What is kept of an exception as long as items fail by it. It holds neither the exception nor its class, since both
 * may hold anything, and is shared by the items that failed by the same exception.
 *
 * @param type the name of the exception's class
 * @param message of at most {@value #MAX_LENGTH} characters
 * @param retryAfter the delay that the remote asked for, in nanoseconds, or -1
 * @param failing counts the items that fail by the like
 */
public record Cause(String type, @Nullable String message, long retryAfter, Tally failing) {

  static final int MAX_LENGTH = 100;

  /** Cuts the message. */
  public Cause {
    if (message != null && message.length() > MAX_LENGTH) {
      // An ellipsis of one character would double the bytes of each.
      message = message.substring(0, MAX_LENGTH - 3) + "...";
    }
  }

  /** Whether the remote itself said when to come back. */
  public boolean isRetryAfter() { return retryAfter >= 0; }

  @Override
  public String toString() { return message == null ? type : type + ": " + message; }
}
