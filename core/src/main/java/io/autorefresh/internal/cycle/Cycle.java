package io.autorefresh.internal.cycle;

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
 * One sync cycle, run by its owner. While it is open it hands out the calls of the schedule, each job on a virtual
 * thread of the cycle's scope. A periodic cycle is open until the next one opens; then it only waits for its jobs.
 *
 * <p>The owner is a plain loop with one waiting place. It checks overdue jobs. If a slot is free and the schedule has a
 * batch, it starts the job; otherwise it waits for a slot, a message, or a time. It calls no user code. When the cycle
 * is over and its last job has ended, the owner joins the scope, which has nothing to wait for then.
 *
 * <p><b>A call that never ends</b> holds its cycle's scope and owner, since a scope cannot be left in any other way. So
 * a cycle may {@linkplain #renew take over} the next one when too many older cycles wait.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Cycle<K, V> {

  private static final int HAND_OUTS_PER_LOOK = 64;

  /** With more processors a yield costs the cycle more than it gives to other threads. */
  private static final boolean ONE_PROCESSOR = Runtime.getRuntime().availableProcessors() == 1;

  final Cycles<K, V> cycles;
  final Signal signal;
  private final String name;
  private final Counters counters = new Counters();
  private final JobMonitor<K, V> monitor;
  private final CountDownLatch settled = new CountDownLatch(1);
  private volatile Extent extent;
  /** The job for whose end the owner waits, or null; written by the owner. */
  private volatile @Nullable Job<K, V> awaited;
  private volatile boolean givenUp;
  private volatile @Nullable Throwable failure;
  private volatile boolean ending;
  private volatile boolean endingAll;
  private volatile long number;
  private volatile long duration;
  /** The number of the next cycle, if this one is to take it over, or zero. */
  private volatile long renewed;
  /** The background's thread, whose interruption ends the cycle, or null. */
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
  private String prefix;
  private int jobs;

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
    this.prefix = name;
    this.number = number;
    this.extent = extent;
    this.signal = new Signal(cycles.ticker(), cycles.settings.realTime);
    this.monitor = new JobMonitor<>(cycles.settings);
  }

  /** Runs the cycle in a thread of its own; see {@link #run}. */
  public void start(@Nullable Listening<K, V> listening) {
    new NamedThreads(cycles.settings).platform(name).newThread(() -> run(listening)).start();
  }

  /**
   * Runs the cycle in the calling thread, its owner, and returns when its last job has ended. An error in this
   * library's own code or in the ticker ends the cycle, and is its {@link #failure}.
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
      // The jobs have ended, and closing the scope has waited for the listener.
      Thread.currentThread().interrupt();
    } catch (Throwable t) {
      failure = t;
      if (background == null) {
        cycles.log.log(Level.WARNING, name + " has failed", t);
      }
    } finally {
      cycles.remove(this);
      finishTurn();
    }
  }

  /**
   * Does everything that is due now, and never waits.
   *
   * @param starter starts a job on a thread of its own
   * @param late how late the owner woke
   * @return whether the owner is to wait and to step again
   */
  boolean step(Consumer<Job<K, V>> starter, long late) {
    monitor.grant(late);
    monitor.look(cycles.ticker().read());
    // An owner is interrupted only when its scope is left early.
    if (Thread.interrupted()) {
      end(true);
    }
    cancelIfEnding();
    if (!over && cycles.handOut.takeTurn(this, late, schedule -> handOut(schedule, starter))) {
      if (ONE_PROCESSOR) {
        Thread.yield();
      }
      signal.ring();
    }
    cycles.noteTurnabouts();
    if ((over || handedOut) && !counted && !awaitsJob(false)) {
      settle();
    }
    if (over && counted && !awaitsJob(true)) {
      return false;
    }
    monitor.setTimes(signal);
    return true;
  }

  /** Makes the cycle one of the background that the thread runs. */
  public void belongTo(Thread thread) {
    background = thread;
  }

  /** Whether no more calls of that kind begin. May be called by any thread. */
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
      over |= endingAll || !isLast();
      monitor.cancel(cancelledAll);
    }
  }

  /** Whether it is the cycle of the close, which carries out the last deletions. */
  boolean isLast() { return extent == Extent.CLOSE; }

  /** Whether it is a sync cycle, and not the first refreshes after the start or the last deletions. */
  private boolean isWhole() { return extent == Extent.PERIOD || extent == Extent.DEMAND; }

  boolean hasBegun() { return begun && renewed == 0; }

  /** Gives the schedule the work of this cycle. */
  void begin(Schedule<Item<K, V>> schedule) {
    long next = renewed;
    if (next > 0) {
      renewed = 0;
      number = next;
      extent = Extent.PERIOD;
      handedOut = false;
      counted = false;
      prefix = cycles.settings.name + "/cycle-" + next;
      jobs = 0;
    }
    begun = true;
    event = cycles.flight.beginCycle();
    atBegin = counters.copy();
    began = cycles.ticker().read();
    if (isWhole()) {
      cycles.map.removeKeptLongEnough(began);
    }
    List<Item<K, V>> deletions = List.of();
    if (cycles.settings.deleter != null && extent != Extent.START) {
      deletions = cycles.map.marked(began, isLast());
    } else if (isWhole()) {
      counters.add(Count.DELETIONS, cycles.map.removeMarked());
    }
    schedule.beginCycle(began, extent, cycles.slots.running() > 0, deletions, cycles.map);
  }

  /** Starts some jobs; returns whether to go on at once. */
  private boolean handOut(Schedule<Item<K, V>> schedule, Consumer<Job<K, V>> starter) {
    int items = 0;
    boolean more = true;
    long now = cycles.ticker().read();
    for (int i = 0; i < HAND_OUTS_PER_LOOK && (more = cycles.slots.mayTake(signal)); i++) {
      if (isEnding(isLast())) {
        return false;
      }
      cycles.handOut.takeReports();
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
    Job<K, V> job = switch (call.kind()) {
      case DELETION -> new DeleteJob<>(this, call);
      case CREATION -> new CreateJob<>(this, call);
      default -> new RefreshJob<>(this, call);
    };
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

  /** Returns a name for the next job. */
  String nextName(String type) { return prefix + '/' + type + '-' + ++jobs; }

  /** The cycle hands out no more; called by the owner. */
  void close() {
    over = true;
  }

  /**
   * Looks for a job that has not ended; its end will wake the owner.
   *
   * @param orAbandoned whether abandoned jobs count
   */
  private boolean awaitsJob(boolean orAbandoned) {
    Job<K, V> job;
    do {
      job = monitor.running(orAbandoned);
      // The job is done before it looks whether it is awaited; the owner writes before it looks whether the job is
      // done.
      awaited = job;
    } while (job != null && job.isDone());
    return job != null;
  }

  private void settle() {
    counted = true;
    duration = cycles.ticker().read() - began;
    monitor.removeDone();
    counters.add(Count.CYCLES, isWhole() ? 1 : 0);
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

  /** Wakes the caller that asked for the cycle. */
  private void finishTurn() {
    boolean first = settled.getCount() > 0;
    settled.countDown();
    if (first && extent == Extent.DEMAND) {
      cycles.endTurnOfDemand();
    }
  }

  // Called by other threads

  /** Makes the open cycle take over the next one. */
  public void renew(long next) {
    renewed = next;
    signal.ring();
  }

  /** A job has ended; called by its thread. */
  void ended(Job<K, V> job) {
    if (awaited == job) {
      signal.ring();
    }
  }

  /**
   * Ends the cycle early: it hands out no more and cancels its refreshes.
   *
   * @param all whether deletions are cancelled as well
   */
  public void end(boolean all) {
    if (all) {
      endingAll = true;
    }
    ending = true;
    signal.ring();
  }

  /** The cycle will not run; wakes the caller that asked for it. */
  public void giveUp() {
    givenUp = true;
    settled.countDown();
  }

  /** Returns the error that ended it, or null. */
  public @Nullable Throwable failure() { return failure; }

  /** Whether it did not run. */
  public boolean isGivenUp() { return givenUp; }

  /** Returns when all calls of the cycle have ended or been abandoned, or the cycle was given up. */
  public void awaitSettled() throws InterruptedException {
    settled.await();
  }

  /** Its counts so far. */
  public Counters counters() { return counters; }

  public long number() { return number; }

  /** Returns the time from its begin until all its calls had ended or been abandoned. */
  public Duration duration() { return Duration.ofNanos(duration); }

  JobMonitor<K, V> monitor() { return monitor; }

  public String name() { return name; }
}
