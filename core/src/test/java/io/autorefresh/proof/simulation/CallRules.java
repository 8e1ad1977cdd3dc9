package io.autorefresh.proof.simulation;

import io.autorefresh.internal.cycle.Gate;
import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.SteppedJob;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Watches how many calls there are at a time and in any stretch of it, and who begins them in which turn (R7, R8). */
final class CallRules {

  private static final double GAP = 1e9 / Scenario.CALLS_PER_SECOND;
  /** A short burst: what belongs to 50 ms, of which one call is no burst. */
  private static final double TOLERANCE = 50e6 - GAP;

  private final Gate gate;
  private final Map<SteppedCycle<?, ?>, Long> waitingSince = new IdentityHashMap<>();
  private final Set<Call> hanging = new HashSet<>();
  private long calls;
  /** How far the call that is furthest behind an even pace is behind it. */
  private double mostBehind = Double.NEGATIVE_INFINITY;
  private int started;
  private int urgentInARow;
  private int normalInARow;

  int mostRunning;
  int mostAbandoned;

  CallRules(Gate gate) {
    this.gate = gate;
  }

  long calls() {
    return calls;
  }

  /** The gate let a job begin. */
  void begins(SteppedJob<?, ?> job, long now) {
    checkRate(now);
    started++;
    if (job.cycle().isUrgent()) {
      normalInARow = 0;
      urgentInARow = isWaiting(false, now) ? urgentInARow + 1 : 0;
      Violation.unless(urgentInARow <= 3, "R8 (every fourth turn is a normal one)", now, job, urgentInARow);
    } else {
      urgentInARow = 0;
      normalInARow = isWaiting(true, now) ? normalInARow + 1 : 0;
      Violation.unless(normalInARow <= 1, "C4 (new items go ahead)", now, job, normalInARow);
    }
  }

  /**
   * In no stretch of time w do more calls begin than 1 + (w + tolerance) / gap. That is so for all stretches that
   * end now if it is for the one that begins with the call which is furthest behind an even pace.
   */
  private void checkRate(long now) {
    double behind = now - calls * GAP;
    calls++;
    mostBehind = Math.max(mostBehind, behind);
    double ahead = mostBehind - behind;
    Violation.unless(ahead <= TOLERANCE + 1, "R8 (calls per second)", now, "ahead by", ahead, "ns");
  }

  private boolean isWaiting(boolean urgent, long now) {
    for (Map.Entry<SteppedCycle<?, ?>, Long> each : waitingSince.entrySet()) {
      if (each.getKey().isUrgent() == urgent && each.getValue() < now) {
        return true;
      }
    }
    return false;
  }

  void overdue(Call call) {
    hanging.add(call);
  }

  void ends(Call call) {
    started--;
    hanging.remove(call);
  }

  /** A job ended without a call. */
  void endsEmpty() {
    started--;
  }

  /** All is done for now. */
  void check(List<? extends SteppedCycle<?, ?>> cycles, long now) {
    int abandoned = 0;
    for (Call call : hanging) {
      abandoned += call.isAbandoned(now) ? 1 : 0;
    }
    int running = started - abandoned;
    Violation.unless(running <= Scenario.CONCURRENCY, "R8 (concurrency)", now, running);
    Violation.unless(abandoned <= Scenario.CONCURRENCY, "R7 (abandoned)", now, abandoned);
    Violation.unless(gate.running() == running, "R8 (slots)", now, gate.running(), "taken, running", running,
        "abandoned", gate.abandoned(), abandoned);
    Violation.unless(gate.abandoned() == abandoned, "R7 (count)", now, gate.abandoned(), "counted, are", abandoned);
    mostRunning = Math.max(mostRunning, running);
    mostAbandoned = Math.max(mostAbandoned, abandoned);
    waitingSince.keySet().retainAll(cycles);
    for (SteppedCycle<?, ?> cycle : cycles) {
      if (cycle.isWaiting()) {
        waitingSince.putIfAbsent(cycle, now);
      } else {
        waitingSince.remove(cycle);
      }
    }
  }
}
