package io.autorefresh.benchmarks;

/** A value of a parameter with a name for the report. */
interface Labelled {

  String label();

  /** Returns the name for the report of the constant of this name. */
  static <E extends Enum<E> & Labelled> String of(Class<E> type, String constant) {
    return Enum.valueOf(type, constant).label();
  }
}
