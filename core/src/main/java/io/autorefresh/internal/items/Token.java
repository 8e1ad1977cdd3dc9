package io.autorefresh.internal.items;

/**
 * A job, as the items that it has know it. An item bears the token of one job at most, and only that job may change the
 * item.
 */
public interface Token {

  /** Whether the job was given up although its call still runs. */
  boolean isAbandoned();

  /** Returns the name of its thread. */
  String name();

  /** Returns the ticker's reading at which it began. */
  long began();
}
