package io.autorefresh.internal.items;

import static io.autorefresh.internal.schedule.Schedule.NEVER;

import io.autorefresh.internal.schedule.Due;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import org.jspecify.annotations.Nullable;

/**
 * One generation of an id, from its creation to its removal. Its identity is the fence: a job that holds this object
 * can never touch a later generation of the id.
 *
 * <p>The value and the link of the chain are read without a lock. All other fields are guarded by the lock of the
 * item's stripe. The schedule and {@code inspect} peek at them without the lock, and a job checks them again under it.
 * The frequency is written by readers, and may lose a count.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public sealed class Item<K, V> extends ItemFront<K, V> implements Due permits GroupedItem {

  @Nullable Item<K, V> before;
  @Nullable Item<K, V> after;

  /** The job that has this item, or null. */
  @Nullable Token token;

  Condition condition;

  /** The time of the last confirmation; before the first one, the time of the creation. */
  long confirmedAt;

  Item(K id, int hash, V value, long now, boolean terminal, Condition condition) {
    super(id, hash, value);
    this.confirmedAt = now;
    this.terminal = terminal;
    this.condition = condition;
  }

  public final K id() { return id; }

  public final V value() { return value; }

  /** Whether this generation is still in the map. */
  public final boolean isMapped() { return queue != ItemQueue.NONE; }

  public final boolean isTerminal() { return terminal; }

  public final boolean isMarked() { return queue == ItemQueue.MARKED; }

  /** Whether its first refresh has not started. */
  public final boolean isNew() { return condition.isNew(); }

  /** Whether its next refresh goes ahead of the cycles, because it is new or requested. */
  public final boolean isUrgent() { return condition.isUrgent(); }

  /** Whether a job has it, or its last call timed out and still runs. */
  public final boolean isInFlight() { return call() != null; }

  /** Returns the job whose call must end before another one of this id, or null. */
  final @Nullable Token call() {
    Token token = this.token;
    return token == null ? condition.blocker() : token;
  }

  /** Whether a refresh has confirmed it at least once. */
  public final boolean isConfirmed() { return condition.confirmed(); }

  public final @Nullable Failure failure() { return condition.failure(); }

  /** Whether its last call failed as a whole: it is called with no others except those of that call. */
  @Override
  public final boolean isSuspect() {
    Failure failure = failure();
    return failure != null && failure.suspect();
  }

  /** Whether a call for it alone was abandoned, and runs. */
  public final boolean isHanging() { return hanging() != null; }

  /** Returns the failures in a row if its last call, which had no other item, was abandoned and runs on; else null. */
  final @Nullable Failure hanging() {
    Condition condition = this.condition;
    Failure failure = condition.failure();
    return failure != null && failure.hung() > 0 && condition.blocker() != null ? failure : null;
  }

  /** Whether it waits for the end of a call. A refresh does not wait for an abandoned one. */
  private boolean isBlocked(Condition condition) {
    Token blocker = condition.blocker();
    return blocker != null && (isMarked() || !blocker.isAbandoned());
  }

  /** Returns the number of answers in a row that did not mention it. */
  public final int unanswered() { return condition.unanswered(); }

  public final long confirmedAt() { return confirmedAt; }

  /** Returns when its interval ends, or {@link Schedule#NEVER} if it has none. */
  long intervalEnd() { return NEVER; }

  /** Sets when its interval ends; returns whether the schedule has to file it. The caller holds the lock. */
  boolean setIntervalEnd(long time) { return false; }

  /** Returns its own due time, or {@link Schedule#NEVER} if it is due in every cycle. */
  private long dueAt(Condition condition) {
    return condition.isByInterval() ? intervalEnd() : condition.isApart() ? condition.dueAt() : NEVER;
  }

  /** Whether it has a due time of its own. */
  public final boolean isApart() { return dueAt(condition) != NEVER; }

  /** Whether its due time is the end of its interval. */
  public final boolean hasInterval() { return condition.isByInterval() && intervalEnd() != NEVER; }

  /** Returns its own due time, or the given default if it is due in every cycle. */
  public final long dueAt(long otherwise) {
    long dueAt = dueAt(condition);
    return dueAt == NEVER ? otherwise : dueAt;
  }

  /** Whether a caller waits for a refresh that has not started. */
  @Override
  public final boolean isRequested() { return condition.next() == Condition.Next.REQUESTED; }

  @Override
  public final boolean isLive() { return isMapped() && !isMarked() && !terminal; }

  @Override
  public final Standing standing() {
    Condition condition = this.condition;
    if (token != null) {
      return Standing.IN_FLIGHT;
    } else if (dueAt(condition) != NEVER || condition.blocker() != null) {
      return Standing.APART;
    }
    return condition.isUrgent() ? Standing.NEW : Standing.DUE;
  }

  @Override
  public @Nullable Object group() { return null; }

  @Override
  public final boolean isDueAt(long time) {
    Condition condition = this.condition;
    return isLive() && (condition.isApart() || isRequested() && condition.failure() != null)
        && condition.dueAt() == time && !isBlocked(condition);
  }

  @Override
  public final long dueTime() {
    // The volatile field is read first: then the other fields are at least as new.
    long end = intervalEnd();
    Condition condition = this.condition;
    boolean waits = token == null && condition.isByInterval() && condition.blocker() == null;
    return waits && isLive() ? end : NEVER;
  }

  @Override
  public final boolean mayComeEarly() { return failure() == null; }

  @Override
  public final boolean isWanted(Schedule.Kind kind, long now) {
    Condition condition = this.condition;
    if (token != null || isBlocked(condition)) {
      return false;
    }
    long dueAt = dueAt(condition);
    boolean free = dueAt == NEVER || dueAt - now <= 0;
    return switch (kind) {
      case CREATION -> false;
      case DELETION -> isMarked() && free;
      case FIRST -> isMapped() && !isMarked() && isUrgent() && (!terminal || !isNew());
      case RETRY -> isLive() && isSuspect();
      case REFRESH -> isLive() && free;
    };
  }

  @Override
  public final boolean isLeftOver() { return leftOver; }

  @Override
  public final void setLeftOver(boolean leftOver) {
    this.leftOver = leftOver;
  }
}
