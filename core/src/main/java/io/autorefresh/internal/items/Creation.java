package io.autorefresh.internal.items;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The making of one item by one thread, for which the callers of that id wait. The thread that claims it makes the
 * item: the first caller's that has a creator, or a job's. A creator that asks for its own id would wait for itself: it
 * gets an exception. Creators of two threads that ask for each other's ids do wait for each other, as in any cache.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Creation<K, V> {

  private static final VarHandle OWNER =
      ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "owner", VarHandle.class, Creation.class, Thread.class);

  final Key<K> key;
  private volatile @Nullable Thread owner;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable V item;
  private volatile @Nullable Throwable failure;

  Creation(Key<K> key) {
    this.key = key;
  }

  public K id() { return key.id(); }

  /** The calling thread is to make the item; returns false if another one does or did, or nobody is to make it. */
  public boolean claim() { return !isOver() && OWNER.compareAndSet(this, null, Thread.currentThread()); }

  /** Whether nobody has claimed it. */
  public boolean isUnclaimed() { return owner == null && !isOver(); }

  /** Whether the waiting callers have their answer. */
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
