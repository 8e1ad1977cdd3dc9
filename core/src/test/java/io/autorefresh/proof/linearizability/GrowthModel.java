package io.autorefresh.proof.linearizability;

/** As {@link MapModel}, with the items that are there from the beginning, and that operations can reach. */
public final class GrowthModel extends MapModel {

  public GrowthModel() {
    for (int id = 0; id < GrowthOperations.PRESENT; id++) {
      create(id, GrowthOperations.VALUE);
    }
  }
}
