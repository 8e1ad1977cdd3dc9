package io.autorefresh.internal.items;

/** A job, as its items know it. An item bears the token of at most one job, and only that job may change the item. */
public interface Token {

  /** Whether the job has lost its slot although its call still runs. */
  boolean isAbandoned();

  /** Returns the name of its thread. */
  String name();

  /** Returns the ticker's reading at the beginning of its call. */
  long began();

  /** Returns the ticker's reading as of which its answers are. */
  default long asOf() { return began(); }
}
