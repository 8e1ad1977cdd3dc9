package io.autorefresh.internal.engine;

import io.autorefresh.internal.cycle.Agenda;
import io.autorefresh.internal.cycle.Alarm;
import io.autorefresh.internal.cycle.Context;
import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.JobScope;
import io.autorefresh.internal.cycle.Log;
import io.autorefresh.internal.cycle.NamedThreads;
import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.schedule.Spread;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The background: owns the outer scope for as long as the cache runs, and begins the cycles, each a task of that
 * scope.
 *
 * <p>Periodic cycles begin at multiples of the period after the start. One that is still handing out jobs when the
 * next is due makes that wait, and the delay is an overrun; so cycles never pile up. One that only waits for its
 * last jobs holds nobody up. Ticks that have passed altogether, as after a suspension of the machine, are left out.
 *
 * <p>New items do not wait for a tick: when there are some, and the cycle for those before them has handed out its
 * jobs, a cycle of their own begins.
 *
 * <p>A cycle that could not begin, as memory or threads were short, is lost and no more: the next one begins at the
 * next tick. New items wait again then for what wakes this loop first, the tick or others of their kind, but do not
 * wake it themselves, since what failed would fail again at once.
 */
final class Loop<K, V> {

  /** Begins a cycle, and runs the other when it has ended, however that came. If it throws, nothing has begun. */
  interface Starter<K, V> {
    void start(Cycle<K, V> cycle, Runnable whenEnded);
  }

  private final Context<K, V> context;
  private final Cycles<K, V> cycles;
  private final long period;
  private final @Nullable Spread spread;
  private final long horizon;
  private volatile @Nullable Alarm alarm;
  private volatile boolean stopping;
  private volatile boolean handingOutPeriodic;
  private volatile boolean handingOutFirst;
  private volatile long nextTick;
  private volatile boolean ticking;
  private volatile long lastBegin;
  private volatile long lastPeriod;
  private boolean overrun;
  private long firsts;
  private final NamedThreads threads = new NamedThreads();

  Loop(Context<K, V> context, Cycles<K, V> cycles, long period, boolean spread) {
    this.context = context;
    this.cycles = cycles;
    this.period = period;
    this.spread = spread ? new Spread() : null;
    this.horizon = Agenda.horizon(this.spread, period);
    this.lastPeriod = period;
  }

  /** Time begins: the first periodic cycle is due one period from now. */
  void begin() {
    long now = context.ticker().read();
    nextTick = now + period;
    lastBegin = now;
    ticking = true;
  }

  /** Runs in the calling thread until closing or interrupted, and returns when the last callback has ended. */
  void run() throws InterruptedException {
    boolean interrupted;
    try (JobScope scope = JobScope.open(context.name(), threads)) {
      interrupted = runIn(scope);
      try {
        scope.join();
      } catch (InterruptedException e) {
        // The cycles end as fast as their callbacks do; closing the scope waits for that.
        interrupted = true;
      }
    } finally {
      // Again, since there may have been no memory for a scope.
      ticking = false;
    }
    if (interrupted) {
      throw new InterruptedException(context.name() + " was interrupted");
    }
  }

  /** Begins cycles until closing or interrupted; returns whether it was interrupted. */
  private boolean runIn(JobScope scope) {
    boolean interrupted;
    Alarm alarm = open();
    try {
      while (!cycles.isClosing() && !alarm.isOwnerInterrupted()) {
        step(alarm, (cycle, whenEnded) -> scope.fork(() -> run(cycle, whenEnded)));
        alarm.await();
      }
    } finally {
      ticking = false;
      stopping = true;
      // Only now: jobs must see the one or the other.
      interrupted = Thread.interrupted();
      cycles.checkEndings();
    }
    return interrupted;
  }

  /** Prepares the steps: they are taken whenever the alarm returned here has been rung, or its time has come. */
  Alarm open() {
    Alarm alarm = new Alarm(context.ticker(), context.realTime());
    this.alarm = alarm;
    return alarm;
  }

  /** Begins the cycles that are to begin by now, and never waits. */
  void step(Alarm alarm, Starter<K, V> starter) {
    contain(() -> beginFirst(starter));
    contain(() -> beginPeriodic(starter));
    if (!overrun) {
      alarm.wakeAfter(nextTick, 0);
    }
  }

  private void contain(Runnable step) {
    try {
      step.run();
    } catch (Throwable t) {
      Log.warn(context.name() + ": a cycle could not begin", t);
    }
  }

