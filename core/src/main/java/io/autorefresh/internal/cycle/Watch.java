package io.autorefresh.internal.cycle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks after the jobs of a cycle that run: interrupts those whose time is over, abandons those that ignore it, and
 * ends all when the cycle is cancelled. It looks at them only when the earliest of these times has come, so that it
 * costs nothing while jobs are quick. Used by the cycle's owner, but for what any thread may call.
 *
 * <p>The jobs are a list linked through themselves, the newest first. Those that have ended are taken out when there
 * are more of them than of the others; whoever walks the list meanwhile finds its way.
 */
final class Watch<K, V> {

  /** How long an interrupted job may take to end before it counts as abandoned: real time, in nanoseconds. */
  static final long GRACE = 100_000_000;

  private static final int MAX_DONE = 64;
  private static final VarHandle NEWEST = Handles.of(MethodHandles.lookup(), "newest", Job.class);

  private final Context<K, V> context;
  private final String name;
  /** Written with release: a fence for each job that is added would be dear. */
  private @Nullable Job<K, V> newest;
  private int listed;
  private int room = MAX_DONE;
  private boolean timed;
  private long lookAt;
  private boolean reallyTimed;
  private long reallyLookAt;
  private volatile boolean cancelled;
  private long cancelledAt;
  private boolean complained;

  Watch(Context<K, V> context, String name) {
    this.context = context;
    this.name = name;
  }

  /**
   * Looks after one more job.
   *
   * @param now the ticker's reading before it begins
   */
  void add(Job<K, V> job, long now) {
    if (listed >= room) {
      removeDone();
      room = 2 * listed + MAX_DONE;
    }
    listed++;
    job.nextWatched = newest;
    setNewest(job);
    if (!timed) {
      timed = true;
      lookAt = now + context.timeout();
    }
  }

  private void setNewest(@Nullable Job<K, V> job) {
    NEWEST.setRelease(this, job);
  }

  private void removeDone() {
    Job<K, V> kept = newestRunning();
    if (kept == null) {
      return;
    }
    listed = 1;
    for (Job<K, V> job = kept.nextWatched; job != null; job = job.nextWatched) {
      if (!job.isDone()) {
        kept.nextWatched = job;
        kept = job;
        listed++;
      }
    }
    kept.nextWatched = null;
  }

  /** Returns the newest job that has not ended, or null; those before it are taken out. */
  @Nullable Job<K, V> newestRunning() {
    Job<K, V> job = newest;
    while (job != null && job.isDone()) {
      job = job.nextWatched;
      listed--;
    }
    if (job != newest) {
      setNewest(job);
    }
    return job;
  }

  /** Returns the job that was added so many before the newest, if its thread has not begun, or null. */
  @Nullable Job<K, V> queued(int before) {
    Job<K, V> job = before == 0 ? null : newest;
    for (int i = 1; i < before && job != null; i++) {
      job = job.nextWatched;
    }
    return job != null && job.isQueued() ? job : null;
  }

  /** Does what the time demands. */
  void look() {
    long now = context.ticker().read();
    long realNow = context.realTime().read();
    if (timed && now - lookAt >= 0 || reallyTimed && realNow - reallyLookAt >= 0) {
      lookAtEach(now, realNow);
    }
    if (cancelled && !complained && realNow - cancelledAt >= context.patience()) {
      complained = true;
      logRunning();
    }
  }

  private void lookAtEach(long now, long realNow) {
    long next = Alarm.NEVER;
    long realNext = Alarm.NEVER;
    for (Job<K, V> job = newest; job != null; job = job.nextWatched) {
      if (!job.isDone()) {
        next = Math.min(next, job.checkTime(now));
        long grace = job.grace(realNow);
        if (grace == 0) {
          grace = job.abandon() ? Alarm.NEVER : GRACE;
        }
        realNext = Math.min(realNext, grace);
      }
    }
    timed = next != Alarm.NEVER;
    lookAt = now + next;
    reallyTimed = realNext != Alarm.NEVER;
    reallyLookAt = realNow + realNext;
  }

  /** Sets the alarm for the next look. */
  void set(Alarm alarm) {
    if (timed) {
      alarm.wakeAfter(lookAt, 0);
    }
    if (reallyTimed) {
      alarm.reallyWakeAfter(reallyLookAt, 0);
    }
    if (cancelled && !complained) {
      alarm.reallyWakeAfter(cancelledAt, context.patience());
    }
  }

  /** Ends all jobs as soon as they let themselves be ended. */
  void cancel() {
    cancelled = true;
    cancelledAt = context.realTime().read();
    cancelJobs();
  }

  /** The same, but that the owner does not know. May be called by any thread; jobs that are being added are missed. */
  void cancelJobs() {
    for (Job<K, V> job = newestSeen(); job != null; job = job.nextWatched) {
      if (!job.isDone()) {
        job.cancel();
      }
    }
  }

  /** Whether there are jobs whose time is over, and nobody has seen to that. May be called by any thread. */
  boolean isAnyLate() {
    long now = context.ticker().read();
    for (Job<K, V> job = newestSeen(); job != null; job = job.nextWatched) {
      if (job.isLate(now)) {
        return true;
      }
    }
    return false;
  }

  /** Interrupts the jobs whose time is over and fails their items. May be called by any thread. */
  void checkTimes() {
    long now = context.ticker().read();
    for (Job<K, V> job = newestSeen(); job != null; job = job.nextWatched) {
      job.checkTime(now);
    }
  }

  @SuppressWarnings("unchecked")
  private @Nullable Job<K, V> newestSeen() {
    return (Job<K, V>) NEWEST.getAcquire(this);
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** The threads that run user code. May be called by any thread. */
  List<Thread> threads() {
    List<Thread> threads = new ArrayList<>();
    for (Job<K, V> job = newestSeen(); job != null; job = job.nextWatched) {
      Thread thread = job.thread();
      if (thread != null) {
        threads.add(thread);
      }
    }
    return threads;
  }

  private void logRunning() {
    StringBuilder text = new StringBuilder(name).append(" was told to end and waits for:");
    for (Thread thread : threads()) {
      text.append(StackTraces.of(thread));
    }
    Log.warn(text.toString());
  }
}
