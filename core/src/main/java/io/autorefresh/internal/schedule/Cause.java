package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/**
 * A summary of an exception, kept as long as items fail by it. It refers neither to the exception nor to its class,
 * since both may refer to anything. The items that failed by one exception share it.
 *
 * @param type the name of the exception's class
 * @param message of at most {@value #MAX_LENGTH} characters
 * @param retryAfter the delay that the remote asked for, in nanoseconds, or -1
 * @param failing counts the items that fail by this kind of cause
 */
public record Cause(String type, @Nullable String message, long retryAfter, Tally failing) {

  static final int MAX_LENGTH = 100;

  /** Cuts the message. */
  public Cause {
    if (message != null && message.length() > MAX_LENGTH) {
      // An ellipsis of one character would double the bytes of every character.
      message = message.substring(0, MAX_LENGTH - 3) + "...";
    }
  }

  /** Whether the remote asked for the delay. */
  public boolean isRetryAfter() { return retryAfter >= 0; }

  @Override
  public String toString() { return message == null ? type : type + ": " + message; }
}
