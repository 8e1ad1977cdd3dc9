package io.autorefresh.internal.schedule;

import org.jspecify.annotations.Nullable;

/**
 * A thing that a {@link Schedule} schedules. A thing may change at any time. So the answers of these methods are peeks,
 * and the job that takes the thing decides under its lock.
 */
public interface Due {

  /** The treatment of a live thing by a walk over all of them. */
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

  /** Whether the given time is its present due time, and nothing else delays it. */
  boolean isDueAt(long time);

  /** Whether a batch may take it before its due time: not while it backs off. */
  boolean mayComeEarly();

  /** Whether its last confirmation came from a call of this cache: then no other cache is about to call it. */
  default boolean isOwn() { return true; }

  /** Whether a job of that kind may still take it at that time; a peek. */
  boolean isWanted(Schedule.Kind kind, long now);

  /** Whether a walk over all live things shows it. */
  boolean isLive();

  /** Whether it is called ahead of others, because a caller requested it. */
  boolean isRequested();

  /** Whether its last call failed as a whole. */
  boolean isSuspect();

  /** Whether {@link #setLeftOver} was called with true. */
  boolean isLeftOver();

  /** Notes whether the previous walk did not hand it out; used by the schedule alone. */
  void setLeftOver(boolean leftOver);

  /**
   * Returns the due time that the thing has itself and waits for, or {@link Schedule#NEVER}. If another thread puts
   * that time off, the thing may stay in its {@linkplain #place place}. If the time comes sooner, the thing must be
   * filed again.
   */
  default long dueTime() { return Schedule.NEVER; }

  /** Returns the last argument of {@link #setPlace}. */
  default @Nullable Object place() { return null; }

  /** Notes the place of a thing with such a due time; used by the schedule alone. */
  default void setPlace(@Nullable Object place) {
    throw new UnsupportedOperationException("a thing without a due time");
  }
}
