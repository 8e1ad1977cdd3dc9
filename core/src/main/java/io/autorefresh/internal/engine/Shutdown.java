package io.autorefresh.internal.engine;

import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.Cycles;
import io.autorefresh.internal.cycle.FailureLog;
import io.autorefresh.internal.cycle.Listening;
import io.autorefresh.internal.cycle.NamedThreads;
import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.cycle.Signal;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.schedule.Schedule.Extent;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The end of a cache, in bounded time. One thread owns the last cycle, which carries out the pending deletions. Another
 * one lets the listener hear what waits, and waits until nothing runs any more, by the ticker or by real time,
 * whichever comes first, so that the wait ends on a ticker that stands still, too. After the time-out it cancels all
 * that still runs.
 */
final class Shutdown<K, V> {

  private final Cycles<K, V> cycles;
  private final Settings<K, V> settings;
  private final ItemMap<K, V> map;
  private final FailureLog log;
  private final BooleanSupplier isQuiet;
  private final CountDownLatch done = new CountDownLatch(1);
  private volatile @Nullable Signal signal;

  /**
   * Creates the end of a cache, which has not begun.
   *
   * @param isQuiet whether nothing of the background runs any more
   */
  Shutdown(
      Settings<K, V> settings, ItemMap<K, V> map, Cycles<K, V> cycles, FailureLog log, BooleanSupplier isQuiet) {
    this.settings = settings;
    this.map = map;
    this.cycles = cycles;
    this.log = log;
    this.isQuiet = isQuiet;
  }

  /** Begins; the cycles hand out no more by now. */
  void begin() {
    Cycle<K, V> last = new Cycle<>(cycles, settings.name + "/close", 0, Extent.CLOSE);
    cycles.handOut().openSpecial(last);
    cycles.add(last);
    long reallyBegun = System.nanoTime();
    NamedThreads threads = new NamedThreads(settings);
    threads.platform(last.name()).newThread(() -> delete(last)).start();
    threads.platform(settings.name + "/shutdown").newThread(() -> supervise(reallyBegun)).start();
  }

  private void delete(Cycle<K, V> last) {
    try {
      last.run(null);
    } catch (Throwable t) {
      // Logged by the cycle.
      return;
    }
  }

  private void supervise(long reallyBegun) {
    try {
      supervise(settings.ticker, reallyBegun);
    } catch (Throwable t) {
      // The ticker throws: real time is enough.
      supervise(Ticker.systemTicker(), reallyBegun);
    } finally {
      done.countDown();
    }
  }

  private void supervise(Ticker ticker, long reallyBegun) {
    Signal signal = new Signal(ticker);
    this.signal = signal;
    long begun = ticker.read();
    long timeout = settings.closeTimeout.toNanos();
    while (!isAllQuiet()) {
      if (cycles.isSilent() && map.untold() > 0) {
        tell();
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

  /** Lets the listener hear the events that wait, now that no other task calls it. */
  private void tell() {
    Listening<K, V> listening = cycles.listen();
    if (listening != null) {
      listening.finish();
      new NamedThreads(settings).virtual(settings.name + "/listener").newThread(listening::call).start();
    }
  }

  private boolean isAllQuiet() {
    return isQuiet.getAsBoolean() && cycles.haveEnded() && cycles.isSilent() && map.untold() == 0;
  }

  private void logRunning() {
    StringBuilder text = new StringBuilder("closed, but these did not end in time:");
    for (Thread thread : cycles.callbackThreads()) {
      text.append(FailureLog.stackOf(thread));
    }
    log.log(Level.WARNING, text.toString());
  }

  private void logLost() {
    long undeleted = settings.deleter == null ? 0 : map.gauges().marked;
    int untold = map.untold();
    if (undeleted > 0 || untold > 0) {
      log.log(Level.WARNING, "closed with " + undeleted + " items not deleted, and " + untold + " events not told");
    }
  }

  /** Something has ended that is waited for. */
  void changed() {
    Signal signal = this.signal;
    if (signal != null) {
      signal.ring();
    }
  }

  /** Returns when the end has come, or the time-out. An interruption does not shorten it, and is kept. */
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
