package io.autorefresh.internal.engine;

import io.autorefresh.CycleReport;
import io.autorefresh.internal.cycle.Cycle;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The cycles that run, whoever owns them, and whether the cache is being closed. Safe for use by many threads. */
final class Cycles<K, V> {

  private final Set<Cycle<K, V>> running = ConcurrentHashMap.newKeySet();
  private final AtomicLong numbers = new AtomicLong();
  private final Runnable onBegin;
  private final Runnable onEnd;
  private volatile boolean closing;

  /**
   * Creates the register of a cache.
   *
   * @param onBegin run before each cycle
   * @param onEnd run after each cycle
   */
  Cycles(Runnable onBegin, Runnable onEnd) {
    this.onBegin = onBegin;
    this.onEnd = onEnd;
  }

  long nextNumber() {
    return numbers.incrementAndGet();
  }

  /** Runs a cycle in the calling thread. */
  CycleReport run(Cycle<K, V> cycle) throws InterruptedException {
    // Before it looks whether the cache is being closed: who closes sees it, or it sees that.
    running.add(cycle);
    try {
      onBegin.run();
      return cycle.run();
    } finally {
      running.remove(cycle);
      onEnd.run();
    }
  }

  void close() {
    closing = true;
    wakeAll();
  }

  boolean isClosing() {
    return closing;
  }

  boolean isQuiet() {
    return running.isEmpty();
  }

  void wakeAll() {
    running.forEach(Cycle::wake);
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
