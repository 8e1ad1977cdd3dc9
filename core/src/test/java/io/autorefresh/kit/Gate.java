package io.autorefresh.kit;

import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Signal;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Where callbacks stop until a test opens it. At a gate with a {@code ManualTicker} they are at rest. */
public final class Gate {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Ticker ticker;
  private final Queue<Signal> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger interrupted = new AtomicInteger();
  private volatile boolean open;

  /** Creates a gate for real time. */
  public Gate() {
    this(Ticker.systemTicker());
  }

  /** Creates a gate for callbacks of a cache with this ticker. */
  public Gate(Ticker ticker) {
    this.ticker = ticker;
  }

  /** Waits for the gate to open; ends early if interrupted. */
  public void pass() throws InterruptedException {
    pass(false);
  }

  /** As {@link #pass}, where nothing that is checked may be thrown. */
  public void passUnchecked() {
    try {
      pass();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits for the gate to open; interruptions are counted and ignored. */
  public void passStubbornly() {
    try {
      pass(true);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void pass(boolean stubbornly) throws InterruptedException {
    arrived.incrementAndGet();
    Signal signal = new Signal(ticker);
    waiting.add(signal);
    try {
      for (long begun = System.nanoTime(); !open; ) {
        if (System.nanoTime() - begun >= PATIENCE.toNanos()) {
          throw new IllegalStateException("the test never opened the gate");
        }
        signal.reallyWakeAfter(begun, PATIENCE.toNanos());
        signal.await();
        if (Thread.interrupted()) {
          interrupted.incrementAndGet();
          if (!stubbornly) {
            throw new InterruptedException();
          }
        }
      }
    } finally {
      waiting.remove(signal);
    }
  }

  public void open() {
    open = true;
    waiting.forEach(Signal::ring);
  }

  /** How many callbacks have arrived. */
  public int arrived() { return arrived.get(); }

  /** How many interruptions there were. */
  public int interrupted() { return interrupted.get(); }

  public Gate awaitArrived(int callbacks) throws Exception {
    Await.until(callbacks + " callbacks are at the gate", () -> arrived.get() >= callbacks);
    return this;
  }

  public Gate awaitInterrupted(int callbacks) throws Exception {
    Await.until(callbacks + " callbacks were interrupted at the gate", () -> interrupted.get() >= callbacks);
    return this;
  }
}
