package io.autorefresh.internal.cycle;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the running jobs of a cycle: interrupts those whose time is over, abandons those that ignore it, and
 * cancels them when the cycle ends before its time. It looks at them only when the earliest of these times has come, so
 * that it costs nothing while calls are quick. Used by the cycle's owner, except for {@link #threads}.
 *
 * <p>The jobs are a list linked through themselves, the newest first. Those that have ended are taken out when the list
 * has doubled; a thread that walks the list meanwhile finds its way.
 */
final class JobMonitor<K, V> {

  /** How long an interrupted job may take to end before it is abandoned: real time, in nanoseconds. */
  static final long GRACE = 100_000_000;

  /** An owner that wakes later than this, in nanoseconds, was stopped, and so were the calls. */
  private static final long LATE = 100_000_000;

  private static final int MAX_DONE = 64;

  /** A fence for each job that is added would be dear: this is written with release. */
  private static final VarHandle NEWEST = ConstantBootstraps.fieldVarHandle(
      MethodHandles.lookup(), "newest", VarHandle.class, JobMonitor.class, Job.class);

  private final Cycles<K, V> cycles;
  private volatile @Nullable Job<K, V> newest;
  private int listed;
  private int room = MAX_DONE;
  private boolean timed;
  private long lookAt;
  private boolean anyEnding;
  private long granted;

  JobMonitor(Cycles<K, V> cycles) {
    this.cycles = cycles;
  }

  /** Looks after one more job, which starts at that time or later. */
  void add(Job<K, V> job, long now) {
    if (listed >= room) {
      removeDone();
      room = 2 * listed + MAX_DONE;
    }
    listed++;
    job.grantedBefore = granted;
    job.next = newest;
    NEWEST.setRelease(this, job);
    if (!timed) {
      timed = true;
      lookAt = now + cycles.settings.timeout;
    }
  }

  private void removeDone() {
    Job<K, V> kept = newestRunning();
    if (kept == null) {
      return;
    }
    listed = 1;
    for (Job<K, V> job = kept.next; job != null; job = job.next) {
      if (!job.isDone()) {
        kept.next = job;
        kept = job;
        listed++;
      }
    }
    kept.next = null;
  }

  /** Returns the newest job that has not ended, or null; those before it are taken out. */
  @Nullable Job<K, V> newestRunning() {
    Job<K, V> job = newest;
    while (job != null && job.isDone()) {
      job = job.next;
      listed--;
    }
    if (job != newest) {
      newest = job;
    }
    return job;
  }

  /** Returns a job that has neither ended nor been abandoned, or null. */
  @Nullable Job<K, V> unsettled() {
    for (Job<K, V> job = newestRunning(); job != null; job = job.next) {
      if (!job.isDone() && !job.isAbandoned()) {
        return job;
      }
    }
    return null;
  }

  /** The owner woke late: the process, or the machine, stood still. That time is not the remote's. */
  void grant(long late) {
    if (late > LATE) {
      granted += late + Math.max(cycles.settings.timeout / 10, LATE);
    }
  }

  /** Does what the time demands. */
  void look(long now) {
    if (timed && now - lookAt >= 0) {
      long next = Signal.NEVER;
      for (Job<K, V> job = newest; job != null; job = job.next) {
        next = Math.min(next, job.checkTime(now, granted));
      }
      timed = next != Signal.NEVER;
      lookAt = now + next;
      anyEnding = true;
    }
    if (anyEnding) {
      abandonDeaf();
    }
  }

  private void abandonDeaf() {
    anyEnding = false;
    long realNow = cycles.settings.realTime.read();
    for (Job<K, V> job = newest; job != null; job = job.next) {
      if (job.isEnding()) {
        if (realNow - job.interruptedAt < GRACE) {
          anyEnding = true;
        } else if (job.abandon()) {
          cycles.noteAbandoned(job);
        }
      }
    }
  }

  /** Sets the times at which to look again. */
  void setTimes(Signal signal) {
    if (timed) {
      signal.wakeAfter(lookAt, 0);
    }
    if (anyEnding) {
      signal.reallyWakeAfter(cycles.settings.realTime.read(), GRACE / 4);
    }
  }

  /** Cancels the jobs: refreshes, or all. */
  void cancel(boolean all) {
    for (Job<K, V> job = newest; job != null; job = job.next) {
      if (!job.isDone() && (all || !job.isDeletion())) {
        job.cancel();
      }
    }
    anyEnding = true;
  }

  /** Returns how many items the running jobs have. May be called by any thread. */
  int inFlight() {
    int count = 0;
    for (Job<K, V> job = newest; job != null; job = job.next) {
      count += job.isDone() || job.isAbandoned() ? 0 : job.size();
    }
    return count;
  }

  /** Returns the threads that run user code. May be called by any thread. */
  List<Thread> threads() {
    List<Thread> threads = new ArrayList<>();
    for (Job<K, V> job = newest; job != null; job = job.next) {
      Thread thread = job.thread();
      if (thread != null) {
        threads.add(thread);
      }
    }
    return threads;
  }
}
