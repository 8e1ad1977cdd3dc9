package io.autorefresh.benchmarks;

/** A value of a parameter that has a name for readers. */
interface Labelled {

  String label();

  /** Returns the name for readers of the constant of this name. */
  static <E extends Enum<E> & Labelled> String of(Class<E> type, String constant) {
    return Enum.valueOf(type, constant).label();
  }
}
