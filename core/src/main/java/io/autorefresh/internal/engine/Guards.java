package io.autorefresh.internal.engine;

import io.autorefresh.internal.items.Interruptible;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The callbacks that run in threads that no cycle knows: predicates and listeners called by those who create items.
 * So closing can interrupt them and wait for them, and none begins after it.
 */
final class Guards {

  private final Set<Interruptible> running = ConcurrentHashMap.newKeySet();
  private final Runnable onEnd;
  private volatile boolean over;

  /**
   * Creates the guards of a cache.
   *
   * @param onEnd run when a callback has ended, or came too late: whoever closes may have seen it and wait for that
   */
  Guards(Runnable onEnd) {
    this.onEnd = onEnd;
  }

  /** Begins a callback in the calling thread; null if it is too late for that. */
  @Nullable Interruptible begin() {
    Interruptible guard = new Interruptible(this::remove);
    running.add(guard);
    // After adding: either this sees that it is over, or who ends it sees what was added.
    if (over) {
      // As at the end of a callback: who ends it may have interrupted this already.
      end(guard);
      return null;
    }
    return guard;
  }

  void end(Interruptible guard) {
    guard.end();
    remove(guard);
    guard.close();
  }

  private void remove(Interruptible guard) {
    running.remove(guard);
    onEnd.run();
  }

  /**
   * Lets no more begin and interrupts those that run.
   *
   * @param onFailure takes what an interruption throws
   */
  void close(Consumer<? super Throwable> onFailure) {
    over = true;
    running.forEach(guard -> guard.interrupt(onFailure));
  }

  boolean isQuiet() {
    return running.isEmpty();
  }

  List<Thread> threads() {
    List<Thread> threads = new ArrayList<>();
    running.forEach(guard -> threads.add(guard.thread()));
    return threads;
  }
}
