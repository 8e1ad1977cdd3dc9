package io.autorefresh;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by {@code getOrCreate} when the item could not be had: the {@link Creator} threw a checked exception, which is
 * the cause, or the caller was interrupted while it waited for another caller's creator; then the cause is the {@link
 * InterruptedException}, and the thread's interrupt status is set.
 */
public class CreationException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message names the cache and the id
   * @param cause why there is no item
   */
  public CreationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
