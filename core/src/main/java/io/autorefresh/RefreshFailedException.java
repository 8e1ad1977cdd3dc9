package io.autorefresh;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by {@link AutoRefresh#refreshNow} and {@link AutoRefresh#getFresh} when the refresh did not confirm the item:
 * it failed, it took too long, or its answer did not mention the item. The item keeps its value.
 */
public class RefreshFailedException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message names the cache and the id
   * @param cause the reason: the exception of the call or the outcome, a {@link java.util.concurrent.TimeoutException},
   *     a {@link RetryAfterException} if the remote wants no calls now, or a summary of an earlier failure; null if the
   *     answer did not mention the item
   */
  public RefreshFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
