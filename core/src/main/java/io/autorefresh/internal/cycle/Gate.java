package io.autorefresh.internal.cycle;

import io.autorefresh.internal.schedule.Pacer;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets jobs begin: never more than {@code maxConcurrency} at a time, nor more calls a second than wanted.
 *
 * <p>Cycles that run side by side stand in lines, the urgent ones for first refreshes. When slots or calls are
 * scarce, an urgent line goes before the others, but every fourth turn is a normal one, so that a storm of
 * creations does not starve the periodic work. A line takes a slot and a call together, at the moment at which its
 * job can begin, and never in advance: nothing is booked by what waits. (A line that stands alone takes several for
 * jobs that it begins one right after the other.)
 *
 * <p>A job that ignores its interruption is <i>abandoned</i>: it gives its slot back and is counted apart. There
 * are never more of these than {@code maxConcurrency}; at that number nothing begins until one of them ends.
 *
 * <p>Beginning takes a lock, ending does not: the number of running jobs can only rise under the lock.
 *
 * <p><b>Waking.</b> Where jobs are short and all slots taken, a line that is woken by every job that ends begins one
 * job and waits again, and that costs more than the jobs do. So it asks to be woken when as many have ended as end
 * within {@value #MODERATION} ns by its latest pace, and looks again after {@value #LOOK_AGAIN} ns in any case, since
 * the pace may change. Network cards spare their hosts interrupts in this way ("adaptive interrupt moderation"). And as
 * long as enough of its jobs have a slot but no processor yet, more of them would be no help: it is not woken before.
 */
public final class Gate {

  private static final int URGENT_TURNS = 3;
  private static final long MODERATION = 20_000;
  private static final long LOOK_AGAIN = 50_000;
  /** The part of the slots that may be free without waking a line. */
  private static final int FREE_PART = 8;

  private final int maxConcurrency;
  private final @Nullable Pacer calls;
  private final ReentrantLock lock = new ReentrantLock();
  /** How many jobs have begun; written under the lock. This and the next may wrap around. */
  private final AtomicInteger begun = new AtomicInteger();
  /** How many slots have been given back. */
  private final AtomicInteger ended = new AtomicInteger();
  /** The latter as it was read last: those who end a job are not disturbed as long as this will do. */
  private int endedSeen;
  private final AtomicInteger abandoned = new AtomicInteger();
  private final List<Line> lines = new CopyOnWriteArrayList<>();
  private int urgentTurns;

  /**
   * Creates the gate of a cache.
   *
   * @param calls paces the calls, or null
   */
  public Gate(int maxConcurrency, @Nullable Pacer calls) {
    this.maxConcurrency = maxConcurrency;
    this.calls = calls;
  }

  int maxConcurrency() {
    return maxConcurrency;
  }

  public int running() {
    for (;;) {
      int before = ended.get();
      int running = begun.get() - before;
      if (ended.get() == before) {
        return running;
      }
    }
  }

  public int abandoned() {
    return abandoned.get();
  }

  /** Whether the calls are paced, so that the time at which each begins matters. */
  boolean isPaced() {
    return calls != null;
  }

  /** Returns for how long to wait before the pace lets a call begin. */
  long callDelay(long now) {
    if (calls == null) {
      return 0;
    }
    lock.lock();
    try {
      return calls.delay(now);
    } finally {
      lock.unlock();
    }
  }

  boolean isBlocked() {
    return abandoned.get() >= maxConcurrency;
  }

  /** Gives a slot back. */
  void end() {
    int now = ended.incrementAndGet();
    for (Line line : lines) {
      if (line.waiting && now - line.ringAt >= 0) {
        line.alarm.ring();
      }
    }
  }

  /** Counts one more abandoned job, unless there are as many as there may be. */
  boolean tryAbandon() {
    for (int seen = abandoned.get(); seen < maxConcurrency; seen = abandoned.get()) {
      if (abandoned.compareAndSet(seen, seen + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Counts one abandoned job less. */
  void endAbandoned() {
    abandoned.decrementAndGet();
    ringWaiting();
  }

  private void ringWaiting() {
    for (Line line : lines) {
      if (line.waiting) {
        line.alarm.ring();
      }
    }
  }

  /** The place of one cycle before the gate; used by its owner. */
  final class Line implements AutoCloseable {

    private final Alarm alarm;
    private final boolean urgent;
    private final BooleanSupplier saturated;
    /** Has something to begin, if only it were let; the others go by that. */
    private volatile boolean waiting;
    /** How many slots must have been given back to wake this line. */
    private volatile int ringAt;
    /** How many slots were taken for jobs that have not begun; the owner's, {@linkplain Apart apart} from the above. */
    private final int[] taken = new int[Apart.LENGTH];
    /** When the gate was found full the last time, in real time, and how many jobs had begun by then; the owner's. */
    private long fullAt;
    private int begunAtFull;

    /**
     * Gets in line.
     *
     * @param alarm wakes the owner
     * @param urgent whether it goes before the others
     * @param saturated whether so many of the line's jobs wait for a processor that there is no use in beginning more;
     *     if it says so it sees to it that the alarm is rung when it is over
     */
    Line(Alarm alarm, boolean urgent, BooleanSupplier saturated) {
      this.alarm = alarm;
      this.urgent = urgent;
      this.saturated = saturated;
      this.fullAt = alarm.realNow();
      this.begunAtFull = begun.get();
      lines.add(this);
    }

    /**
     * Begins a job and returns zero, or returns for how long to wait; with {@link Alarm#NEVER}, until rung.
     *
     * @param jobs how many jobs the caller would begin now, one after the other or until it {@linkplain #stepAside
     *     steps aside}
     */
    long tryBegin(long now, int jobs) {
      if (taken[Apart.PLACE] > 0) {
        taken[Apart.PLACE]--;
        return 0;
      }
      lock.lock();
      try {
        if (!waiting) {
          // Before looking: whoever changes what this finds rings from now on.
          waiting = true;
        }
        // First: when a call may begin, the caller looks whether it still wants to, whatever the slots do.
        long delay = calls == null ? 0 : calls.delay(now);
        if (delay > 0) {
          return delay;
        }
        if (isFull() || isBlocked() || !isMyTurn()) {
          return Alarm.NEVER;
        }
        if (calls != null) {
          calls.begin(now);
        }
        int before = begun.getPlain();
        boolean alone = calls == null && lines.size() == 1;
        int more = alone ? Math.min(jobs, maxConcurrency - (before - endedSeen)) - 1 : 0;
        taken[Apart.PLACE] = more;
        begun.setRelease(before + 1 + more);
        urgentTurns = urgent ? urgentTurns + 1 : 0;
        ringOthers();
        return 0;
      } finally {
        lock.unlock();
      }
    }

    /** Steps aside: there is nothing to begin for now. */
    void stepAside() {
      giveBack();
      if (waiting) {
        waiting = false;
        ringOthers();
      }
    }

    private void giveBack() {
      if (taken[Apart.PLACE] > 0) {
        lock.lock();
        try {
          begun.setRelease(begun.getPlain() - taken[Apart.PLACE]);
          taken[Apart.PLACE] = 0;
        } finally {
          lock.unlock();
        }
      }
    }

    boolean isWaiting() {
      return waiting;
    }

    private boolean isFull() {
      int begun = Gate.this.begun.getPlain();
      if (begun - endedSeen < maxConcurrency) {
        return false;
      }
      if (saturated.getAsBoolean()) {
        // More than can have been given back.
        ringAt = begun + 1;
        return true;
      }
      int free = freeToWakeFor(begun);
      // Before looking: who ends a job from now on rings.
      ringAt = begun - maxConcurrency + free;
      endedSeen = ended.get();
      boolean full = begun - endedSeen >= maxConcurrency;
      if (full && free > 1) {
        alarm.reallyWakeAfter(fullAt, LOOK_AGAIN);
      }
      return full;
    }

    private int freeToWakeFor(int begun) {
      long now = alarm.realNow();
      long pace = (begun - begunAtFull) * MODERATION / Math.max(1, now - fullAt);
      fullAt = now;
      begunAtFull = begun;
      return (int) Math.max(1, Math.min(pace, maxConcurrency / FREE_PART));
    }

    private boolean isMyTurn() {
      boolean mine = urgent ? urgentTurns < URGENT_TURNS : urgentTurns >= URGENT_TURNS;
      return mine || lines.size() == 1 || !isAnyWaiting(!urgent);
    }

    private boolean isAnyWaiting(boolean urgent) {
      for (Line line : lines) {
        if (line.waiting && line.urgent == urgent) {
          return true;
        }
      }
      return false;
    }

    /** Whose turn it is has changed: those who were not let look again. */
    private void ringOthers() {
      if (lines.size() == 1) {
        return;
      }
      for (Line line : lines) {
        if (line != this && line.waiting) {
          line.alarm.ring();
        }
      }
    }

    @Override
    public void close() {
      stepAside();
      lines.remove(this);
    }
  }
}
