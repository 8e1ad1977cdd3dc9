package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.SteppedJob;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Queue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Watches the periodic cycles: how evenly each lies over its period, that it does not overrun that, and how it shares
 * it with deletions (D3, R9, R10).
 */
final class CycleRules {

  private static final int PARTS = 10;
  /** The part of the period over which a cycle is spread. */
  private static final double SPREAD = 0.9;

  private static final class Cycle {
    final long began;
    /** Calls a second, were they spread over the whole period. */
    final double mean;
    final int deletions;
    final long overruns;
    final int[] refreshesIn = new int[PARTS];
    boolean disturbed;
    int deletionsBegun;
    int refreshesLate;
    int deletionsLate;
    long lastDeletion;
    long firstRefresh = -1;

    Cycle(long began, long batches, int deletions, long overruns) {
      this.began = began;
      this.mean = (double) batches * SECOND / Scenario.PERIOD;
      this.deletions = deletions;
      this.overruns = overruns;
    }
  }

  private final ItemRules items;
  private final LongSupplier overruns;
  private final Map<SteppedCycle<?, ?>, Cycle> cycles = new IdentityHashMap<>();
  private final Queue<Long> lastSecond = new ArrayDeque<>();
  private @Nullable Cycle last;
  private double meanBefore;
  private double mean;
  int evenCycles;
  int sharedCycles;

  CycleRules(ItemRules items, LongSupplier overruns) {
    this.items = items;
    this.overruns = overruns;
  }

  /** The first job of a periodic cycle begins: it has planned what it is to do. */
  private Cycle begins(SteppedCycle<?, ?> cycle) {
    long began = VirtualTime.momentOf(cycle.began());
    long late = overruns.getAsLong();
    Cycle before = last;
    boolean fits = before == null || before.disturbed || late == before.overruns;
    Violation.unless(fits, "R10 (overrun)", began, cycle, "had to wait");
    long batches = Math.ceilDiv(cycle.items(), Scenario.BATCH) + 1;
    Cycle begun = new Cycle(began, batches, items.deletionsDue(began), late);
    last = begun;
    meanBefore = mean;
    mean = begun.mean;
    return begun;
  }

  /** There is more to do than fits, or a limit in the way: nobody can say how even that will be. */
  void disturbed() {
    cycles.values().forEach(cycle -> cycle.disturbed = true);
  }

  /** The gate let a job of a periodic cycle begin. */
  void jobBegins(SteppedJob<?, ?> job, long now) {
    if (job.cycle().isUrgent()) {
      return;
    }
    Cycle cycle = cycles.computeIfAbsent(job.cycle(), this::begins);
    long elapsed = now - cycle.began;
    boolean late = elapsed > Scenario.PERIOD / 10;
    if (job.isDeletion()) {
      cycle.deletionsBegun++;
      cycle.lastDeletion = now;
      cycle.deletionsLate += late ? 1 : 0;
      Violation.unless(elapsed <= Scenario.PERIOD + SECOND, "D3 (left to the next)", now, job);
      return;
    }
    Violation.unless(late || cycle.deletionsBegun >= cycle.deletions, "D3 (begins with the deletions)", now, job,
        cycle.deletionsBegun, "of", cycle.deletions);
    cycle.refreshesLate += late && cycle.deletionsBegun < cycle.deletions ? 1 : 0;
    cycle.firstRefresh = cycle.firstRefresh < 0 ? now : cycle.firstRefresh;
    int part = (int) ((now - cycle.firstRefresh) * PARTS / (SPREAD * Scenario.PERIOD));
    if (part < PARTS) {
      cycle.refreshesIn[part]++;
    }
    checkSecond(job, now);
  }

  private void checkSecond(SteppedJob<?, ?> job, long now) {
    while (!lastSecond.isEmpty() && lastSecond.element() <= now - SECOND) {
      lastSecond.remove();
    }
    lastSecond.add(now);
    double most = Math.max(mean, meanBefore);
    // At few calls a second, the most even pace has seconds with one more than a fifth above the mean.
    double allowed = Math.max(Math.ceil(most), 1.2 * most);
    Violation.unless(lastSecond.size() <= allowed, "R9", now, job, lastSecond.size(), "in a second, of", allowed);
  }

  void ends(SteppedCycle<?, ?> ended, long now) {
    Cycle cycle = cycles.remove(ended);
    if (cycle == null) {
      return;
    }
    if (cycle.deletionsLate > 100) {
      checkShare(ended, cycle, now);
    } else if (!cycle.disturbed) {
      checkEven(ended, cycle, now);
    }
  }

  /** After the first tenth, refreshes keep their pace, and deletions get what is left, which is half at least. */
  private void checkShare(SteppedCycle<?, ?> ended, Cycle cycle, long now) {
    double seconds = (double) (cycle.lastDeletion - cycle.began - Scenario.PERIOD / 10) / SECOND;
    double paced = cycle.mean * seconds;
    Violation.unless(cycle.refreshesLate >= 0.8 * paced, "D3 (the refreshes' share)", now, ended,
        cycle.refreshesLate, "beside", cycle.deletionsLate, "deletions, of", paced);
    Violation.unless(cycle.deletionsLate >= 0.8 * cycle.refreshesLate, "D3 (the deletions' share)", now, ended,
        cycle.deletionsLate, "beside", cycle.refreshesLate);
    sharedCycles++;
  }

  private void checkEven(SteppedCycle<?, ?> ended, Cycle cycle, long now) {
    double even = cycle.mean * Scenario.PERIOD / SECOND / PARTS;
    for (int part = 0; part < PARTS; part++) {
      double share = cycle.refreshesIn[part] / even;
      Violation.unless(share > 0.85 && share < 1.15, "R9 (evenly)", now, ended, "part", part, "has", share);
    }
    evenCycles++;
  }
}
