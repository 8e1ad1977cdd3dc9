package io.autorefresh;

import java.util.NoSuchElementException;

/** Thrown by {@link AutoRefresh#getOrThrow} when the cache has no item under an id. */
public class ItemNotFoundException extends NoSuchElementException {

  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param message names the cache and the id
   */
  public ItemNotFoundException(String message) {
    super(message);
  }
}
