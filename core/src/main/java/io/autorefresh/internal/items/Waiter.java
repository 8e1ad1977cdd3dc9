package io.autorefresh.internal.items;

import org.jspecify.annotations.Nullable;

/**
 * A caller that waits for a change of one item, and the answer of the first refresh that began since. The answer is
 * guarded by the lock of the item's stripe.
 */
public abstract class Waiter {

  /** The result of the refresh. */
  public enum Answer {
    /** It has not begun, or has not ended. */
    NONE,
    CONFIRMED,
    FAILED,
    /** The answer did not mention the item. */
    UNANSWERED,
    /** It ended without an answer. */
    CANCELLED
  }

  @Nullable Waiter next;
  private boolean begun;
  private Answer answer = Answer.NONE;
  private @Nullable Throwable failure;

  /** Makes the caller look again. Called by any thread, under a lock. */
  protected abstract void wake();

  void begin() {
    begun = true;
  }

  /** A refresh has ended. It is ignored if it began before the caller waited. */
  void end(Answer answer, @Nullable Throwable failure) {
    if (begun && this.answer == Answer.NONE) {
      this.answer = answer;
      this.failure = failure;
    }
  }

  Answer answer() { return answer; }

  /** Returns the cause of the failure, or null. To be read after the answer. */
  public @Nullable Throwable failure() { return failure; }
}
