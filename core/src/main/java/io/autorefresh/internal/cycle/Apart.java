package io.autorefresh.internal.cycle;

/**
 * A place for what one thread writes for every job while others, for every job, read what would lie beside it: each
 * write would take the cache line from them ("false sharing"). It is the middle of an array, two lines of 64 bytes from
 * either end, since processors fetch lines in pairs.
 */
final class Apart {

  /** The place in the array; 128 bytes of ints, or of compressed references. */
  static final int PLACE = 32;

  /** The length of the array. */
  static final int LENGTH = 2 * PLACE + 1;

  private Apart() {}
}
