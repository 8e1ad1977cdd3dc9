package io.autorefresh.internal.cycle;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Enforces the time-outs of a cycle's jobs: interrupts overdue jobs, abandons those that ignore the interruption, and
 * cancels all when the cycle ends early. It checks the jobs only when the earliest of these times has come, so that it
 * costs nothing while calls are quick. Used by the cycle's owner, except for {@link #threads} and {@link #inFlight}.
 *
 * <p>The jobs form a list linked through themselves, the newest first. Jobs that have ended are taken out when the list
 * has doubled. A thread that walks the list meanwhile still reaches its end.
 */
final class JobMonitor<K, V> {

  /** How long an interrupted job may take to end before it is abandoned: real time, in nanoseconds. */
  static final long GRACE = 100_000_000;

  /** If an owner wakes later than this, in nanoseconds, the process was stopped, and the calls with it. */
  private static final long LATE = 100_000_000;

  private static final int MAX_DONE = 64;

  /** Written with release: a full fence for each job would be expensive. */
  private static final VarHandle NEWEST = ConstantBootstraps.fieldVarHandle(
      MethodHandles.lookup(), "newest", VarHandle.class, JobMonitor.class, Job.class);

  private final Settings<K, V> settings;
  private volatile @Nullable Job<K, V> newest;
  private int listed;
  private int room = MAX_DONE;
  private boolean timed;
  private long lookAt;
  private boolean anyEnding;
  private long granted;

  JobMonitor(Settings<K, V> settings) {
    this.settings = settings;
  }

  /** Adds a job, which starts at that time or later. */
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
      lookAt = now + settings.timeout;
    }
  }

  /** Takes out the jobs that have ended. */
  void removeDone() {
    Job<K, V> kept = null;
    listed = 0;
    for (Job<K, V> job = newest; job != null; job = job.next) {
      if (!job.isDone()) {
        if (kept == null) {
          newest = job;
        } else {
          kept.next = job;
        }
        kept = job;
        listed++;
      }
    }
    if (kept == null) {
      newest = null;
    } else {
      kept.next = null;
    }
  }

  /**
   * Returns a job that has not ended, or null; abandoned jobs are passed over on demand. Takes out the jobs that are
   * newer than all running ones, so that a call that never ends holds no items of others.
   */
  @Nullable Job<K, V> running(boolean orAbandoned) {
    Job<K, V> first = newest;
    for (; first != null && first.isDone(); first = first.next) {
      listed--;
    }
    newest = first;
    for (Job<K, V> job = first; job != null; job = job.next) {
      if (!job.isDone() && (orAbandoned || !job.isAbandoned())) {
        return job;
      }
    }
    return null;
  }

  /** The owner woke late, because the process or the machine was stopped. The calls get that time back, and more. */
  void grant(long late) {
    if (late > LATE) {
      granted += late + Math.max(settings.timeout / 10, LATE);
    }
  }

  /** Interrupts and abandons jobs whose time has come. */
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
    long realNow = settings.realTime.read();
    for (Job<K, V> job = newest; job != null; job = job.next) {
      if (job.isEnding()) {
        if (realNow - job.interruptedAt < GRACE) {
          anyEnding = true;
        } else {
          job.abandon();
        }
      }
    }
  }

  /** Sets the times of the next look. */
  void setTimes(Signal signal) {
    if (timed) {
      signal.wakeAfter(lookAt, 0);
    }
    if (anyEnding) {
      signal.reallyWakeAfter(settings.realTime.read(), GRACE / 4);
    }
  }

  /** Cancels the refreshes, or all jobs. */
  void cancel(boolean all) {
    for (Job<K, V> job = newest; job != null; job = job.next) {
      if (all || !job.isDeletion()) {
        job.cancel();
      }
    }
    anyEnding = true;
  }

  /** Returns the number of items of the running jobs. May be called by any thread. */
  int inFlight() {
    int count = 0;
    for (Job<K, V> job = newest; job != null; job = job.next) {
      count += job.isDone() || job.isAbandoned() ? 0 : job.size();
    }
    return count;
  }

  /** Returns the threads of the jobs. May be called by any thread. */
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
