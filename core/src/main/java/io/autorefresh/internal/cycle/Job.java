package io.autorefresh.internal.cycle;

import io.autorefresh.internal.flight.FlightEvent;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.Token;
import io.autorefresh.internal.schedule.Backoff;
import io.autorefresh.internal.schedule.Call;
import io.autorefresh.internal.schedule.Cause;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One task of a cycle's scope: a call of user code on a virtual thread of its own, with a slot and a bounded time.
 *
 * <p>Two threads decide about a job, its own and the cycle's owner. The state decides which of them counts: the first
 * move from {@code RUNNING} wins. If the job makes it, its result is applied. If the owner does, because the time is
 * over or the cycle is cancelled, the result is discarded. The slot is given back once: by the owner that abandons the
 * job, or else by the job at its end.
 *
 * <p>The file is longer than others since the states and everything that moves them belong together.
 */
abstract class Job<K, V> implements Callable<@Nullable Void>, Token {

  enum State {
    /** Its thread has not started. */
    QUEUED,
    /** User code runs, and its result will be applied. */
    RUNNING,
    /** Its result is being applied. */
    APPLYING,
    /** It took too long, and its items have failed. */
    EXPIRED,
    /** The cycle was cancelled. */
    CANCELLED,
    /** It ignored its interruption, and has lost its slot. */
    ABANDONED,
    /** Its thread has ended, except for a few instructions. */
    DONE
  }

