package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import io.autorefresh.internal.schedule.Cause;
import io.autorefresh.internal.schedule.Failure;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The events of a map, in the order in which they took effect, until its listener hears them. An event is posted under
 * the lock of its item's stripe, right after its effect. One thread takes events at a time.
 *
 * <p>A queue that nobody empties is bounded: beyond {@value #MAX_WAITING} events new ones are dropped and counted.
 * Beyond {@value #MAX_CAUSES} waiting exceptions, which may refer to anything, an event gets a summary in place of its
 * exception.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class EventQueue<K, V> {

  static final int MAX_WAITING = 65_536;
  static final int MAX_CAUSES = 1_024;

  private final Queue<ItemEvent<K, V>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger size = new AtomicInteger();
  private final AtomicInteger causes = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();
  private volatile @Nullable Runnable onPost;

  /** An exception without its stack and its causes. */
  private static final class Summary extends Exception {

    private static final long serialVersionUID = 1L;

    Summary(String message) {
      super(message, null, false, false);
    }
  }

  /** Returns the exception, or a summary of it where too many wait. */
  public Throwable summarizedIfMany(Throwable thrown, Cause cause) {
    return causes.get() < MAX_CAUSES ? thrown : summary(cause);
  }

  /** Returns an exception that tells what is kept of another one. */
  static Throwable summary(Cause cause) { return new Summary(cause.toString()); }

  /** Posts an event unless too many wait; returns whether it did. */
  boolean post(ItemEvent<K, V> event) {
    if (size.incrementAndGet() > MAX_WAITING) {
      size.decrementAndGet();
      dropped.incrementAndGet();
      return false;
    }
    waiting.add(event);
    wake();
    return true;
  }

  /** Posts that a refresh or a deletion failed. */
  void postFailure(Item<K, V> item, Throwable cause, Failure failure) {
    Throwable told = cause;
    if (!(cause instanceof Summary) && causes.incrementAndGet() > MAX_CAUSES) {
      causes.decrementAndGet();
      told = summary(failure.cause());
    }
    boolean posted = post(item.isMarked()
        ? new Event.DeletionFailed<>(item.id, item.value, told, failure.count())
        : new Event.RefreshFailed<>(item.id, item.value, told, failure.count()));
    if (!posted && !(told instanceof Summary)) {
      causes.decrementAndGet();
    }
  }

  /** Takes the event that waits for longest, or returns null if there is none. */
  public @Nullable ItemEvent<K, V> poll() {
    ItemEvent<K, V> event = waiting.poll();
    if (event != null) {
      size.decrementAndGet();
      if (causeOf(event) instanceof Throwable cause && !(cause instanceof Summary)) {
        causes.decrementAndGet();
      }
    }
    return event;
  }

  private static @Nullable Throwable causeOf(ItemEvent<?, ?> event) {
    if (event instanceof Event.RefreshFailed<?, ?> failed) {
      return failed.cause();
    }
    return event instanceof Event.DeletionFailed<?, ?> failed ? failed.cause() : null;
  }

  /** Sets what is run when an event was posted, or null where nobody takes events. */
  public void onPost(@Nullable Runnable action) {
    onPost = action;
  }

  /** Makes the thread that takes events look. */
  public void wake() {
    Runnable action = onPost;
    if (action != null) {
      action.run();
    }
  }

  /** How many events wait. */
  public int size() { return size.get(); }

  /** How many events were dropped. */
  public long dropped() { return dropped.get(); }
}
