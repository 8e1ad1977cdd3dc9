package io.autorefresh.proof.soak;

/** What the remote does instead of answering well. */
enum Fault {
  /** Nothing: all is well. */
  NONE,
  /** The call throws. */
  FAILING,
  /** The call throws an Error. */
  ERROR,
  /** Half of the items fail. */
  POISON,
  /** The call takes a while, but less than its time. */
  SLOW(10),
  /** The call takes longer than its time, and obeys its interruption. */
  HANGING(40),
  /** The call takes longer than its time, and ignores its interruption. */
  STUBBORN(40),
  /** Half of the items are not mentioned. */
  PARTIAL,
  /** There are outcomes of items that nobody asked for. */
  FOREIGN,
  /** Half of the outcomes are null. */
  NULLS,
  /** The remote asks to be left alone for a moment. */
  TOO_MANY_REQUESTS,
  /** Some of the items are gone. */
  GONE,
  /** No call succeeds for as long as this lasts. */
  OUTAGE;

  /** Among how many calls there is one with this fault: what takes long is rare, or nothing else would happen. */
  final int every;

  Fault() {
    this(2);
  }

  Fault(int every) {
    this.every = every;
  }
}
