package io.autorefresh.internal.cycle;

import io.autorefresh.ItemEvent;
import io.autorefresh.internal.items.EventQueue;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The task that calls the listener with one event after the other. A cache has only one such task at a time.
 */
public final class Listening<K, V> implements Callable<@Nullable Void> {

  private final Cycles<K, V> cycles;
  private final EventQueue<K, V> events;
  private final Consumer<? super ItemEvent<K, V>> listener;
  private volatile @Nullable Thread thread;
  /** Whether it ends when no event waits. */
  private volatile boolean finishing;
  /** Whether it ends before the next event. */
  private volatile boolean stopped;
  private volatile Runnable onEnd = () -> {};

  Listening(Cycles<K, V> cycles, EventQueue<K, V> events, Consumer<? super ItemEvent<K, V>> listener) {
    this.cycles = cycles;
    this.events = events;
    this.listener = listener;
  }

  @Override
  public @Nullable Void call() {
    thread = Thread.currentThread();
    Signal signal = new Signal(cycles.ticker());
    events.onPost(signal::ring);
    try {
      tellAll(signal);
    } finally {
      events.onPost(null);
      thread = null;
      cycles.forget(this);
      onEnd.run();
    }
    return null;
  }

  private void tellAll(Signal signal) {
    while (!stopped) {
      ItemEvent<K, V> event = events.poll();
      if (event != null) {
        tell(event);
      } else if (finishing) {
        break;
      } else {
        signal.await();
        Thread.interrupted();
      }
    }
  }

  private void tell(ItemEvent<K, V> event) {
    try {
      listener.accept(event);
    } catch (Throwable t) {
      cycles.log.contain("the listener", event.id(), t);
    }
    // What the listener left behind must not disturb the next call.
    Thread.interrupted();
  }

  /** Sets what is run when the task has ended. */
  void onEnd(Runnable action) {
    onEnd = action;
  }

  /** Ends the task when no event waits. */
  public void finish() {
    finishing = true;
    events.wake();
  }

  /** Ends the task before the next event, and interrupts the listener. */
  public void stop() {
    stopped = true;
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
    events.wake();
  }

  /** Returns the thread that calls the listener, or null. May be called by any thread. */
  public @Nullable Thread thread() { return thread; }
}
