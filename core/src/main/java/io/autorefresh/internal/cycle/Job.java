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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One task of a cycle's scope: a call of user code on a virtual thread of its own, with a slot and a bounded time.
 *
 * <p>Two threads decide about a job, its own and the cycle's owner. The first move from {@code RUNNING} wins. If the
 * job makes it, its result is applied. If the owner makes it, at a time-out or a cancellation, the result is discarded.
 * The slot is given back once: by the owner when it abandons the job, or else by the job at its end. The job releases
 * its items at its end; if the owner is failing them then, the owner releases them.
 */
abstract class Job<K, V> implements Callable<@Nullable Void>, Token {

  enum State {
    /** Its thread has not started. */
    QUEUED,
    /** User code runs, and its result will be applied. */
    RUNNING,
    /** Its result is being applied. */
    APPLYING,
    /** It took too long, and the owner is failing its items. */
    EXPIRING,
    /** It took too long, and its items have failed. */
    EXPIRED,
    /** The cycle was cancelled. */
    CANCELLED,
    /** It ignored its interruption and has lost its slot. */
    ABANDONED,
    /** Its thread has ended, except for a few instructions. */
    DONE
  }

  private static final VarHandle STATE =
      ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "state", VarHandle.class, Job.class, State.class);

  final Cycle<K, V> cycle;
  final Cycles<K, V> cycles;
  /** The next job of the monitor's list; written by the owner alone. */
  @Nullable Job<K, V> next;
  /** The time that the owner had granted to all jobs before this one started. */
  long grantedBefore;
  /** When its thread was interrupted, in real time; the owner's. */
  long interruptedAt;
  /** The name of the callback, for the log. */
  final String callback;

  private final String name;
  private final Counters counters;
  private final Call<Item<K, V>> call;
  /** The items to take; after taking, the items that were taken. */
  private Item<K, V>[] items;
  private volatile boolean taken;
  /** The result that the job reports to the schedule at its end. */
  private Call.Result result = Call.Result.SKIPPED;
  private long dueAt;
  /** Whether all items have been released by their outcomes; its thread's alone. */
  boolean settled;
  private volatile State state = State.QUEUED;
  private volatile @Nullable Thread thread;
  /** Whether its time-out has passed; set before the state becomes {@code EXPIRING}. */
  private volatile boolean expired;
  /** Set before the state becomes {@code RUNNING}, and read by other threads after that. */
  private long began;
  /** The counts of this job alone if the call is recorded, else null. */
  private @Nullable Counters own;

  /**
   * Creates a job that has not begun.
   *
   * @param type the second part of its name
   * @param callback the name of the callback, for the log
   */
  Job(Cycle<K, V> cycle, String type, String callback, Call<Item<K, V>> call) {
    this.cycle = cycle;
    this.cycles = cycle.cycles;
    this.counters = cycle.counters();
    this.name = cycle.nextName(type);
    this.callback = callback;
    this.call = call;
    this.items = call.things();
  }

  /** Calls user code. */
  abstract void ask();

  /** Applies the result. */
  abstract void apply();

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
      cycles.log.contain("a job", name, t);
    } finally {
      finish();
    }
    return null;
  }

  private void record(FlightEvent.@Nullable Call event) {
    Counters counted = own;
    if (event != null && counted != null) {
      counted.showIn(event);
      event.callback = callback;
      event.items = size();
      event.timedOut = expired ? 1 : 0;
      event.commit();
    }
  }

  /** Takes its items; returns whether user code is to be called. */
  final boolean begin() {
    began = cycles.ticker().read();
    if (cycle.isEnding(isDeletion()) || !move(State.QUEUED, State.RUNNING)) {
      skip();
      return false;
    }
    boolean any = take();
    taken = true;
    // Again: the job may have waited for a lock.
    boolean ending = any && cycle.isEnding(isDeletion());
    countItems(Count.SKIPPED, ending ? items.length : 0);
    return any && !ending;
  }

  /** The call has returned: applies the result if the job is still running. */
  final void end() {
    boolean wanted = move(State.RUNNING, State.APPLYING);
    // An interruption that the callback left behind must not disturb the next steps.
    Thread.interrupted();
    if (wanted) {
      apply();
    } else if (!expired) {
      // The items of an expired call are counted by the owner.
      countItems(Count.STALE_OUTCOMES, items.length);
    }
  }

  /** The job will not begin. */
  final void skip() {
    countItems(Count.SKIPPED, items.length);
    for (Item<K, V> item : items) {
      cycles.handOut.changed(item);
    }
  }

  /**
   * Takes its items in their present state, which may have changed since the hand-out. Items that are not to be called
   * any more are left out. Returns whether an item was taken.
   */
  boolean take() {
    int count = 0;
    // An item may be in the schedule twice: an item that was called meanwhile is due later, and is not called again.
    long dueBy = began + (call.isToppedUp() ? cycles.settings.period : 0);
    for (Item<K, V> item : items) {
      if (cycles.fence.take(item, this, kind(), dueBy)) {
        items[count++] = item;
      }
    }
    countItems(Count.SKIPPED, items.length - count);
    if (count < items.length) {
      items = Arrays.copyOf(items, count);
    }
    return count > 0;
  }

  /** Fails one item of a call that has ended; returns whether that had an effect. */
  final boolean fail(Item<K, V> item, Throwable thrown, Cause cause) {
    long now = cycles.ticker().read();
    double jitter = cycles.backoff.jitter();
    return cycles.fence.fail(item, this, thrown, before -> cycles.backoff.next(before, cause, now, jitter), false);
  }

  /**
   * Fails all items, since the call failed as a whole. They are due again at one time, which follows from the item with
   * the fewest failures.
   *
   * @param runs whether the call is still running
   * @return how many items failed
   */
  int failAll(Throwable thrown, Cause cause, boolean runs) {
    long now = cycles.ticker().read();
    boolean throttled = cause.isRetryAfter();
    boolean suspects = !isDeletion() && !throttled;
    int least = Integer.MAX_VALUE;
    for (Item<K, V> item : items) {
      least = Math.min(least, Failure.countAfter(item.failure()));
    }
    long delay = cycles.backoff.delay(least, cause, cycles.backoff.jitter());
    long at = now + (throttled && !isDeletion() ? Math.min(delay, Schedule.LONGEST_PAUSE) : delay);
    UnaryOperator<@Nullable Failure> next = before -> Failure.after(before, cause, now, at, suspects, runs);
    int failed = 0;
    for (Item<K, V> item : items) {
      failed += cycles.fence.fail(item, this, thrown, next, runs) ? 1 : 0;
    }
    count(isDeletion() ? Count.DELETION_FAILURES : Count.FAILED, failed);
    countItems(Count.STALE_OUTCOMES, items.length - failed);
    result = throttled ? Call.Result.THROTTLED : Call.Result.FAILED;
    dueAt = at;
    return failed;
  }

  /** The call has returned. */
  final void answered() {
    result = Call.Result.ANSWERED;
  }

  /** Its thread is about to end, or never started. */
  final void finish() {
    State before = (State) STATE.getAndSet(this, State.DONE);
    try {
      if (before != State.EXPIRING) {
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

  /** The job will have no result. */
  void giveUp() {}

  /** Releases the items, and reports the result to the schedule. */
  private void release(boolean abandoned) {
    giveUp();
    for (int i = 0; i < items.length && !settled; i++) {
      cycles.fence.end(items[i], this);
    }
    if (abandoned && expired) {
      // An item that was alone in the call keeps its due time.
      boolean waits = items.length == 1 && items[0].isSuspect() && items[0].isDueAt(dueAt);
      report(Call.Result.RETURNED, waits ? List.of(items) : List.of(), dueAt);
    } else if (!abandoned && (result != Call.Result.ANSWERED || call.isWatched())) {
      report(result, result == Call.Result.FAILED ? List.of(items) : List.of(), dueAt);
    }
  }

  private void report(Call.Result result, List<Item<K, V>> items, long time) {
    if (!isDeletion()) {
      cycles.handOut.report(call, result, items, time);
    }
  }

  /**
   * Checks whether the job has overrun its time; called by the owner.
   *
   * @param now the ticker's reading
   * @param granted the time that the owner has granted to all jobs so far
   * @return a lower bound for the time until the next check, or {@link Signal#NEVER}
   */
  final long checkTime(long now, long granted) {
    State seen = state;
    long limit = cycles.settings.timeout + granted - grantedBefore;
    if (seen == State.QUEUED) {
      // Its time begins with its thread.
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
    expired = true;
    if (move(State.RUNNING, State.EXPIRING)) {
      interrupt();
      expire(late);
      if (!move(State.EXPIRING, State.EXPIRED)) {
        release(false);
      }
    } else {
      expired = false;
    }
    return Signal.NEVER;
  }

  private TimeoutException timeoutException() {
    TimeoutException late = new TimeoutException(
        name + " took longer than " + Duration.ofNanos(cycles.settings.timeout) + "; its thread was here");
    Thread running = thread;
    late.setStackTrace(running == null ? new StackTraceElement[0] : running.getStackTrace());
    return late;
  }

  private void expire(TimeoutException late) {
    report(Call.Result.EXPIRED, List.of(), 0);
    Cause cause = cycles.note(callback, name, late);
    count(Count.TIMED_OUT_CALLS, 1);
    countItems(Count.TIMED_OUT_ITEMS, failAll(late, cause, true));
  }

  /** The cycle ends early, and the result will be discarded. Called by the owner. */
  final void cancel() {
    if (move(State.QUEUED, State.CANCELLED) || move(State.RUNNING, State.CANCELLED)) {
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

  /** Takes the slot from a job that ignores its interruption. Called by the owner. */
  final void abandon() {
    if (!move(State.EXPIRED, State.ABANDONED) && !move(State.CANCELLED, State.ABANDONED)) {
      return;
    }
    giveUp();
    boolean alone = expired && items.length == 1 && !isDeletion();
    Failure failure = items.length == 0 ? null : items[0].failure();
    int hung = failure == null ? 1 : failure.hung() + 1;
    Long probeAt =
        alone ? (Long) (cycles.ticker().read() + Backoff.probeDelay(hung, cycles.settings.period)) : null;
    for (Item<K, V> item : items) {
      cycles.fence.abandon(item, this, probeAt);
    }
    cycles.slots.countAbandoned(1);
    cycles.slots.giveBack();
    report(expired ? Call.Result.ABANDONED : Call.Result.SKIPPED, List.of(items), probeAt == null ? dueAt : probeAt);
    cycles.noteAbandoned(this);
  }

  /** Whether it was interrupted and has not ended; it has a thread then. */
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
  public final String name() { return name; }

  /** The ticker's reading at which its thread started. */
  @Override
  public final long began() { return began; }

  /** The ticker's reading as of which its answers are: when its items were claimed, or else when it began. */
  @Override
  public final long asOf() { return call.claimedAt() == Schedule.NEVER ? began : call.claimedAt(); }

  /** Returns when the items of a failed call are due. */
  final long dueAt() { return dueAt; }

  final void count(Count count, long n) {
    counters.add(count, n);
    Counters own = this.own;
    if (own != null) {
      own.add(count, n);
    }
  }

  /** Counts items of a refresh; items of deletions are not counted. */
  private void countItems(Count count, long n) {
    count(count, isDeletion() ? 0 : n);
  }

  /** Clears an interruption that a callback left behind, so that it does not disturb the next callback. */
  final void dropInterrupt() {
    if (isRunning()) {
      Thread.interrupted();
    }
  }

  private boolean move(State from, State to) { return STATE.compareAndSet(this, from, to); }
}
