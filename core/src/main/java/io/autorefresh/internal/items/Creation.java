package io.autorefresh.internal.items;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The making of one item, by one caller, for whom the other callers of that id wait.
 *
 * <p>A creator that asks for its own id would wait for itself, and two that ask for each other's would wait for
 * ever. So nobody begins to wait without having followed the chain of who waits for whom, under one lock for all
 * maps: if it leads back to him, he gets an exception instead. Only the threads that call are known; what a creator
 * forks is not.
 */
final class Creation<K, V> {

  private static final ReentrantLock CHAIN = new ReentrantLock();
  private static final Map<Thread, Creation<?, ?>> WAITING = new HashMap<>();

  final Key<K> key;
  private final Interruptible stretch;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable V item;
  private volatile @Nullable Throwable failure;

  /**
   * Begins a creation in the calling thread.
   *
   * @param whenLeft run by that thread, and given this creation, if it was left without being {@linkplain #close
   *     closed}, as the stack was exhausted
   */
  Creation(Key<K> key, Consumer<Creation<K, V>> whenLeft) {
    this.key = key;
    this.stretch = new Interruptible(stretch -> whenLeft.accept(this));
  }

  Thread owner() {
    return stretch.thread();
  }

  /** Ends the part that may be interrupted. */
  void leave() {
    stretch.end();
  }

  /** The creator has ended, and those who ask for the id find what came of it. */
  void close() {
    stretch.close();
  }

  void complete(V item) {
    this.item = item;
    done.countDown();
  }

  void fail(Throwable failure) {
    if (done.getCount() > 0) {
      this.failure = failure;
      done.countDown();
    }
  }

  /** Sends the waiting callers away and interrupts the creator; the consumer takes what that throws. */
  void abort(Throwable reason, Consumer<? super Throwable> onFailure) {
    fail(reason);
    stretch.interrupt(onFailure);
  }

  /** Waits for the item as somebody else makes it, and fails as he fails. */
  V await() throws InterruptedException {
    Thread me = Thread.currentThread();
    if (!beginToWait(me)) {
      throw new IllegalStateException(
          "waiting for the creator of " + IdText.of(key.id()) + " would be a deadlock: it waits for this thread");
    }
    try {
      done.await();
    } finally {
      CHAIN.lock();
      try {
        WAITING.remove(me);
      } finally {
        CHAIN.unlock();
      }
    }
    Throwable thrown = failure;
    if (thrown != null) {
      throw Creation.<RuntimeException>unchecked(thrown);
    }
    V made = item;
    if (made == null) {
      throw new AssertionError("neither item nor failure for " + key.id());
    }
    return made;
  }

  /** Notes that a thread waits for this, and returns true; or false if it would wait for itself. */
  private boolean beginToWait(Thread me) {
    CHAIN.lock();
    try {
      for (Creation<?, ?> at = this; at != null && at.done.getCount() > 0; at = WAITING.get(at.owner())) {
        if (at.owner() == me) {
          return false;
        }
      }
      WAITING.put(me, this);
      return true;
    } finally {
      CHAIN.unlock();
    }
  }

  /** Throws what the creator threw as it is, even if it was a checked exception that should not have come so far. */
  @SuppressWarnings("unchecked")
  private static <T extends Throwable> T unchecked(Throwable thrown) throws T {
    throw (T) thrown;
  }
}
