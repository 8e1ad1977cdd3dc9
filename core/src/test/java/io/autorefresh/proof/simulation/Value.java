package io.autorefresh.proof.simulation;

/**
 * What the remote says of an item.
 *
 * @param generation how many times the id was created before
 * @param version how many times the value has changed
 * @param group the key of its group
 * @param isFinal whether the value will not change any more
 */
record Value(int generation, int version, int group, boolean isFinal) {

  Value next(boolean isFinal, int group) {
    return new Value(generation, version + 1, group, isFinal);
  }
}
