package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Outbox;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * One task of a cycle's scope: a call of user code on a virtual thread of its own, with the time it may take.
 *
 * <p>Two threads decide about a job, its own and the cycle's owner, or whoever does the owner's work when that is late.
 * The <i>phase</i> decides whose word counts: whichever moves it on from {@code RUNNING} first. If the job does, its
 * result is applied; if another does, because the time is over or the cycle is cancelled, the result is discarded. The
 * <i>slot</i> decides who gives it back: the job at its end or, if it ignores its interruption, the owner who abandons
 * it.
 */
abstract class Job<K, V> implements Callable<@Nullable Void> {

  enum Phase {
    /** Its thread has not begun. */
    QUEUED,
    /** User code runs, whose result will be applied. */
    RUNNING,
    /** Its result is being applied, and told to the listener. */
    APPLYING,
    /** It took too long: its items are being failed. */
    EXPIRING,
    /** It took too long: its items have failed. */
    EXPIRED,
    /** Its cycle was cancelled while user code ran. */
    CANCELLED,
    /** Its cycle was cancelled before its thread began. */
    DROPPED,
    /** Its thread has ended, but for a few instructions. */
    DONE
  }

  private enum Slot {
    /** It needs none. */
    NONE,
    HELD,
    ABANDONED,
    GIVEN_BACK
  }

  private static final VarHandle PHASE = Handles.of(MethodHandles.lookup(), "phase", Phase.class);
  private static final VarHandle SLOT = Handles.of(MethodHandles.lookup(), "slot", Slot.class);
  private static final VarHandle THREAD = Handles.of(MethodHandles.lookup(), "thread", Thread.class);

  final Cycle<K, V> cycle;
  /** The next one of those that are watched; changed by the owner alone. */
  @Nullable Job<K, V> nextWatched;

  private final int number;
  /** Like the next, not volatile: it is set first before anybody else knows the job, and no fence is due for that. */
  private Phase phase = Phase.QUEUED;
  private Slot slot;
  private volatile @Nullable Thread thread;
  /** What it is telling the listener, or null if it is not; for the owner who abandons it. */
  private volatile @Nullable Outbox<K, V> telling;
  /** Set before the phase leaves {@code QUEUED}, and read by others after they saw that. */
  private long began;
  /** Whether all its items are let go of; its thread's alone. */
  private boolean settled;

  /** Since when, in real time, it has been known to take too long, or null; not written by its thread. */
  private volatile @Nullable Long overdueSince;

  /**
   * Creates a job.
   *
   * @param number the how many-th of its kind in the cycle
   */
  Job(Cycle<K, V> cycle, int number, boolean holdsSlot) {
    this.cycle = cycle;
    this.number = number;
    this.slot = holdsSlot ? Slot.HELD : Slot.NONE;
  }

  /** How the name of its thread begins: cycle and kind. */
  abstract String prefix();

  /** Takes what it is about, as it is when the job begins; returns whether there is something to ask for. */
  abstract boolean take();

  /** Calls user code. */
  abstract void ask();

  /** Applies what came of it, unless that is not wanted any more. */
  abstract void apply();

  /** Fails its items, in another thread than its own, because the time is over. */
  abstract void expire(Outbox<K, V> outbox);

  /** Lets go of its items, since its thread has ended or is given up. */
  abstract void release();

  /** Drops what it refers to, since the cycle may know it for some time more. */
  abstract void forget();

  /** Whether there is still something for it to do, as far as can be seen without a lock. */
  abstract boolean isWanted();

  /** It will not begin, since its items are not wanted any more or the cycle is at its end. */
  abstract void skip();

  @Override
  public final @Nullable Void call() {
    try {
      runAll();
    } catch (Throwable t) {
      // There is no memory or stack even to contain what was thrown. If it left the task, the scope would end all.
      cycle.context.totals().add(Tally.Count.CONTAINED, 1);
    }
    return null;
  }

