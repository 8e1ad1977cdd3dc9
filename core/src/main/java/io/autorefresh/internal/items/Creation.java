package io.autorefresh.internal.items;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The creation of one item by one thread, for which the other callers of its id wait. The thread that claims it makes
 * the item: that of the first caller with a creator, or a job's. A creator that asks for its own id gets an exception,
 * since it would wait for itself. Creators of two threads that ask for each other's ids wait for each other.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Creation<K, V> {

  final K id;
  final int hash;
  private final AtomicReference<@Nullable Thread> owner = new AtomicReference<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable V item;
  private volatile @Nullable Throwable failure;

  Creation(K id) {
    this.id = id;
    this.hash = Table.hash(id);
  }

  public K id() { return id; }

  /** Makes the calling thread the owner; returns false if there is one already, or the creation is over. */
  public boolean claim() { return !isOver() && owner.compareAndSet(null, Thread.currentThread()); }

  /** Whether it waits for its owner. */
  public boolean isUnclaimed() { return owner.get() == null && !isOver(); }

  /** Whether it has succeeded or failed. */
  public boolean isOver() { return done.getCount() == 0; }

  void complete(V item) {
    this.item = item;
    done.countDown();
  }

  /** Ends the waiting of the other callers with that exception, unless it has ended. */
  void fail(Throwable failure) {
    if (!isOver()) {
      this.failure = failure;
      done.countDown();
    }
  }

  /** Whether the calling thread is the owner. */
  boolean isMine() { return owner.get() == Thread.currentThread(); }

  /** Waits for the item, and fails as its creator failed. */
  V await() throws InterruptedException {
    done.await();
    V made = item;
    if (made != null) {
      return made;
    }
    throw Creation.<RuntimeException>unchecked(failure);
  }

  /** Throws the creator's exception as it is, even a checked one that should not have come so far. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(@Nullable Throwable thrown) throws T {
    throw (T) (thrown == null ? new AssertionError("neither item nor failure") : thrown);
  }
}
