package io.autorefresh.proof.linearizability;

import io.autorefresh.internal.items.Invariants;
import io.autorefresh.internal.items.ItemMap;

/** What is checked when no call is in progress: a class of its own, which is not searched for interleavings. */
final class Invariance {

  private Invariance() {}

  static void check(ItemMap<?, ?> map) {
    String wrong = Invariants.check(map);
    if (!wrong.isEmpty()) {
      throw new AssertionError(wrong);
    }
  }
}
