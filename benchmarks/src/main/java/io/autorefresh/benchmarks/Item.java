package io.autorefresh.benchmarks;

/**
 * The value object of every benchmark and of every peer: the state of a remote thing, as a version that rises with each
 * change. Negative versions are final states.
 *
 * @param version the number of changes
 */
record Item(int version) {

  static final Item FIRST = new Item(0);

  static final Item FINAL = new Item(-1);

  Item next() {
    return new Item((version + 1) & Integer.MAX_VALUE);
  }

  boolean isFinal() {
    return version < 0;
  }
}
