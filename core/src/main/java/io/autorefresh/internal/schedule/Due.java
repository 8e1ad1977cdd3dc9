package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link Schedule} asks of the things that it schedules. A thing may change under the schedule at any time:
 * answers are peeks, and the job that takes the thing decides under its lock.
 */
public interface Due {

  /** How a walk over all live things treats one of them. */
  enum Standing {
    /** It is due in every cycle. */
    DUE,
    /** The same, but a job has it now. */
    IN_FLIGHT,
    /** Its first refresh has not started. */
    NEW,
    /** It has a due time of its own, or waits for the end of a job. */
    APART
  }

  /** Returns the standing of a live thing. */
  Standing standing();

  /** Returns the key of its group, or null if there is only one group. */
  @Nullable Object group();

  /** Whether that is its present due time, and nothing else keeps it from being called then. */
  boolean isDueAt(long time);

  /** Whether a batch may take it before its due time: not while it backs off. */
  boolean mayComeEarly();

  /** Whether a job of that kind may still take it at that time, as far as a peek shows. */
  boolean isWanted(Schedule.Kind kind, long now);

  /** Whether a walk over all live things shows it. */
  boolean isLive();

  /** Whether it is called ahead of others since a caller asked for it. */
  boolean isRequested();

  /** Whether its last call failed as a whole. */
  boolean isSuspect();

  /** Whether {@link #setLeftOver} was called with true. */
  boolean isLeftOver();

  /** Notes whether the walk before did not hand it out; used by the schedule alone. */
  void setLeftOver(boolean leftOver);

  /**
   * Returns the due time that the thing has itself and waits for, or {@link Schedule#NEVER}. Where another thread puts
   * it off, the thing may stay in its {@linkplain #place place}; otherwise it is to be filed again.
   */
  default long dueTime() { return Schedule.NEVER; }

  /** Returns what {@link #setPlace} was given last. */
  default @Nullable Object place() { return null; }

  /** Notes where the schedule has a thing with such a due time; used by the schedule alone. */
  default void setPlace(@Nullable Object place) {
    throw new UnsupportedOperationException("a thing without a due time");
  }
}
