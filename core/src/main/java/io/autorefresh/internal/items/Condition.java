package io.autorefresh.internal.items;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * The uncommon state of an item, in one immutable object. An item without any has {@link #CONFIRMED}: it was confirmed
 * by its last refresh, and is due in every cycle or at the end of its interval.
 *
 * @param confirmed whether a refresh has confirmed the item at least once
 * @param next the kind of its next refresh
 * @param failure the failures in a row, or null
 * @param unanswered the number of answers in a row that did not mention it
 * @param gone the number of answers that reported it as deleted, since its last confirmation
 * @param dueAt the due time of its own, if it has any
 * @param skippedAt the last time at which a hint skipped its back-off, or {@link Schedule#NEVER}
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

  /** The kind of an item's next refresh. */
  enum Next {
    /** That of the next cycle. */
    OF_CYCLE,
    /** The first one, which goes ahead of the cycles and has not started. */
    FIRST,
    /** A requested one, which goes ahead of the cycles and has not started. */
    REQUESTED,
    /** One at the end of the interval, which is kept in the item. For items with other uncommon state only. */
    INTERVAL,
    /** One after a failure, at a due time of its own. */
    RETRY,
    /** One at the time that the remote named. */
    NAMED,
    /** One that is due once more, since all items may have changed. */
    HINTED
  }

  private Condition(boolean confirmed, Next next, long dueAt) { this(confirmed, next, null, 0, 0, dueAt, NEVER, null); }

  /** Of an item whose first refresh goes ahead of the cycles. */
  static final Condition NEW = new Condition(false, Next.FIRST, 0);

  /** Of a new item that is due at the end of its interval, which is kept in the item. */
  static final Condition INTERVAL = new Condition(false, Next.INTERVAL, 0);

  /** Of an item whose first refresh is that of the next cycle. */
  static final Condition UNCONFIRMED = new Condition(false, Next.OF_CYCLE, 0);

  /** Of an item without uncommon state. No other condition equals it. */
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

  /** The item may have changed: as {@link #requested}, but its back-off is skipped at most once in a period. */
  Condition hinted(long now, long period) {
    if (failure == null || isUrgent()) {
      return requested();
    }
    return hasSkipped(now, period) ? this
        : new Condition(confirmed, Next.REQUESTED, failure, unanswered, gone, dueAt, now, blocker);
  }

  private boolean hasSkipped(long now, long period) { return skippedAt != NEVER && now - skippedAt < period; }

  /**
   * All items may have changed. The item is due once more, unless it is urgent or blocked. A back-off is skipped as by
   * a hint, with two exceptions: the back-off of a suspect, and a delay that the remote asked for.
   */
  Condition dueOnceMore(long now, long period) {
    boolean waits = failure != null && (failure.suspect() || failure.isRetryAfter() || hasSkipped(now, period));
    return waits || isUrgent() || blocker != null ? this
        : new Condition(confirmed, Next.HINTED, failure, unanswered, gone, now, failure == null ? NEVER : now, null);
  }

  /**
   * The item was confirmed. Its next refresh is the given one, at the given time if that kind has a time of its own.
   */
  Condition confirmed(Next next, long dueAt) {
    Next due = unlessRequested(next);
    return due == Next.OF_CYCLE ? CONFIRMED : new Condition(true, due, dueAt);
  }

  /** The item's refresh or deletion failed. */
  Condition failed(Failure failure, @Nullable Token blocker) {
    return new Condition(
        confirmed, unlessRequested(Next.RETRY), failure, unanswered, gone, failure.dueAt(), skippedAt, blocker);
  }

  /** The call for the item alone was abandoned and runs on. */
  Condition hung(Failure failure, long dueAt) {
    return new Condition(confirmed, unlessRequested(Next.RETRY), failure, unanswered, gone, dueAt, skippedAt, blocker);
  }

  /**
   * Another cache has confirmed the item as of the given time.
   *
   * @param running the job whose call the confirmation makes superfluous, or null
   */
  Condition received(long at, @Nullable Token running) {
    if (blocker != null) {
      // The failures of the item set its due time while a call runs on.
      return new Condition(true, next, failure, unanswered, gone, dueAt, skippedAt, blocker);
    }
    boolean wanted = next == Next.REQUESTED || next == Next.HINTED && dueAt - at > 0;
    return new Condition(true, wanted ? next : Next.OF_CYCLE, null, 0, 0, wanted ? dueAt : 0, NEVER, running)
        .orConfirmed();
  }

  /**
   * The item is due no sooner than at the given time, even if it is new. The end of its interval is kept in the item.
   */
  Condition postponed(long time) {
    if (this == CONFIRMED || isByInterval()) {
      return this;
    }
    boolean later = isApart() && time - dueAt > 0;
    return new Condition(confirmed, isApart() ? next : Next.INTERVAL, failure, unanswered, gone, later ? time : dueAt,
        skippedAt, blocker);
  }

  /**
   * An answer did not mention the item, or reported it as deleted, with too few such answers in a row.
   *
   * @param otherwise the next refresh unless one was requested
   */
  Condition unanswered(boolean saidGone, Next otherwise) {
    return new Condition(
        confirmed, unlessRequested(otherwise), failure, unanswered + 1, saidGone ? gone + 1 : gone, 0, skippedAt, null);
  }

  /** The item waits for the end of a call of its id, or no longer waits. */
  Condition blocked(@Nullable Token blocker) {
    long time = failure == null ? dueAt : failure.dueAt();
    return new Condition(confirmed, next, failure, unanswered, gone, time, skippedAt, blocker).orConfirmed();
  }

  /** The item is marked for deletion: the results of its refreshes no longer count. */
  Condition marked() { return confirmed ? CONFIRMED : UNCONFIRMED; }

  /** The item's failures no longer delay it. */
  Condition pardoned() {
    return new Condition(confirmed, together().next, null, 0, 0, 0, NEVER, blocker).orConfirmed();
  }

  /** The item no longer has a due time of its own. */
  Condition together() { return isApart() ? with(Next.OF_CYCLE) : this; }
}
