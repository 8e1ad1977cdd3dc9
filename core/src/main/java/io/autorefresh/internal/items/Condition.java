package io.autorefresh.internal.items;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * What is not common about an item, in one immutable object. An item that was confirmed by its last refresh, and is due
 * in every cycle or at the end of its interval, has none.
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
    /** One at the end of the interval, which is kept in the item. Only of an unconfirmed item. */
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

  private static final Condition CONFIRMED = new Condition(true, Next.OF_CYCLE, 0);

  private static Condition of(@Nullable Condition condition) { return condition == null ? CONFIRMED : condition; }

  /** Returns null for a condition in which there is nothing uncommon. */
  private @Nullable Condition orNull() { return equals(CONFIRMED) ? null : this; }

  /** Whether its first refresh has not started. */
  boolean isNew() { return next == Next.FIRST; }

  /** Whether its next refresh goes ahead of the cycles. */
  boolean isUrgent() { return next == Next.FIRST || next == Next.REQUESTED; }

  /** Whether it is due at the end of its interval, though not confirmed. */
  boolean isByInterval() { return next == Next.INTERVAL; }

  /** Whether it has a due time of its own. */
  boolean isApart() { return next.compareTo(Next.RETRY) >= 0; }

  private @Nullable Condition with(Next next) {
    return next == this.next ? this
        : new Condition(confirmed, next, failure, unanswered, gone, dueAt, skippedAt, blocker).orNull();
  }

  /** Returns what is next after an outcome: the request that came while the call ran, or else what the outcome says. */
  private Next unlessRequested(Next outcome) { return next == Next.REQUESTED ? next : outcome; }

  /** A refresh starts. */
  static @Nullable Condition started(@Nullable Condition before) {
    if (before == null || !before.isUrgent()) {
      return before;
    }
    return before == NEW ? UNCONFIRMED : unrequested(before);
  }

  /** Nobody waits for a refresh that starts from now on: one that failed is due as it was. */
  static @Nullable Condition unrequested(@Nullable Condition before) {
    return before == null || !before.isUrgent() ? before
        : before.with(before.failure == null ? Next.OF_CYCLE : Next.RETRY);
  }

  /** Somebody wants a refresh that starts from now on. */
  static Condition requested(@Nullable Condition before) {
    return before != null && before.isUrgent() ? before : of(of(before).with(Next.REQUESTED));
  }

  /** It may have changed: as {@link #requested}, but its back-off is skipped once in so many nanoseconds at most. */
  static Condition hinted(@Nullable Condition before, long now, long period) {
    Condition seen = of(before);
    if (seen.failure == null || seen.isUrgent()) {
      return requested(before);
    }
    return seen.hasSkipped(now, period) ? seen
        : new Condition(seen.confirmed, Next.REQUESTED, seen.failure, seen.unanswered, seen.gone, seen.dueAt, now,
            seen.blocker);
  }

  private boolean hasSkipped(long now, long period) { return skippedAt != NEVER && now - skippedAt < period; }

  /**
   * All may have changed: it is due once more, unless a job has it or is to have it. A back-off is skipped as by a
   * hint, except that of suspects, which are called with no others, and a delay that the remote asked for.
   */
  static @Nullable Condition dueOnceMore(@Nullable Condition before, long now, long period) {
    Condition seen = of(before);
    Failure failure = seen.failure;
    boolean waits = failure != null && (failure.suspect() || failure.isRetryAfter() || seen.hasSkipped(now, period));
    return waits || seen.isUrgent() || seen.blocker != null ? before
        : new Condition(seen.confirmed, Next.HINTED, failure, seen.unanswered, seen.gone, now,
            failure == null ? NEVER : now, null);
  }

  /** It was confirmed, and is due in the next cycle or at that time of its own. */
  static @Nullable Condition confirmed(@Nullable Condition before, Next next, long dueAt) {
    Next due = of(before).unlessRequested(next);
    return due == Next.OF_CYCLE ? null : new Condition(true, due, dueAt);
  }

  /** Its refresh or deletion failed. */
  static Condition failed(@Nullable Condition before, Failure failure, @Nullable Token blocker) {
    Condition seen = of(before);
    return new Condition(seen.confirmed, seen.unlessRequested(Next.RETRY), failure, seen.unanswered, seen.gone,
        failure.dueAt(), seen.skippedAt, blocker);
  }

  /** The call for it alone was abandoned and runs on. */
  static Condition hung(Condition before, Failure failure, long dueAt) {
    return new Condition(before.confirmed, before.unlessRequested(Next.RETRY), failure, before.unanswered, before.gone,
        dueAt, before.skippedAt, before.blocker);
  }

  /** An answer did not mention it, or said that the remote no longer has it, which is not believed yet. */
  static Condition unanswered(@Nullable Condition before, boolean saidGone) {
    Condition seen = of(before);
    return new Condition(seen.confirmed, seen.unlessRequested(Next.OF_CYCLE), seen.failure, seen.unanswered + 1,
        saidGone ? seen.gone + 1 : seen.gone, 0, seen.skippedAt, null);
  }

  /** Another call of the id must end first, or need not any more. */
  static @Nullable Condition blocked(@Nullable Condition before, @Nullable Token blocker) {
    Condition seen = of(before);
    long dueAt = seen.failure == null ? seen.dueAt : seen.failure.dueAt();
    return new Condition(
        seen.confirmed, seen.next, seen.failure, seen.unanswered, seen.gone, dueAt, seen.skippedAt, blocker).orNull();
  }

  /** It is marked for deletion: what its refreshes did counts no longer. */
  static @Nullable Condition marked(@Nullable Condition before) {
    return new Condition(of(before).confirmed, Next.OF_CYCLE, 0).orNull();
  }

  /** Its failures delay it no longer. */
  static @Nullable Condition pardoned(@Nullable Condition before) {
    Condition seen = of(together(before));
    return new Condition(seen.confirmed, seen.next, null, 0, 0, 0, NEVER, seen.blocker).orNull();
  }

  /** It has no due time of its own any more. */
  static @Nullable Condition together(@Nullable Condition before) {
    return before == null || !before.isApart() ? before : before.with(Next.OF_CYCLE);
  }
}
