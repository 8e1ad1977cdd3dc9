package io.autorefresh.internal.items;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * What may be uncommon about an item, in one immutable object. All items that were confirmed by their last refresh, and
 * are due in every cycle or at the end of their interval, share {@link #CONFIRMED}.
 *
 * @param confirmed whether a refresh has confirmed the item at least once
 * @param next what its next refresh is
 * @param failure the failures in a row, or null
 * @param unanswered how many answers in a row did not mention it
 * @param gone how many times in a row the remote said that it no longer has it
 * @param dueAt the due time of its own, if it has one
 * @param skippedAt when a hint skipped its back-off last, or {@link Schedule#NEVER}
 * @param blocker the job whose call must end before the next one of this id may begin, or null
 */
record Condition(
    boolean confirmed,
    Next next,
    @Nullable Failure failure,
    int unanswered,
    int gone,
    long dueAt,
    long skippedAt,
    @Nullable Token blocker) {

  /** What the next refresh of an item is. */
  enum Next {
    /** That of the next cycle. */
    OF_CYCLE,
    /** The first one, which goes ahead of the cycles and has not started. */
    FIRST,
    /** A requested one, which goes ahead of the cycles and has not started. */
    REQUESTED,
    /** One at the end of the interval, which is kept in the item. Only where something else is uncommon. */
    INTERVAL,
    /** One after a failure, at a due time of its own. */
    RETRY,
    /** One at the time that the remote named. */
    NAMED,
    /** One that is due once more, since everything may have changed. */
    HINTED
  }

  private Condition(boolean confirmed, Next next, long dueAt) { this(confirmed, next, null, 0, 0, dueAt, NEVER, null); }

  /** Of an item whose first refresh goes ahead of the cycles. */
  static final Condition NEW = new Condition(false, Next.FIRST, 0);

  /** Of a new item that is due at the end of its interval, which is kept in the item. */
  static final Condition INTERVAL = new Condition(false, Next.INTERVAL, 0);

  /** Of an item whose first refresh is that of the next cycle. */
  static final Condition UNCONFIRMED = new Condition(false, Next.OF_CYCLE, 0);

  /** Of an item about which nothing is uncommon. No other condition equals it. */
  static final Condition CONFIRMED = new Condition(true, Next.OF_CYCLE, 0);

  private Condition orConfirmed() { return equals(CONFIRMED) ? CONFIRMED : this; }

  /** Whether its first refresh has not started. */
  boolean isNew() { return next == Next.FIRST; }

  /** Whether its next refresh goes ahead of the cycles. */
  boolean isUrgent() { return next == Next.FIRST || next == Next.REQUESTED; }

  /** Whether it is due at the end of its interval, which is kept in the item, or in every cycle if it has none. */
  boolean isByInterval() { return this == CONFIRMED || next == Next.INTERVAL; }

  /** Whether it has a due time of its own. */
  boolean isApart() { return next.compareTo(Next.RETRY) >= 0; }

  private Condition with(Next next) {
    return next == this.next ? this
        : new Condition(confirmed, next, failure, unanswered, gone, dueAt, skippedAt, blocker).orConfirmed();
  }

  /** Returns the next refresh after an outcome: one that was requested while the call ran, or the one given. */
  private Next unlessRequested(Next outcome) { return next == Next.REQUESTED ? next : outcome; }

  /** A refresh starts. */
  Condition started() { return this == NEW ? UNCONFIRMED : unrequested(); }

  /** No caller waits for a later refresh. An item that failed is due as it was. */
  Condition unrequested() { return isUrgent() ? with(failure == null ? Next.OF_CYCLE : Next.RETRY) : this; }

  /** A caller waits for a refresh that starts from now on. */
  Condition requested() { return isUrgent() ? this : with(Next.REQUESTED); }

  /** It may have changed: as {@link #requested}, but its back-off is skipped at most once in so many nanoseconds. */
  Condition hinted(long now, long period) {
    if (failure == null || isUrgent()) {
      return requested();
    }
    return hasSkipped(now, period) ? this
        : new Condition(confirmed, Next.REQUESTED, failure, unanswered, gone, dueAt, now, blocker);
  }

  private boolean hasSkipped(long now, long period) { return skippedAt != NEVER && now - skippedAt < period; }

  /**
   * All items may have changed. It is due once more, unless a job has it or is to have it. A back-off is skipped as by
   * a hint, with two exceptions: the back-off of a suspect, and a delay that the remote asked for.
   */
  Condition dueOnceMore(long now, long period) {
    boolean waits = failure != null && (failure.suspect() || failure.isRetryAfter() || hasSkipped(now, period));
    return waits || isUrgent() || blocker != null ? this
        : new Condition(confirmed, Next.HINTED, failure, unanswered, gone, now, failure == null ? NEVER : now, null);
  }

  /** It was confirmed, and its next refresh is the given one, at that time if it has a time of its own. */
  Condition confirmed(Next next, long dueAt) {
    Next due = unlessRequested(next);
    return due == Next.OF_CYCLE ? CONFIRMED : new Condition(true, due, dueAt);
  }

  /** Its refresh or deletion failed. */
  Condition failed(Failure failure, @Nullable Token blocker) {
    return new Condition(
        confirmed, unlessRequested(Next.RETRY), failure, unanswered, gone, failure.dueAt(), skippedAt, blocker);
  }

  /** The call for it alone was abandoned and runs on. */
  Condition hung(Failure failure, long dueAt) {
    return new Condition(confirmed, unlessRequested(Next.RETRY), failure, unanswered, gone, dueAt, skippedAt, blocker);
  }

  /**
   * Another cache has confirmed it as of the given time.
   *
   * @param running the job whose call the confirmation makes superfluous, or null
   */
  Condition received(long at, @Nullable Token running) {
    if (blocker != null) {
      // Its failures say when it is called again, after a call that runs on.
      return new Condition(true, next, failure, unanswered, gone, dueAt, skippedAt, blocker);
    }
    boolean wanted = next == Next.REQUESTED || next == Next.HINTED && dueAt - at > 0;
    return new Condition(true, wanted ? next : Next.OF_CYCLE, null, 0, 0, wanted ? dueAt : 0, NEVER, running)
        .orConfirmed();
  }

  /** It is due no sooner than at the given time, also if it is new; the end of its interval is kept in the item. */
  Condition postponed(long time) {
    if (this == CONFIRMED || isByInterval()) {
      return this;
    }
    boolean later = isApart() && time - dueAt > 0;
    return new Condition(confirmed, isApart() ? next : Next.INTERVAL, failure, unanswered, gone, later ? time : dueAt,
        skippedAt, blocker);
  }

  /**
   * An answer did not mention it, or mentioned it as deleted, which is not believed yet.
   *
   * @param otherwise what is next if no request is
   */
  Condition unanswered(boolean saidGone, Next otherwise) {
    return new Condition(
        confirmed, unlessRequested(otherwise), failure, unanswered + 1, saidGone ? gone + 1 : gone, 0, skippedAt, null);
  }

  /** It waits for the end of a call of its id, or for none any more. */
  Condition blocked(@Nullable Token blocker) {
    long time = failure == null ? dueAt : failure.dueAt();
    return new Condition(confirmed, next, failure, unanswered, gone, time, skippedAt, blocker).orConfirmed();
  }

  /** It is marked for deletion: the results of its refreshes do not count any more. */
  Condition marked() { return confirmed ? CONFIRMED : UNCONFIRMED; }

  /** Its failures delay it no longer. */
  Condition pardoned() {
    return new Condition(confirmed, together().next, null, 0, 0, 0, NEVER, blocker).orConfirmed();
  }

  /** It has no due time of its own any more. */
  Condition together() { return isApart() ? with(Next.OF_CYCLE) : this; }
}
