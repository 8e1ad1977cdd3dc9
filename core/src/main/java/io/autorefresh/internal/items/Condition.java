package io.autorefresh.internal.items;

import io.autorefresh.internal.schedule.Failure;
import org.jspecify.annotations.Nullable;

/**
 * What is not common about an item, in one immutable object. An item that was confirmed by its last refresh, and is due
 * in every cycle, has none.
 *
 * @param confirmed whether a refresh has confirmed the item at least once
 * @param isNew whether its first refresh has not started, which goes ahead of the cycles
 * @param failure the failures in a row, or null
 * @param unanswered how many answers in a row did not mention it
 * @param gone how many times in a row the remote said that it no longer has it
 * @param isApart whether it has a due time of its own
 * @param dueAt this time
 * @param blocker the job whose call must end before the next one of this id may begin, or null
 */
record Condition(
    boolean confirmed,
    boolean isNew,
    @Nullable Failure failure,
    int unanswered,
    int gone,
    boolean isApart,
    long dueAt,
    @Nullable Token blocker) {

  /** Of an item whose first refresh goes ahead of the cycles. */
  static final Condition NEW = new Condition(false, true, null, 0, 0, false, 0, null);
  /** Of an item whose first refresh is that of the next cycle. */
  static final Condition UNCONFIRMED = new Condition(false, false, null, 0, 0, false, 0, null);

  private static final Condition CONFIRMED = new Condition(true, false, null, 0, 0, false, 0, null);

  private static Condition of(@Nullable Condition condition) { return condition == null ? CONFIRMED : condition; }

  /** Returns null for a condition in which there is nothing uncommon. */
  private @Nullable Condition orNull() { return equals(CONFIRMED) ? null : this; }

  /** Its first refresh starts. */
  static @Nullable Condition started(@Nullable Condition before) {
    if (before == null || !before.isNew) {
      return before;
    }
    return before == NEW ? UNCONFIRMED : before.withNew(false);
  }

  private Condition withNew(boolean isNew) {
    return new Condition(confirmed, isNew, failure, unanswered, gone, isApart, dueAt, blocker);
  }

  /** It was confirmed, and has that due time of its own. */
  static Condition apart(long dueAt) { return new Condition(true, false, null, 0, 0, true, dueAt, null); }

  /** Its refresh or deletion failed. */
  static Condition failed(@Nullable Condition before, Failure failure, @Nullable Token blocker) {
    Condition seen = of(before);
    return new Condition(
        seen.confirmed, false, failure, seen.unanswered, seen.gone, true, failure.dueAt(), blocker);
  }

  /** The call for it alone was abandoned and runs on. */
  static Condition hung(Condition before, Failure failure, long dueAt) {
    return new Condition(
        before.confirmed, false, failure, before.unanswered, before.gone, true, dueAt, before.blocker);
  }

  /** An answer did not mention it, or said that the remote no longer has it, which is not believed yet. */
  static Condition unanswered(@Nullable Condition before, boolean saidGone) {
    Condition seen = of(before);
    return new Condition(
        seen.confirmed, false, seen.failure, seen.unanswered + 1, saidGone ? seen.gone + 1 : seen.gone, false, 0, null);
  }

  /** Another call of the id must end first, or need not any more. */
  static @Nullable Condition blocked(@Nullable Condition before, @Nullable Token blocker) {
    Condition seen = of(before);
    long dueAt = seen.failure == null ? seen.dueAt : seen.failure.dueAt();
    return new Condition(
        seen.confirmed, seen.isNew, seen.failure, seen.unanswered, seen.gone, seen.isApart, dueAt, blocker).orNull();
  }

  /** It is marked for deletion: what its refreshes did counts no longer. */
  static @Nullable Condition marked(@Nullable Condition before) {
    Condition seen = of(before);
    return new Condition(seen.confirmed, false, null, 0, 0, false, 0, null).orNull();
  }

  /** Its failures delay it no longer. */
  static @Nullable Condition pardoned(@Nullable Condition before) {
    Condition seen = of(before);
    return new Condition(seen.confirmed, seen.isNew, null, 0, 0, false, 0, seen.blocker).orNull();
  }

  /** It is due in every cycle again. */
  static @Nullable Condition together(@Nullable Condition before) {
    if (before == null || !before.isApart) {
      return before;
    }
    return new Condition(before.confirmed, before.isNew, before.failure, before.unanswered, before.gone, false, 0,
        before.blocker).orNull();
  }
}
