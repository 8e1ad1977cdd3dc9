package io.autorefresh.internal.items;

/** How ids read in the messages of exceptions, which must say what they are about whatever an id's author wrote. */
public final class IdText {

  private IdText() {}

  /** Returns the id in quotation marks or, if it cannot be printed, its class. */
  public static String of(Object id) {
    try {
      return "'" + id + "'";
    } catch (Throwable t) {
      // It would take the place of what is to be said.
      return "an id that cannot be printed, of " + id.getClass();
    }
  }
}
