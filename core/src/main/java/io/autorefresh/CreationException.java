package io.autorefresh;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by {@code getOrCreate} when the item could not be had:
 *
 * <ul>
 *   <li>the {@link Creator} threw a checked exception, which is the cause;
 *   <li>the {@link BatchCreator} threw anything, which is the cause, or took too long, or did not return the item, and
 *       then there is no cause;
 *   <li>the background ended while the caller waited for the batch creator;
 *   <li>the caller was interrupted while it waited for another caller's creator or the batch creator; then the cause is
 *       the {@link InterruptedException}, and the thread's interrupt status is set.
 * </ul>
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
