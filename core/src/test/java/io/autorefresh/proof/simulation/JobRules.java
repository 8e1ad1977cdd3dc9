package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.MILLI;

import io.autorefresh.internal.cycle.Count;
import io.autorefresh.internal.cycle.Counters;
import io.autorefresh.internal.cycle.SteppedJob;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Watches how many jobs run (R8), their time (R7), how many cycles wait for slow ones (R10), and what is counted. */
final class JobRules {

  /** So much later than its grace ends may a job be abandoned. */
  private static final long LATE = 30 * MILLI;

  private static final int MOST_CYCLES = 9;

  /** The calls that were told to end, and have a slot. */
  private final List<Call> ending = new ArrayList<>();
  private int running;
  private int abandoned;
  private long refreshCalls;
  private long deleteCalls;
  private long timedOut;
  int mostRunning;
  int mostAbandoned;
  int renewals;

  int running() {
    return running;
  }

  void handsOut() {
    running++;
  }

  /** A job ended without a call. */
  void endsEmpty() {
    running--;
  }

  void begins(Call call) {
    if (call.job.isDeletion()) {
      deleteCalls++;
    } else {
      refreshCalls++;
    }
  }

  /** A call was told to end, because its time is over or the cache is closed. */
  void toldToEnd(Call call, boolean closed, long now) {
    long took = now - call.began;
    Violation.unless(closed || took == Scenario.TIMEOUT, "R7 (time-out)", now, call.job, "after", took);
    // A call that is cancelled by the close has no thread here, and keeps its slot until it ends.
    if (took == Scenario.TIMEOUT) {
      timedOut++;
      ending.add(call);
    }
  }

  void ends(Call call) {
    if (call.wasAbandoned) {
      abandoned--;
    } else {
      running--;
      ending.remove(call);
    }
  }

  /** Looks for jobs that have lost their slots since; returns them. */
  List<Call> newlyAbandoned(long now) {
    List<Call> lost = new ArrayList<>();
    for (Iterator<Call> each = ending.iterator(); each.hasNext(); ) {
      Call call = each.next();
      long ignored = now - call.toldToEnd;
      if (call.job.isAbandoned()) {
        Violation.unless(ignored >= SteppedJob.GRACE, "R7 (abandoned too early)", now, call.job, ignored);
        call.wasAbandoned = true;
        running--;
        abandoned++;
        each.remove();
        lost.add(call);
      } else {
        Violation.unless(ignored <= SteppedJob.GRACE + LATE, "R7 (not abandoned)", now, call.job, ignored);
      }
    }
    return lost;
  }

  /** A periodic cycle begins in a scope of its own, or takes over that of the one before; so many run. */
  void cycleBegins(int cycles, boolean renewed, long now) {
    Violation.unless(renewed || cycles <= MOST_CYCLES, "R10 (cycles pile up)", now, cycles);
    Violation.unless(!renewed || cycles >= MOST_CYCLES, "R10 (a scope of its own)", now, cycles);
    renewals += renewed ? 1 : 0;
  }

  /** All is done for now. */
  void rests(Counters counters, long now) {
    Violation.unless(running <= Scenario.CONCURRENCY, "R8 (concurrency)", now, running);
    check(counters, Count.RUNNING_JOBS, running, now);
    check(counters, Count.ABANDONED_JOBS, abandoned, now);
    mostRunning = Math.max(mostRunning, running);
    mostAbandoned = Math.max(mostAbandoned, abandoned);
  }

  void checkAtTheEnd(Counters counters, long now) {
    Violation.unless(running == 0 && abandoned == 0, "L2 (jobs run on)", now, running, abandoned);
    check(counters, Count.REFRESH_CALLS, refreshCalls, now);
    check(counters, Count.DELETE_CALLS, deleteCalls, now);
    check(counters, Count.TIMED_OUT_CALLS, timedOut, now);
  }

  private static void check(Counters counters, Count count, long expected, long now) {
    long counted = counters.get(count);
    Violation.unless(counted == expected, "counters", now, count, "is", counted, "but should be", expected);
  }
}
