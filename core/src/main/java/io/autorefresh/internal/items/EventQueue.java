package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import io.autorefresh.internal.schedule.Cause;
import io.autorefresh.internal.schedule.Failure;
import java.util.Queue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The events of a map that wait for the listener, in the order in which they took effect. An event is posted under the
 * lock of its item's stripe, right after its effect. One thread at a time takes events.
 *
 * <p>The queue is bounded. Beyond {@value #MAX_WAITING} events new ones are dropped and counted. An exception may refer
 * to anything, so at most {@value #MAX_CAUSES} of them wait; further events have a summary in place of the exception.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class EventQueue<K, V> {

  static final int MAX_WAITING = 65_536;
  static final int MAX_CAUSES = 1_024;

  private final Queue<ItemEvent<K, V>> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
  private final Semaphore causes = new Semaphore(MAX_CAUSES);
  private final AtomicLong dropped = new AtomicLong();
  private volatile @Nullable Runnable onPost;

  /** An exception without its stack and its causes. */
  private static final class Summary extends Exception {

    private static final long serialVersionUID = 1L;

    Summary(String message) {
      super(message, null, false, false);
    }
  }

  /** Returns an exception whose message says what is kept of another one. */
  static Throwable summary(Cause cause) { return new Summary(cause.toString()); }

  /** Posts an event unless too many wait; returns whether it did. */
  boolean post(ItemEvent<K, V> event) {
    boolean posted = waiting.offer(event);
    if (posted) {
      wake();
    } else {
      dropped.incrementAndGet();
    }
    return posted;
  }

  /** Posts the failure of a refresh or a deletion. */
  void postFailure(Item<K, V> item, Throwable thrown, Failure failure) {
    boolean whole = !(thrown instanceof Summary) && causes.tryAcquire();
    Throwable cause = whole ? thrown : summary(failure.cause());
    boolean posted = post(item.isMarked()
        ? new Event.DeletionFailed<>(item.id, item.value, cause, failure.count())
        : new Event.RefreshFailed<>(item.id, item.value, cause, failure.count()));
    if (whole && !posted) {
      causes.release();
    }
  }

  /** Takes the oldest event, or returns null if there is none. */
  public @Nullable ItemEvent<K, V> poll() {
    ItemEvent<K, V> event = waiting.poll();
    if (event instanceof Event.Failed failed && !(failed.cause() instanceof Summary)) {
      causes.release();
    }
    return event;
  }

  /** Sets the action after each post, or null where no thread takes events. */
  public void onPost(@Nullable Runnable action) {
    onPost = action;
  }

  /** Wakes the thread that takes events. */
  public void wake() {
    Runnable action = onPost;
    if (action != null) {
      action.run();
    }
  }

  /** Returns the number of waiting events. */
  public int size() { return waiting.size(); }

  /** Returns the number of dropped events. */
  public long dropped() { return dropped.get(); }
}
