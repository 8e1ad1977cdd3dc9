package io.autorefresh.internal.cycle;

import io.autorefresh.BatchCreator;
import io.autorefresh.Deleter;
import io.autorefresh.internal.flight.FlightEvent;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.schedule.Call;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One sync cycle, run by its owner: while it is open it hands out whatever the schedule says, each job on a virtual
 * thread of the cycle's scope. A periodic one is open until the next one opens; then it only waits for its jobs.
 *
 * <p>The owner is a plain loop with one waiting place. It looks after overdue jobs; if a slot is free and the schedule
 * has a batch, it starts the job; otherwise it waits for a slot, a message, or a time. It calls no user code. When the
 * cycle is over and its last job has ended, the owner joins the scope, which has nothing to wait for then.
 *
 * <p><b>A call that never ends</b> holds its cycle's scope and owner, since a scope can be left in no other way. So a
 * cycle may {@linkplain #renew take over} the next one where too many older ones wait.
 *
 * <p>The file is longer than others since what the owner does and what other threads ask of it belong together.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Cycle<K, V> {

  private static final int HAND_OUTS_PER_LOOK = 64;

  /** Where there are more, an owner that yields costs its cycle more than it gives others: they have a processor. */
  private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;

  final Cycles<K, V> cycles;
  private volatile Extent extent;
  private final String name;
  private final Counters counters = new Counters();
  private final JobMonitor<K, V> monitor;
  private final CountDownLatch settled = new CountDownLatch(1);
  private volatile @Nullable Signal signal;
  /** The job for whose end the owner waits, or null if it waits for none; written by the owner. */
  private volatile @Nullable Job<K, V> awaited;
  private volatile boolean givenUp;
  private volatile @Nullable Throwable failure;
  private volatile boolean ending;
  private volatile boolean endingAll;
  private volatile long number;
  private volatile long duration;
  /** The number of the next cycle, which this one is to take over, or zero. */
  private volatile long renewed;
  /** The thread of the background that this belongs to, whose interruption ends it, or null. */
  private volatile @Nullable Thread background;

  // The rest is the owner's alone.
  private @Nullable Listening<K, V> listening;
  private boolean begun;
  private boolean over;
  private boolean handedOut;
  private boolean counted;
  private boolean cancelled;
  private boolean cancelledAll;
  private long began;
  private Counters atBegin = counters;
  private FlightEvent.@Nullable Cycle event;
  private String batches = "";
  private String deletions = "";
  private String creations = "";
  private int batch;
  private int deletion;
  private int creation;

  /**
   * Creates a cycle that does nothing yet.
   *
   * @param name of its scope, and the beginning of its threads' names
   * @param number for its report
   * @param extent what it takes in
   */
  public Cycle(Cycles<K, V> cycles, String name, long number, Extent extent) {
    this.cycles = cycles;
    this.name = name;
    this.number = number;
    this.extent = extent;
    nameJobs(name);
    this.monitor = new JobMonitor<>(cycles);
  }

  private void nameJobs(String prefix) {
    batches = prefix + "/batch-";
    deletions = prefix + "/delete-";
    creations = prefix + "/create-";
    batch = 0;
    deletion = 0;
    creation = 0;
  }

  /**
   * Runs the cycle in the calling thread, its owner, and returns when its last job has ended.
   *
   * @param listening the task that calls the listener until the cycle has settled, or null
   */
  public void run(@Nullable Listening<K, V> listening) {
    cycles.add(this);
    NamedThreads threads = new NamedThreads(cycles.settings);
    try (JobScope scope = JobScope.open(name, threads)) {
      if (listening != null) {
        listening.onEnd(this::finishTurn);
        this.listening = listening;
        threads.virtual(cycles.settings.name + "/listener");
        scope.fork(listening);
      }
      Signal signal = open();
      Consumer<Job<K, V>> starter = job -> {
        threads.virtual(job.name());
        scope.fork(job);
      };
      try {
        for (long late = 0; step(starter, late); late = signal.await()) {
          // Its one waiting place.
        }
      } finally {
        if (listening != null) {
          listening.finish();
        }
      }
      scope.join();
    } catch (InterruptedException e) {
      // The jobs have ended by now, and closing the scope has waited for the listener: there is nothing to cut short.
      Thread.currentThread().interrupt();
    } catch (Throwable t) {
      failure = t;
      if (background == null) {
        cycles.log.log(Level.WARNING, name + " has failed", t);
      }
      throw t;
    } finally {
      cycles.remove(this);
      finishTurn();
    }
  }

  /** Prepares the steps of the calling thread, the owner. */
  Signal open() {
    Signal opened = new Signal(cycles.ticker(), cycles.settings.realTime);
    signal = opened;
    if (cycles.isClosing() && extent != Extent.CLOSE) {
      ending = true;
    }
    return opened;
  }

  /**
   * Does what is to be done now, and never waits.
   *
   * @param starter starts a job on a thread of its own
   * @param late how late the owner woke
   * @return whether there is more to do when the signal is rung
   */
  boolean step(Consumer<Job<K, V>> starter, long late) {
    Signal signal = this.signal;
    if (signal == null) {
      throw new IllegalStateException(name + " is not open");
    }
    monitor.grant(late);
    monitor.look(cycles.ticker().read());
    // An owner is interrupted only when its scope is left early.
    if (Thread.interrupted()) {
      end(true);
    }
    cancelIfEnding();
    if (!over && cycles.handOut().takeTurn(this, schedule -> handOut(schedule, signal, starter))) {
      if (ONE_PROCESSOR) {
        Thread.yield();
      }
      signal.ring();
    }
    cycles.noteTurnabouts();
    if ((over || handedOut) && !counted && !awaitsJob(true)) {
      settle();
    }
    if (over && counted && !awaitsJob(false)) {
      return false;
    }
    monitor.setTimes(signal);
    return true;
  }

  /** The cycle is one of the background that the thread runs. */
  public void belongTo(Thread thread) {
    background = thread;
  }

  /** Whether no call of that kind is to begin any more. May be called by any thread. */
  boolean isEnding(boolean deletion) {
    Thread thread = background;
    // No cycle waits for its own end: another one may have given slots back by then.
    boolean refreshesEnd = ending || cycles.isClosing();
    return thread != null && thread.isInterrupted() || endingAll || refreshesEnd && !deletion;
  }

  private void cancelIfEnding() {
    if (ending && !cancelled || endingAll && !cancelledAll) {
      cancelled = true;
      cancelledAll = endingAll;
      over |= endingAll || extent != Extent.CLOSE;
      monitor.cancel(cancelledAll);
    }
  }

  /** Whether it is the one that carries out the last deletions. */
  boolean isLast() { return extent == Extent.CLOSE; }

  boolean hasBegun() { return begun && renewed == 0; }

  /** Takes in what this cycle is to do. */
  void begin(Schedule<Item<K, V>> schedule) {
    long next = renewed;
    if (next > 0) {
      renewed = 0;
      number = next;
      extent = Extent.PERIOD;
      handedOut = false;
      counted = false;
      nameJobs(cycles.settings.name + "/cycle-" + next);
    }
    begun = true;
    event = cycles.flight.beginCycle();
    atBegin = counters.copy();
    began = cycles.ticker().read();
    if (extent == Extent.PERIOD || extent == Extent.DEMAND) {
      cycles.map.removeKeptLongEnough(began);
    }
    List<Item<K, V>> deletions = List.of();
    if (cycles.settings.deleter != null) {
      deletions = cycles.map.marked(began, extent == Extent.CLOSE);
    } else if (extent == Extent.PERIOD || extent == Extent.DEMAND) {
      counters.add(Count.DELETIONS, cycles.map.removeMarked());
    }
    boolean busy = cycles.slots.running() > 0;
    schedule.beginCycle(began, extent, busy, extent == Extent.START ? List.of() : deletions, cycles.map);
  }

  /** Starts some jobs; returns whether to go on at once. */
  private boolean handOut(Schedule<Item<K, V>> schedule, Signal signal, Consumer<Job<K, V>> starter) {
    int items = 0;
    boolean more = true;
    long now = cycles.ticker().read();
    for (int i = 0; i < HAND_OUTS_PER_LOOK && (more = cycles.slots.mayTake(signal)); i++) {
      if (isEnding(isLast())) {
        return false;
      }
      if (schedule.isPaced()) {
        now = cycles.ticker().read();
      }
      Call<Item<K, V>> call = schedule.next(now);
      if (call == null) {
        signal.wakeAfter(now, schedule.delay(now));
        more = false;
        break;
      }
      cycles.slots.take();
      items += call.kind() == Kind.DELETION ? 0 : call.things().length;
      start(call, now, starter);
    }
    handedOut |= schedule.isHandedOut();
    int skipped = schedule.takeSkipped();
    counters.add(Count.ITEMS, items + skipped);
    counters.add(Count.SKIPPED, skipped);
    return more;
  }

  private void start(Call<Item<K, V>> call, long now, Consumer<Job<K, V>> starter) {
    Deleter<? super K, ? super V> deleter = cycles.settings.deleter;
    BatchCreator<K, V> creator = cycles.settings.batchCreator;
    Job<K, V> job;
    if (call.kind() == Kind.DELETION && deleter != null) {
      job = new DeleteJob<>(this, deletions, ++deletion, deleter, call);
    } else if (call.kind() == Kind.CREATION && creator != null) {
      job = new CreateJob<>(this, creations, ++creation, creator, call);
    } else {
      job = new RefreshJob<>(this, batches, ++batch, call);
    }
    monitor.add(job, now);
    boolean started = false;
    try {
      starter.accept(job);
      started = true;
    } finally {
      if (!started) {
        job.skip();
        job.finish();
      }
    }
  }

  /** Hands out no more; called by the owner. */
  void close() {
    over = true;
  }

  /**
   * Looks for a job whose end the owner has to wait for, and asks to be woken by it.
   *
   * @param unsettled whether abandoned jobs are not waited for
   */
  private boolean awaitsJob(boolean unsettled) {
    Job<K, V> job;
    do {
      job = unsettled ? monitor.unsettled() : monitor.newestRunning();
      // The job is done and looks then whether it is awaited; the owner says that it is and looks then.
      awaited = job;
    } while (job != null && job.isDone());
    return job != null;
  }

  private void settle() {
    counted = true;
    duration = cycles.ticker().read() - began;
    if (extent == Extent.PERIOD || extent == Extent.DEMAND) {
      counters.add(Count.CYCLES, 1);
    }
    if (event != null) {
      counters.minus(atBegin).showIn(event);
      event.commit();
    }
    cycles.flight.flush();
    if (listening == null) {
      finishTurn();
    } else {
      listening.finish();
    }
  }

  /** Ends the waiting of the caller that asked for the cycle. */
  private void finishTurn() {
    boolean first = settled.getCount() > 0;
    settled.countDown();
    if (first && extent == Extent.DEMAND) {
      cycles.endTurnOfDemand();
    }
  }

  // What other threads call

  /** The open cycle takes over the next one. */
  public void renew(long next) {
    renewed = next;
    wake();
  }

  /** Makes the owner look whether there is something to do. */
  void wake() {
    Signal signal = this.signal;
    if (signal != null) {
      signal.ring();
    }
  }

  /** A job has ended; called by its thread. */
  void ended(Job<K, V> job) {
    if (awaited == job) {
      wake();
    }
  }

  /**
   * The cycle ends before its time: it hands out no more and cancels its refreshes.
   *
   * @param all whether deletions are cancelled as well
   */
  public void end(boolean all) {
    if (all) {
      endingAll = true;
    }
    ending = true;
    wake();
  }

  /** The cycle will not run; ends the waiting of the caller that asked for it. */
  public void giveUp() {
    givenUp = true;
    settled.countDown();
  }

  /** Returns what ended it, an error in this library's own code or in the ticker, or null. */
  public @Nullable Throwable failure() { return failure; }

  /** Whether it did not run. */
  public boolean isGivenUp() { return givenUp; }

  /** Returns when all that the cycle took in has ended, been abandoned, or been given up. */
  public void awaitSettled() throws InterruptedException {
    settled.await();
  }

  /** What it has counted so far. */
  public Counters counters() { return counters; }

  public long number() { return number; }

  /** Returns how long it took until all that it took in had ended. */
  public Duration duration() { return Duration.ofNanos(duration); }

  /** The running jobs. */
  JobMonitor<K, V> monitor() { return monitor; }

  public String name() { return name; }
}
