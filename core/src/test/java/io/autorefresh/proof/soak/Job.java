package io.autorefresh.proof.soak;

/** An item: which generation of its id it is of, and how often that was updated. */
record Job(Generation generation, int version, boolean done) {

  /** One stay of an id in the cache, with what the listener knows of it. */
  static final class Generation {

    final String id;
    /** The version that was told last. */
    volatile int told;
    volatile boolean terminal;
    volatile boolean ended;
    /** It has ended by a deletion; an eviction may still come when the deleter is about to be called. */
    volatile boolean deleted;
    /** The version that it had when it was seen to be marked for deletion, or -1. */
    volatile int marked = -1;

    Generation(String id) {
      this.id = id;
    }
  }

  static Job first(String id) {
    return new Job(new Generation(id), 0, false);
  }

  Job next(boolean done) {
    return new Job(generation, version + 1, done);
  }
}