  private @Nullable Void run(Cycle<K, V> cycle, Runnable whenEnded) {
    try {
      runAll(cycle, whenEnded);
    } catch (Throwable t) {
      // There is no memory even to log what was thrown. If it left the task, the scope would end all cycles.
      context.totals().add(Count.CONTAINED, 1);
    }
    return null;
  }

  private void runAll(Cycle<K, V> cycle, Runnable whenEnded) {
    try {
      cycles.run(cycle);
    } catch (Throwable t) {
      Log.warn(cycle.name() + " ended before its time", t);
    } finally {
      whenEnded.run();
    }
  }

  /** Makes the loop look whether there is something to do. May be called by any thread. */
  void wake() {
    Alarm alarm = this.alarm;
    if (alarm != null) {
      alarm.ring();
    }
  }

  private void beginFirst(Starter<K, V> starter) {
    if (handingOutFirst || !context.map().hasFresh()) {
      return;
    }
    List<Item<K, V>> fresh = context.map().drainFresh();
    if (!fresh.isEmpty()) {
      handingOutFirst = true;
      long number = ++firsts;
      start(starter, "first-" + number, number, () -> Agenda.first(fresh), () -> {
        handingOutFirst = false;
        wake();
      }, () -> {
        fresh.forEach(context.fence()::offerFresh);
        handingOutFirst = false;
      });
    }
  }

  private void beginPeriodic(Starter<K, V> starter) {
    long now = context.ticker().read();
    if (now - nextTick < 0) {
      return;
    }
    if (handingOutPeriodic) {
      if (!overrun) {
        overrun = true;
        context.totals().add(Count.OVERRUNS, 1);
      }
      return;
    }
    overrun = false;
    nextTick += ((now - nextTick) / period + 1) * period;
    lastPeriod = now - lastBegin;
    lastBegin = now;
    handingOutPeriodic = true;
    long number = cycles.nextNumber();
    Runnable handedOut = () -> {
      handingOutPeriodic = false;
      wake();
    };
    start(starter, "cycle-" + number, number, () -> Agenda.periodic(spread, period), handedOut, handedOut);
  }

  /**
   * Begins a cycle.
   *
   * @param onHandedOut run when it has handed out its jobs
   * @param onFailure run instead if it did not come so far, else forgotten: a straggler holds no items of others
   */
  private void start(
      Starter<K, V> starter,
      String name,
      long number,
      Supplier<Agenda<K, V>> agenda,
      Runnable onHandedOut,
      Runnable onFailure) {
    try {
      String thread = context.name() + '/' + name;
      threads.nameNext(thread);
      AtomicReference<@Nullable Runnable> failure = new AtomicReference<>(onFailure);
      Runnable handedOut = () -> {
        if (failure.getAndSet(null) != null) {
          onHandedOut.run();
        }
      };
      Runnable ended = () -> {
        Runnable failed = failure.getAndSet(null);
        if (failed != null) {
          failed.run();
        }
      };
      starter.start(
          new Cycle<>(context, thread, number, agenda.get(), this::isStopping, handedOut), ended);
    } catch (Throwable t) {
      onFailure.run();
      throw t;
    }
  }

  private boolean isStopping() {
    Alarm alarm = this.alarm;
    return stopping || cycles.isClosing() || alarm != null && alarm.isOwnerInterrupted();
  }

  /** How long until the first cycle that begins at the given time or later; -1 if none will. */
  long untilCycleAt(long time) {
    return ticking ? Math.max(0, tickAt(time) - context.ticker().read()) : -1;
  }

  /**
   * How long until an item may have its turn: in the cycle that is handing out, if it was there when that began, or
   * else in the first one in whose course its back-off ends; -1 if there will be none.
   *
   * @param since when it was confirmed the last time, or failed
   * @param dueAt when its back-off ends, or any time that has passed
   */
  long untilTurn(long since, long dueAt) {
    if (!ticking) {
      return -1;
    }
    long now = context.ticker().read();
    long begin = handingOutPeriodic && since - lastBegin < 0 && dueAt - lastBegin <= horizon
        ? lastBegin
        : tickAt(dueAt - horizon);
    return Math.max(0, Math.max(begin - now, dueAt - now));
  }

  /** The first tick to come at the given time or later. */
  private long tickAt(long time) {
    long tick = nextTick;
    long late = time - tick;
    return late <= 0 ? tick : tick + Math.ceilDiv(late, period) * period;
  }

  /** The effective period. */
  long effectivePeriod() {
    return ticking ? Math.max(lastPeriod, context.ticker().read() - lastBegin) : lastPeriod;
  }
}