  private static final VarHandle STATE =
      ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "state", VarHandle.class, Job.class, State.class);

  final Cycle<K, V> cycle;
  final Cycles<K, V> cycles;
  /** The next one of those that are monitored; written by the owner alone. */
  @Nullable Job<K, V> next;
  /** How much time the owner had granted to all when this was handed out. */
  long grantedBefore;
  /** When its thread was interrupted, in real time; the owner's. */
  long interruptedAt;

  private final Counters counters;
  private final Call<Item<K, V>> call;
  /** What it is to take, and then what it has taken. */
  private Item<K, V>[] items;
  private volatile boolean taken;
  /** What the schedule is to know at the end. */
  private Call.Result result = Call.Result.SKIPPED;
  private long dueAt;
  /** Whether it has let go of all its items, none of which was taken from it; its thread's alone. */
  boolean settled;
  private final String prefix;
  private final int number;
  private volatile State state = State.QUEUED;
  private volatile @Nullable Thread thread;
  /** Counts the two that deal with items whose time is over: the owner, which fails them, and the end of the call. */
  private volatile @Nullable AtomicInteger parts;
  /** As the next field: set before the state becomes {@code RUNNING}, and read by others after they saw that. */
  private long began;
  /** What it has counted itself where the call is recorded, else null. */
  private @Nullable Counters own;

  Job(Cycle<K, V> cycle, String prefix, int number, Call<Item<K, V>> call) {
    this.cycle = cycle;
    this.call = call;
    this.items = call.things();
    this.cycles = cycle.cycles;
    this.counters = cycle.counters();
    this.prefix = prefix;
    this.number = number;
  }

  /** Calls user code. */
  abstract void ask();

  /** Applies the result. */
  abstract void apply();

  /** What it calls, for the log. */
  abstract String callback();

  /** Returns how a failure of an item counts. */
  abstract Count failure();

  @Override
  public final @Nullable Void call() {
    FlightEvent.Call event = cycles.flight.beginCall();
    own = event == null ? null : new Counters();
    try {
      thread = Thread.currentThread();
      if (begin()) {
        ask();
        end();
        record(event);
      }
    } catch (Throwable t) {
      cycles.log.contain("a job", name(), t);
    } finally {
      finish();
    }
    return null;
  }

  private void record(FlightEvent.@Nullable Call event) {
    Counters counted = own;
    if (event != null && counted != null) {
      counted.showIn(event);
      event.callback = callback();
      event.items = size();
      event.timedOut = parts == null ? 0 : 1;
      event.commit();
    }
  }

  /** Takes its items; returns whether there is something to ask for. */
  final boolean begin() {
    began = cycles.ticker().read();
    if (cycle.isEnding(isDeletion()) || !move(State.QUEUED, State.RUNNING)) {
      skip();
      return false;
    }
    boolean any = take();
    taken = true;
    if (!any) {
      return false;
    }
    // Again: it may have waited for a lock.
    boolean ending = cycle.isEnding(isDeletion());
    count(Count.SKIPPED, ending && !isDeletion() ? items.length : 0);
    return !ending;
  }

  /** The call has returned: applies the result, if it counts. */
  final void end() {
    boolean wanted = move(State.RUNNING, State.APPLYING);
    // What the callback left behind must not disturb what follows.
    Thread.interrupted();
    if (wanted) {
      apply();
    } else if (parts == null && !isDeletion()) {
      // Items of a call that timed out are counted there.
      count(Count.STALE_OUTCOMES, items.length);
    }
  }

  /** It will not begin. */
  final void skip() {
    count(Count.SKIPPED, isDeletion() ? 0 : items.length);
    for (Item<K, V> item : items) {
      cycles.handOut().changed(item);
    }
  }

  /**
   * Takes its items as they are now, and not as they were when it was handed out. Items that are not to be called any
   * more are left out; returns whether any is left.
   */
  boolean take() {
    int count = 0;
    // An item may be in the schedule twice: what was called meanwhile is due later, and is not called again.
    long dueBy = began + (call.isToppedUp() ? cycles.settings.period : 0);
    for (Item<K, V> item : items) {
      if (cycles.fence.take(item, this, kind(), dueBy)) {
        items[count++] = item;
      }
    }
    count(Count.SKIPPED, isDeletion() ? 0 : items.length - count);
    if (count < items.length) {
      items = Arrays.copyOf(items, count);
    }
    return count > 0;
  }

  /** Fails the items that it still has, because the time is over; called by the owner. */
  private void expire(TimeoutException late) {
    report(Call.Result.EXPIRED, List.of(), 0);
    Cause cause = cycles.note(callback(), name(), late);
    counters.add(Count.TIMED_OUT_CALLS, 1);
    int failed = failAll(late, cause, true);
    count(Count.TIMED_OUT_ITEMS, isDeletion() ? 0 : failed);
  }

  /** The call has failed as a whole; returns how many items failed by it. */
  int failAll(Throwable thrown, Cause cause, boolean runs) {
    Cycles.WholeFailure failure = cycles.failAll(items, this, thrown, cause, !isDeletion(), runs);
    count(failure(), failure.items());
    count(Count.STALE_OUTCOMES, isDeletion() ? 0 : items.length - failure.items());
    result = cause.isRetryAfter() ? Call.Result.THROTTLED : Call.Result.FAILED;
    dueAt = failure.dueAt();
    return failure.items();
  }

  /** The call has returned. */
  final void answered() {
    result = Call.Result.ANSWERED;
  }

  /** Its thread is about to end, or never started. */
  final void finish() {
    State before = (State) STATE.getAndSet(this, State.DONE);
    try {
      // Where the time was over, the owner may be failing the items: the later of the two lets go of them.
      boolean late = parts != null && (before == State.EXPIRED || before == State.ABANDONED);
      if (!late || parts.decrementAndGet() == 0) {
        release(before == State.ABANDONED);
      }
    } finally {
      thread = null;
      if (before == State.ABANDONED) {
        cycles.slots.countAbandoned(-1);
      } else {
        cycles.slots.giveBack();
      }
      cycle.ended(this);
    }
  }

  /** Nothing comes of it any more. */
  void giveUp() {}

  /** Lets go of the items, and tells the schedule what became of the call. */
  private void release(boolean abandoned) {
    giveUp();
    for (int i = 0; i < items.length && !settled; i++) {
      cycles.fence.end(items[i], this);
    }
    if (abandoned && parts != null) {
      // An item that was alone with the call is due when it would have been.
      boolean waits = items.length == 1 && items[0].isSuspect() && items[0].isDueAt(dueAt);
      report(Call.Result.RETURNED, waits ? List.of(items) : List.of(), dueAt);
    } else if (!abandoned && (result != Call.Result.ANSWERED || call.isWatched())) {
      report(result, result == Call.Result.FAILED ? List.of(items) : List.of(), dueAt);
    }
  }

  private void report(Call.Result result, List<Item<K, V>> items, long time) {
    if (!isDeletion()) {
      cycles.handOut().report(call, result, items, time);
    }
  }

  /**
   * Looks whether the job has overrun its time; called by the owner.
   *
   * @param now the ticker's reading, less what was granted to jobs that were late through no fault of theirs
   * @return how long, at least, there is no need to look again; {@link Signal#NEVER} if it is over
   */
  final long checkTime(long now, long granted) {
    State seen = state;
    long limit = cycles.settings.timeout + granted - grantedBefore;
    if (seen == State.QUEUED) {
      // Its time does not run before its thread does.
      return limit;
    }
    if (seen != State.RUNNING) {
      return Signal.NEVER;
    }
    if (!taken) {
      return 0;
    }
    long left = limit - (now - began);
    if (left > 0) {
      return left;
    }
    TimeoutException late = timeoutException();
    AtomicInteger parts = new AtomicInteger(2);
    this.parts = parts;
    if (move(State.RUNNING, State.EXPIRED)) {
      interrupt();
      expire(late);
      if (parts.decrementAndGet() == 0) {
        release(false);
      }
    }
    return Signal.NEVER;
  }

  private TimeoutException timeoutException() {
    TimeoutException late = new TimeoutException(
        name() + " took longer than " + Duration.ofNanos(cycles.settings.timeout) + "; its thread was here");
    Thread running = thread;
    late.setStackTrace(running == null ? new StackTraceElement[0] : running.getStackTrace());
    return late;
  }

  /** The cycle ends before its time: the result will be discarded. Called by the owner. */
  final void cancel() {
    interruptedAt = cycles.settings.realTime.read();
    if (!move(State.QUEUED, State.CANCELLED) && move(State.RUNNING, State.CANCELLED)) {
      interrupt();
    }
  }

  private void interrupt() {
    interruptedAt = cycles.settings.realTime.read();
    Thread running = thread;
    if (running != null) {
      running.interrupt();
    }
  }

  /** Takes the slot from a job that ignores its interruption; returns whether it did. Called by the owner. */
  final boolean abandon() {
    if (!move(State.EXPIRED, State.ABANDONED) && !move(State.CANCELLED, State.ABANDONED)) {
      return false;
    }
    giveUp();
    boolean expired = parts != null;
    boolean alone = expired && items.length == 1 && !isDeletion();
    Failure failure = items.length == 0 ? null : items[0].failure();
    long period = cycles.settings.period;
    int hung = failure == null ? 1 : failure.hung() + 1;
    Long probeAt = alone ? (Long) (cycles.ticker().read() + Backoff.probeDelay(hung, period)) : null;
    for (Item<K, V> item : items) {
      cycles.fence.abandon(item, this, probeAt);
    }
    cycles.slots.countAbandoned(1);
    cycles.slots.giveBack();
    report(expired ? Call.Result.ABANDONED : Call.Result.SKIPPED, List.of(items), probeAt == null ? dueAt : probeAt);
    return true;
  }

  /** Whether it was told to end and has not ended; it has a thread then. */
  final boolean isEnding() {
    State seen = state;
    return seen == State.EXPIRED || seen == State.CANCELLED && thread != null;
  }

  final boolean isRunning() { return state == State.RUNNING; }

  final boolean isDone() { return state == State.DONE; }

  @Override
  public final boolean isAbandoned() { return state == State.ABANDONED; }

  /** The items that it has taken. */
  final Item<K, V>[] items() { return items; }

  /** How many items it has taken. May be called by any thread. */
  final int size() { return taken ? items.length : 0; }

  final Schedule.Kind kind() { return call.kind(); }

  final boolean isDeletion() { return kind() == Schedule.Kind.DELETION; }

  final @Nullable Thread thread() { return thread; }

  /** The name of its thread: cycle, kind and sequence number. */
  @Override
  public final String name() { return prefix + number; }

  /** The ticker's reading when its thread started. */
  @Override
  public final long began() { return began; }

  final void count(Count count, long n) {
    counters.add(count, n);
    Counters own = this.own;
    if (own != null) {
      own.add(count, n);
    }
  }

  /** Takes back an interruption that a callback left behind, so that it does not disturb the next one. */
  final void dropInterrupt() {
    if (isRunning()) {
      Thread.interrupted();
    }
  }


  private boolean move(State from, State to) { return STATE.compareAndSet(this, from, to); }
}
