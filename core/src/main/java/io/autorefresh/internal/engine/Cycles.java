package io.autorefresh.internal.engine;

import io.autorefresh.CycleReport;
import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/** The cycles that run, whoever owns them, and whether the cache is being closed. Safe for use by many threads. */
final class Cycles<K, V> {

  private final Set<Cycle<K, V>> running = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Tally ended;
  private final AtomicLong numbers = new AtomicLong();
  private final Runnable onBegin;
  private final Runnable onEnd;
  private final Watchdog watchdog;
  private volatile boolean closing;

  /**
   * Creates the register of a cache.
   *
   * @param ended counts for the cycles that have ended, and whatever belongs to none
   * @param onBegin run before each cycle
   * @param onEnd run after each cycle
   * @param timeout of a job, in nanoseconds
   */
  Cycles(Tally ended, Runnable onBegin, Runnable onEnd, long timeout) {
    this.ended = ended;
    this.onBegin = onBegin;
    this.onEnd = onEnd;
    this.watchdog = new Watchdog(timeout, () -> !isQuiet(), this::isAnyLate, () -> running.forEach(Cycle::checkTimes));
  }

  long nextNumber() {
    return numbers.incrementAndGet();
  }

  /** Runs a cycle in the calling thread. */
  CycleReport run(Cycle<K, V> cycle) throws InterruptedException {
    // Before it looks whether the cache is being closed: who closes sees it, or it sees that.
    running.add(cycle);
    try {
      watchdog.wake();
      onBegin.run();
      return cycle.run();
    } finally {
      lock.lock();
      try {
        running.remove(cycle);
        cycle.tally().addTo(ended);
      } finally {
        lock.unlock();
      }
      onEnd.run();
    }
  }

  private boolean isAnyLate() {
    return running.stream().anyMatch(Cycle::isLate);
  }

  void close() {
    closing = true;
    checkEndings();
  }

  boolean isClosing() {
    return closing;
  }

  boolean isQuiet() {
    return running.isEmpty();
  }

  /** Lets those cycles end at once that are to end before their time. */
  void checkEndings() {
    running.forEach(Cycle::checkEnding);
  }

  /** What all cycles have counted, those that run included. */
  Tally totals() {
    Tally totals = new Tally();
    // A cycle that ends meanwhile must be counted once.
    lock.lock();
    try {
      ended.addTo(totals);
      running.forEach(cycle -> cycle.tally().addTo(totals));
    } finally {
      lock.unlock();
    }
    return totals;
  }

  /** How many items wait to be handed to a job. */
  long backlog() {
    return running.stream().mapToLong(Cycle::backlog).sum();
  }

  List<Thread> callbackThreads() {
    List<Thread> threads = new ArrayList<>();
    running.forEach(cycle -> threads.addAll(cycle.callbackThreads()));
    return threads;
  }
}
