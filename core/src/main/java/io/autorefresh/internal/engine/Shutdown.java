package io.autorefresh.internal.engine;

import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.Cycles;
import io.autorefresh.internal.cycle.FailureLog;
import io.autorefresh.internal.cycle.Listening;
import io.autorefresh.internal.cycle.NamedThreads;
import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.cycle.Signal;
import io.autorefresh.internal.schedule.Schedule.Extent;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/**
 * The end of a cache, in bounded time. One thread owns the last cycle, which carries out the pending deletions. A
 * second thread lets the listener receive the waiting events, and waits until nothing runs any more. Its time-out
 * counts by the ticker and by real time, so that the wait ends on a ticker that stands still, too. After the time-out
 * it cancels all jobs and the listener.
 */
final class Shutdown<K, V> {

  private final Cycles<K, V> cycles;
  private final Settings<K, V> settings;
  private final BooleanSupplier backgroundHasEnded;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile Signal signal;

  Shutdown(Cycles<K, V> cycles, BooleanSupplier backgroundHasEnded) {
    this.cycles = cycles;
    this.settings = cycles.settings;
    this.backgroundHasEnded = backgroundHasEnded;
    this.signal = new Signal(settings.ticker);
  }

  /** Begins; the cycles hand out no more by now. */
  void begin() {
    Cycle<K, V> last = new Cycle<>(cycles, settings.name + "/close", 0, Extent.CLOSE);
    cycles.handOut.openSpecial(last);
    cycles.add(last);
    long reallyBegun = System.nanoTime();
    last.start(null);
    new NamedThreads(settings).platform(settings.name + "/shutdown").newThread(() -> supervise(reallyBegun)).start();
  }

  private void supervise(long reallyBegun) {
    try {
      supervise(settings.ticker, reallyBegun);
    } catch (Throwable t) {
      // The ticker throws: real time is enough.
      signal = new Signal(Ticker.systemTicker());
      supervise(Ticker.systemTicker(), reallyBegun);
    } finally {
      done.countDown();
    }
  }

  private void supervise(Ticker ticker, long reallyBegun) {
    long begun = ticker.read();
    long timeout = settings.closeTimeout.toNanos();
    while (!hasEnded()) {
      if (cycles.isSilent() && cycles.map.untold() > 0) {
        listen();
      }
      if (ticker.read() - begun >= timeout || System.nanoTime() - reallyBegun >= timeout) {
        logRunning();
        cycles.cancelAll();
        break;
      }
      signal.wakeAfter(begun, timeout);
      signal.reallyWakeAfter(reallyBegun, timeout);
      signal.await();
    }
    logLost();
  }

  /** Starts a task that calls the listener with the waiting events, since no other task does. */
  private void listen() {
    Listening<K, V> listening = cycles.listen();
    if (listening != null) {
      listening.finish();
      new NamedThreads(settings).virtual(settings.name + "/listener").newThread(listening::call).start();
    }
  }

  private boolean hasEnded() {
    return backgroundHasEnded.getAsBoolean() && cycles.haveEnded() && cycles.isSilent() && cycles.map.untold() == 0;
  }

  private void logRunning() {
    StringBuilder text = new StringBuilder("closed, but these did not end in time:");
    for (Thread thread : cycles.callbackThreads()) {
      text.append(FailureLog.stackOf(thread));
    }
    cycles.log.log(Level.WARNING, text.toString());
  }

  private void logLost() {
    long undeleted = settings.deleter == null ? 0 : cycles.map.gauges().marked;
    int untold = cycles.map.untold();
    if (undeleted > 0 || untold > 0) {
      cycles.log.log(
          Level.WARNING, "closed with " + undeleted + " items not deleted, and " + untold + " events not delivered");
    }
  }

  /** A cycle, the background or the task of the listener has ended. */
  void changed() {
    signal.ring();
  }

  /** Returns when the shutdown is done. An interruption does not shorten it, and is kept. */
  void await() {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
