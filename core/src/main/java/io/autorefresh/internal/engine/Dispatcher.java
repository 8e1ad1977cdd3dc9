package io.autorefresh.internal.engine;

import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.Cycles;
import io.autorefresh.internal.cycle.JobScope;
import io.autorefresh.internal.cycle.Listening;
import io.autorefresh.internal.cycle.NamedThreads;
import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.cycle.Signal;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.schedule.Schedule.Extent;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The background: owns the outer scope for as long as the cache runs, and opens the cycles. Each cycle is a task of
 * that scope on a platform thread of its own.
 *
 * <p>Periodic cycles open at multiples of the period after the start. The cycle before then hands out no more, and the
 * items that it did not hand out go first in the next one. Ticks that were missed, as after a suspension of the
 * machine, are left out. A scope cannot end before its last call, so a tick opens a new scope only while fewer than
 * {@value #MAX_SCOPES} wait for slow calls; otherwise the open cycle takes over the next one.
 *
 * <p>A cycle on demand opens at once, and hands out before the periodic one. A tick that comes meanwhile is left out.
 */
final class Dispatcher<K, V> {

  private static final int MAX_SCOPES = 8;

  private final Cycles<K, V> cycles;
  private final Settings<K, V> settings;
  private final long period;
  private final Queue<Cycle<K, V>> demanded = new ConcurrentLinkedQueue<>();
  /** The cycles whose owners are tasks of the outer scope. */
  private final Set<Cycle<K, V>> own = ConcurrentHashMap.newKeySet();
  private final Signal signal;
  private volatile boolean ticking;
  private volatile @Nullable Throwable failure;
  private volatile long nextTick;
  private volatile long lastTick;

  // Used by the dispatcher's thread alone.
  private @Nullable Cycle<K, V> open;
  private @Nullable Listening<K, V> listening;

  Dispatcher(Cycles<K, V> cycles) {
    this.cycles = cycles;
    this.settings = cycles.settings;
    this.period = settings.period();
    this.signal = new Signal(settings.ticker);
  }

  /** The first periodic cycle is due one period from now. */
  void begin() {
    long now = settings.ticker.read();
    nextTick = now + period;
    lastTick = now;
    ticking = true;
  }

  /**
   * Runs in the calling thread until the cache is closed or the thread interrupted, and returns when the last callback
   * has ended.
   *
   * @throws InterruptedException if the thread was interrupted
   */
  void run() throws InterruptedException {
    NamedThreads threads = new NamedThreads(settings);
    boolean interrupted = false;
    try (JobScope scope = JobScope.open(settings.name, threads)) {
      try {
        runIn(scope, threads);
      } finally {
        // The status is cleared after the stop, so that jobs see one of the two at any time.
        interrupted = Thread.currentThread().isInterrupted();
        stop(interrupted);
        Thread.interrupted();
      }
      // Waits at the signal, and not in the scope: a ticker that is moved by hand knows of this wait.
      while (!(own.isEmpty() && cycles.isSilent()) && !Thread.currentThread().isInterrupted()) {
        signal.await();
      }
      scope.join();
    } catch (InterruptedException e) {
      // The second interruption: closing the scope has waited for the callbacks all the same.
      interrupted = true;
    }
    if (failure != null) {
      throw new IllegalStateException("the background of " + settings.name + " has failed", failure);
    }
    if (interrupted) {
      throw new InterruptedException(settings.name + " was interrupted");
    }
  }

  private void runIn(JobScope scope, NamedThreads threads) {
    Consumer<Cycle<K, V>> starter = cycle -> {
      threads.platform(cycle.name());
      scope.fork(() -> own(cycle));
    };
    openPeriodic(Extent.START, 0, starter);
    while (ticking && !cycles.isClosing() && !Thread.currentThread().isInterrupted()) {
      listen(scope, threads);
      step(starter);
      signal.await();
    }
  }

  /** Starts the task that calls the listener, unless a cycle on demand that began before the background has one. */
  private void listen(JobScope scope, NamedThreads threads) {
    Listening<K, V> task = listening == null ? cycles.listen() : null;
    if (task != null) {
      listening = task;
      threads.virtual(settings.name + "/listener");
      scope.fork(task);
    }
  }

  /** Owns a cycle; a failure ends the background. */
  private @Nullable Void own(Cycle<K, V> cycle) {
    cycle.run(null);
    if (cycle.failure() != null) {
      failure = cycle.failure();
      ticking = false;
    }
    ended(cycle);
    return null;
  }

  /** Opens the cycles that are due now, and never waits. */
  void step(Consumer<Cycle<K, V>> starter) {
    if (!demanded.isEmpty() && cycles.turnOfDemand.tryAcquire()) {
      Cycle<K, V> cycle = demanded.remove();
      cycles.handOut.openSpecial(cycle);
      start(cycle, starter);
    }
    long now = settings.ticker.read();
    if (now - nextTick >= 0) {
      tick(now, starter);
    }
    signal.wakeAfter(nextTick, 0);
  }

  private void tick(long now, Consumer<Cycle<K, V>> starter) {
    lastTick = nextTick + (now - nextTick) / period * period;
    nextTick = lastTick + period;
    if (cycles.handOut.isSpecialOpen()) {
      return;
    }
    cycles.noteOverrun(cycles.handOut.isBehind());
    long number = cycles.nextNumber();
    Cycle<K, V> before = open;
    if (before != null && own.size() > MAX_SCOPES) {
      before.renew(number);
    } else {
      openPeriodic(Extent.PERIOD, number, starter);
    }
  }

  void openPeriodic(Extent extent, long number, Consumer<Cycle<K, V>> starter) {
    Cycle<K, V> cycle = new Cycle<>(cycles, settings.name + "/cycle-" + number, number, extent);
    open = cycle;
    cycles.handOut.openPeriodic(cycle);
    start(cycle, starter);
  }

  private void start(Cycle<K, V> cycle, Consumer<Cycle<K, V>> starter) {
    own.add(cycle);
    cycle.belongTo(Thread.currentThread());
    starter.accept(cycle);
  }

  /** A cycle has ended. */
  void ended(Cycle<K, V> cycle) {
    own.remove(cycle);
    wake();
  }

  /** Closes the hand-out, and ends the background's cycles if they are to be cancelled. */
  private void stop(boolean cancel) {
    end();
    cycles.handOut.openPeriodic(null);
    if (cancel || failure != null) {
      own.forEach(cycle -> cycle.end(true));
    }
    if (listening != null && cancel) {
      listening.stop();
    } else if (listening != null) {
      listening.finish();
    }
  }

  /** Opens no more cycles, also if the background could not start. */
  void end() {
    ticking = false;
    cycles.refuseCreations();
    for (Cycle<K, V> cycle; (cycle = demanded.poll()) != null; ) {
      cycle.giveUp();
    }
  }

  /** Requests a cycle on demand; returns false if the background has ended. */
  boolean demand(Cycle<K, V> cycle) {
    demanded.add(cycle);
    wake();
    return ticking || !demanded.remove(cycle);
  }

  /** Wakes the dispatcher's thread. May be called by any thread. */
  void wake() {
    signal.ring();
  }

  Signal signal() { return signal; }

  /** Whether cycles open. */
  boolean isTicking() { return ticking; }

  /** Returns the reading of the ticker at which the next periodic cycle opens. */
  long nextTick() { return nextTick; }

  /** Returns the reading of the ticker at which the first periodic cycle opens at that time or later. */
  long tickAt(long time) {
    long tick = nextTick;
    return time - tick <= 0 ? tick : tick + Math.ceilDiv(time - tick, period) * period;
  }

  /** Whether the open cycle may still hand out an item that has no due time of its own. */
  boolean isTurnToCome(Item<?, ?> item) { return cycles.handOut.backlog() > 0 && item.confirmedAt() - lastTick < 0; }
}
