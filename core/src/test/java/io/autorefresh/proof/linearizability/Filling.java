package io.autorefresh.proof.linearizability;

import io.autorefresh.internal.items.ItemMap;

/** Puts in what is there before any operation: a class of its own, since there is nothing to interleave in it. */
final class Filling {

  private Filling() {}

  /** Fills a map with as many items as its table may have before it grows, the first of them within reach. */
  static void fill(ItemMap<Integer, Integer> map, int reachable, int value) throws InterruptedException {
    int full = MapOperations.STEP - MapOperations.STEP / 4;
    for (int i = 0; i < full; i++) {
      map.creations().getOrCreate(i < reachable ? MapOperations.id(i) : i, value);
    }
  }
}
