package io.autorefresh.internal.items;

import org.jspecify.annotations.Nullable;

/**
 * A caller that waits for a change of one item, and the answer of the first refresh that began since. The answer is
 * guarded by the lock of the item's stripe.
 */
public abstract class Waiter {

  /** What became of the refresh. */
  public enum Answer {
    /** It has not ended, or has not begun. */
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

  /** Makes the caller look again. Called under a lock, by any thread. */
  protected abstract void wake();

  void begin() {
    begun = true;
  }

  /** A refresh has ended; it counts if it had begun since the caller waits. */
  void end(Answer answer, @Nullable Throwable failure) {
    if (begun && this.answer == Answer.NONE) {
      this.answer = answer;
      this.failure = failure;
    }
  }

  /** No refresh will begin. */
  void refuse(Throwable failure) {
    begun = true;
    end(Answer.FAILED, failure);
  }

  Answer answer() { return answer; }

  /** Returns why the refresh failed, or null; read after the answer was seen. */
  public @Nullable Throwable failure() { return failure; }
}
