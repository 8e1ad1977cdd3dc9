package io.autorefresh.internal.engine;

import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Alarm;
import io.autorefresh.internal.cycle.Log;
import io.autorefresh.internal.cycle.StackTraces;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The wait of those who close for the end of all callbacks, in bounded time: by the ticker or by the real clock,
 * whichever comes first, so that it ends on a ticker that stands still, too.
 */
final class Closing {

  private final String name;
  private final Ticker ticker;
  private final long timeout;
  private final List<Alarm> waiting = new CopyOnWriteArrayList<>();

  Closing(String name, Ticker ticker, long timeout) {
    this.name = name;
    this.ticker = ticker;
    this.timeout = timeout;
  }

  /** Something ended that may have been waited for. */
  void changed() {
    for (Alarm alarm : waiting) {
      alarm.ring();
    }
  }

  /** When a close began, by the ticker and really: before it told anybody. */
  record Beginning(long begun, long reallyBegun) {}

  /** The time of a close begins to run. */
  Beginning begin() {
    return new Beginning(ticker.read(), System.nanoTime());
  }

  /** Waits until all is quiet; if that takes too long, logs what still runs. Keeps an interrupt for later. */
  void await(Beginning beginning, BooleanSupplier isQuiet, Supplier<Iterable<Thread>> running) {
    Alarm alarm = new Alarm(ticker);
    waiting.add(alarm);
    boolean interrupted = false;
    try {
      while (!isQuiet.getAsBoolean()) {
        interrupted |= Thread.interrupted();
        long left = timeout - (ticker.read() - beginning.begun());
        long reallyLeft = timeout - (System.nanoTime() - beginning.reallyBegun());
        if (left <= 0 || reallyLeft <= 0) {
          logRunning(running.get());
          return;
        }
        alarm.wakeAfter(beginning.begun(), timeout);
        alarm.reallyWakeAfter(beginning.reallyBegun(), timeout);
        alarm.await();
      }
    } finally {
      waiting.remove(alarm);
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void logRunning(Iterable<Thread> running) {
    StringBuilder text = new StringBuilder(name).append(" is closed, but these did not end in time:");
    for (Thread thread : running) {
      text.append(StackTraces.of(thread));
    }
    Log.warn(text.toString());
  }
}
