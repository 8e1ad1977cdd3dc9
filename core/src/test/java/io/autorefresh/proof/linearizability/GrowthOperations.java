package io.autorefresh.proof.linearizability;

/**
 * As {@link MapOperations}, with a table that is as full as it may be: one item more lets it grow. Of the ids that are
 * drawn, two are there, and after the growth they lie in two buckets.
 */
public final class GrowthOperations extends MapOperations {

  static final int PRESENT = 2;
  static final int VALUE = 1;
  /** A table grows when it is half full. */
  private static final int FULL = STEP / 2 - 1;

  public GrowthOperations() throws InterruptedException {
    for (int i = 0; i < FULL; i++) {
      map.creations().getOrCreate(i < PRESENT ? id(i) : i, VALUE);
    }
  }
}