  private void runAll() {
    try {
      THREAD.setRelease(this, Thread.currentThread());
      if (begin()) {
        ask();
        apply();
      }
    } catch (Throwable t) {
      contain("a job", t);
    } finally {
      finish();
    }
  }

  /** Its time begins to run; returns whether there is something to ask for. */
  final boolean begin() {
    began = cycle.context.ticker().read();
    if (move(Phase.QUEUED, Phase.RUNNING)) {
      cycle.progressed(this);
      return take();
    }
    skip();
    return false;
  }

  /** Its thread is about to end, or never began. */
  final void finish() {
    Phase seen = phase();
    while (seen == Phase.EXPIRING || seen == Phase.RUNNING && !move(Phase.RUNNING, Phase.DONE)) {
      // The items must not be let go of before the owner, who is at it, has failed them.
      Thread.yield();
      seen = phase();
    }
    PHASE.setRelease(this, Phase.DONE);
    try {
      if (!settled) {
        letGo();
      }
    } finally {
      THREAD.setRelease(this, null);
      forget();
      // Also the fence between being done and looking whether that is waited for.
      Slot before = (Slot) SLOT.getAndSet(this, Slot.GIVEN_BACK);
      if (before == Slot.HELD) {
        cycle.context.gate().end();
      } else if (before == Slot.ABANDONED) {
        cycle.context.gate().endAbandoned();
      }
      cycle.progressed(this);
    }
  }

  /** {@linkplain #release Lets go} of its items, whatever their ids throw. */
  final void letGo() {
    try {
      release();
    } catch (Throwable t) {
      contain("equals or hashCode", t);
    }
  }

  /** The job has let go of all its items, and nobody took one from it. */
  final void settle() {
    settled = true;
  }

  /** The job has its result; returns whether it is still to be applied. */
  final boolean beginApplying() {
    boolean wanted = move(Phase.RUNNING, Phase.APPLYING);
    dropInterrupt();
    return wanted;
  }

