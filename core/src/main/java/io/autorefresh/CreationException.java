package io.autorefresh;

import org.jspecify.annotations.Nullable;

/**
 * Thrown by {@code getOrCreate} when it has no item to return:
 *
 * <ul>
 *   <li>the {@link Creator} threw a checked exception, which is the cause;
 *   <li>the {@link BatchCreator} threw anything, which is the cause; or it took too long, with a {@link
 *       java.util.concurrent.TimeoutException} as the cause; or it did not return the item, without a cause;
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
   * @param cause the reason, or null if the batch creator did not return the item
   */
  public CreationException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
