package io.autorefresh.kit;

import io.autorefresh.internal.cycle.Signal;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Where callbacks stop until the test lets them go on. */
public final class Gate {

  private static final long PATIENCE_SECONDS = 30;

  private final CountDownLatch open = new CountDownLatch(1);
  private final Queue<Signal> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger arrived = new AtomicInteger();
  private final AtomicInteger interrupted = new AtomicInteger();

  /** Waits for the gate to open; ends early if interrupted. */
  public void pass() throws InterruptedException, TimeoutException {
    arrived.incrementAndGet();
    try {
      awaitOpen(System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS));
    } catch (InterruptedException e) {
      interrupted.incrementAndGet();
      throw e;
    }
  }

  /** As {@link #pass}, where nothing that is checked may be thrown. */
  public void passUnchecked() {
    try {
      pass();
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits for the gate to open, whoever interrupts; such interrupts are counted and swallowed. */
  public void passStubbornly() throws TimeoutException {
    arrived.incrementAndGet();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      try {
        awaitOpen(deadline);
        return;
      } catch (InterruptedException e) {
        interrupted.incrementAndGet();
      }
    }
  }

  /** A thread of a cache whose time is moved by hand is at rest here, until the gate opens. */
  private void awaitOpen(long deadline) throws InterruptedException, TimeoutException {
    ManualTicker ticker = ManualTicker.ofThread();
    if (ticker == null) {
      if (!open.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
        throw new TimeoutException("the test never opened the gate");
      }
      return;
    }
    Signal signal = new Signal(ticker);
    waiting.add(signal);
    while (open.getCount() > 0) {
      signal.await();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  public void open() {
    open.countDown();
    waiting.forEach(Signal::ring);
  }

  /** The number of callbacks that came here so far. */
  public int arrived() {
    return arrived.get();
  }

  /** The number of interruptions that came here so far. */
  public int interrupted() {
    return interrupted.get();
  }

  public Gate awaitArrived(int callbacks) throws Exception {
    Await.until(callbacks + " callbacks are at the gate", () -> arrived.get() >= callbacks);
    return this;
  }

  public Gate awaitInterrupted(int callbacks) throws Exception {
    Await.until(callbacks + " callbacks were interrupted at the gate", () -> interrupted.get() >= callbacks);
    return this;
  }
}
