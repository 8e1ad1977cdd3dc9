package io.autorefresh.internal.items;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The making of one item by one caller, for which the other callers of that id wait. A creator that asks for its own id
 * would wait for itself: it gets an exception. Creators of two threads that ask for each other's ids do wait for each
 * other, as in any cache.
 */
final class Creation<V> {

  private final Thread owner = Thread.currentThread();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable V item;
  private volatile @Nullable Throwable failure;

  void complete(V item) {
    this.item = item;
    done.countDown();
  }

  /** Ends the waiting of the other callers with that exception, unless it has ended. */
  void fail(Throwable failure) {
    if (done.getCount() > 0) {
      this.failure = failure;
      done.countDown();
    }
  }

  /** Whether the calling thread makes the item. */
  boolean isMine() { return owner == Thread.currentThread(); }

  /** Waits for the item, and fails as its creator failed. */
  V await() throws InterruptedException {
    done.await();
    V made = item;
    if (made != null) {
      return made;
    }
    throw Creation.<RuntimeException>unchecked(failure);
  }

  /** Throws what the creator threw as it is, even if it was a checked exception that should not have come so far. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(@Nullable Throwable thrown) throws T {
    throw (T) (thrown == null ? new AssertionError("neither item nor failure") : thrown);
  }
}
