package io.autorefresh.proof.soak;

/** An item: which generation of its id it is of, and how often that was updated. */
record Job(Generation generation, int version, boolean done) {

  /** One stay of an id in the cache, with what remote, callers and listener know of it. */
  static final class Generation {

    final String id;
    /** The version that the listener heard of last. */
    volatile int told;
    volatile boolean terminal;
    volatile boolean ended;
    /** It has ended by a deletion; an eviction may still come when the deleter is about to be called. */
    volatile boolean deleted;
    /** The version that it had when it was seen to be marked for deletion, or -1. */
    volatile int marked = -1;
    /** How many failures in a row of its refresh, or of its deletion, the listener has heard of. */
    int failures;
    int failedDeletions;
    /** For which version the remote said that the item is gone, and how often. */
    private int goneVersion = -1;
    private int gone;
    /** When the last call of the deleter ended, if there was one. */
    private long deletionEnd;
    private boolean deletionTried;

    Generation(String id) {
      this.id = id;
    }

    /** The remote is about to say that the item is gone. */
    synchronized void sayGone(int version) {
      gone = version == goneVersion ? gone + 1 : 1;
      goneVersion = version;
    }

    /** How often the remote has said so of that version. */
    synchronized int timesGone(int version) {
      return version == goneVersion ? gone : 0;
    }

    synchronized void endDeletion() {
      deletionEnd = System.nanoTime();
      deletionTried = true;
    }

    synchronized boolean isDeletionTried() {
      return deletionTried;
    }

    /** Whether a call of the deleter has ended since that time. */
    synchronized boolean isDeletionTriedSince(long time) {
      return deletionTried && deletionEnd - time >= 0;
    }
  }

  static Job first(String id) {
    return new Job(new Generation(id), 0, false);
  }

  /** An item that is in its final state from the beginning. */
  static Job finished(String id) {
    return new Job(new Generation(id), 0, true);
  }

  Job next(boolean done) {
    return new Job(generation, version + 1, done);
  }

  /** Another instance that equals this one. */
  Job copy() {
    return new Job(generation, version, done);
  }
}
