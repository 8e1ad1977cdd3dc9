package io.autorefresh.internal.cycle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** Finds the handles of fields that are not always read and written as volatile ones. */
final class Handles {

  private Handles() {}

  /**
   * Returns the handle of a field.
   *
   * @param lookup of the class that has the field
   */
  static VarHandle of(MethodHandles.Lookup lookup, String field, Class<?> type) {
    try {
      return lookup.findVarHandle(lookup.lookupClass(), field, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}