  /**
   * Takes back an interruption that user code has left behind, so that it does not disturb what is called next. In a
   * cycle that is ending it stays, as it is meant for all. One that comes because the time is over may be lost by
   * this: whoever calls it looks at that afterwards.
   */
  final void dropInterrupt() {
    if (Thread.interrupted() && cycle.isEnding()) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Tells the listener what the job brought about. If the listener hangs, or takes until the job's time is over, the
   * rest is told by another job.
   */
  final void deliver(Outbox<K, V> events) {
    if (events.isEmpty()) {
      return;
    }
    // Before it looks at its time: either this sees that it is over, or who abandons this sees what is left.
    telling = events;
    try {
      cycle.context.map().events().deliver(events, this::mayTell);
    } finally {
      telling = null;
      cycle.handOn(events.rest());
    }
  }

  /** Counts and logs what user code threw; where it did so in another thread than the job's, that does not print it. */
  final void contain(String callback, Throwable thrown) {
    if (Thread.currentThread() == thread) {
      cycle.failures.contain(callback, name(), thrown);
    } else {
      cycle.failures.containApart(callback, name(), thrown);
    }
  }

  private boolean mayTell() {
    if (cycle.isEnding()) {
      // What is told now is cut short, and so is all that is told after it.
      Thread.currentThread().interrupt();
    } else {
      dropInterrupt();
    }
    return !isOverdue();
  }

  /** The name of its thread: cycle, kind and number. */
  final String name() {
    return prefix() + number;
  }

  /** The ticker's reading when its thread began. */
  final long began() {
    return began;
  }

  final boolean isQueued() {
    return phase() == Phase.QUEUED;
  }

  final boolean isRunning() {
    return phase() == Phase.RUNNING;
  }

  final boolean isCancelled() {
    return phase() == Phase.CANCELLED;
  }

  final boolean isDone() {
    return phase() == Phase.DONE;
  }

  private boolean isOverdue() {
    return overdueSince != null;
  }

  final @Nullable Thread thread() {
    return thread;
  }

  /** Whether its time is over and nobody has seen to that. May be called by any thread. */
  final boolean isLate(long now) {
    Phase seen = phase();
    return (seen == Phase.RUNNING || seen == Phase.APPLYING) && !isOverdue() && now - began >= cycle.context.timeout();
  }

  /**
   * Looks whether the job has overrun its time; called by the owner, and by whoever does its work when it is late.
   *
   * @return for how long, at least, there is no need to look again; {@link Alarm#NEVER} if it has overrun
   */
  final long checkTime(long now) {
    Phase seen = phase();
    long timeout = cycle.context.timeout();
    if (seen == Phase.QUEUED || seen == Phase.DROPPED) {
      // Its time does not run before its thread does.
      return timeout;
    }
    if (isOverdue() || seen == Phase.DONE) {
      return Alarm.NEVER;
    }
    long left = timeout - (now - began);
    if (left > 0) {
      return left;
    }
    Long since = cycle.context.realTime().read();
    boolean expires = move(Phase.RUNNING, Phase.EXPIRING);
    try {
      // Before the interruption: whoever drops that sees this.
      overdueSince = since;
      // Before anything that takes a lock: it may be what keeps the holder of that from running.
      interrupt();
    } finally {
      if (expires) {
        expire();
      }
    }
    return Alarm.NEVER;
  }

  private void expire() {
    try {
      cycle.tally.add(Tally.Count.TIMED_OUT_CALLS, 1);
      Outbox<K, V> events = cycle.context.map().events().newOutbox();
      try {
        expire(events);
      } catch (Throwable t) {
        contain("equals or hashCode", t);
      } finally {
        cycle.handOn(events);
      }
    } finally {
      // Only then may the job end, and the cycle with it.
      PHASE.setRelease(this, Phase.EXPIRED);
    }
  }

  /**
   * The cycle is at its end: nothing that comes of the job has an effect any more. May be called by any thread; until
   * its time is over the job keeps its slot and its items, however long it takes to end.
   */
  void cancel() {
    if (!move(Phase.QUEUED, Phase.DROPPED)) {
      move(Phase.RUNNING, Phase.CANCELLED);
    }
    interrupt();
  }

  /** Interrupts its thread, if there is one; a channel in which that waits is closed by this, and may throw. */
  final void interrupt() {
    Thread running = thread;
    if (running != null) {
      try {
        running.interrupt();
      } catch (Throwable t) {
        contain("closing a channel", t);
      }
    }
  }

  /** Returns how much longer, in real time, a job that took too long may take to end; {@code NEVER} for others. */
  final long grace(long realNow) {
    Slot seen = (Slot) SLOT.getAcquire(this);
    Long since = overdueSince;
    boolean matters = since != null && (seen == Slot.HELD || seen == Slot.NONE);
    return matters ? Math.max(0, Watch.GRACE - (realNow - since)) : Alarm.NEVER;
  }

  /**
   * Takes slot and items from a job that ignores its interruption, and what it has still to tell the listener; returns
   * false if no more of them may be abandoned.
   */
  final boolean abandon() {
    Gate gate = cycle.context.gate();
    if (!gate.tryAbandon()) {
      return false;
    }
    boolean held = SLOT.compareAndSet(this, Slot.HELD, Slot.ABANDONED);
    if (held || SLOT.compareAndSet(this, Slot.NONE, Slot.ABANDONED)) {
      try {
        letGo();
      } finally {
        if (held) {
          gate.end();
        }
      }
      cycle.failures.logAbandoned(this);
      Outbox<K, V> events = telling;
      if (events != null) {
        cycle.handOn(events.rest());
      }
    } else {
      gate.endAbandoned();
    }
    return true;
  }

  private Phase phase() {
    return (Phase) PHASE.getAcquire(this);
  }

  private boolean move(Phase from, Phase to) {
    return PHASE.compareAndSet(this, from, to);
  }
}
