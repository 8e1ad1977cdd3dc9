package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.MILLI;
import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;

/**
 * Watches in which order and how fast calls are handed out: how many a second (R8), how evenly (R9), new items before
 * others (C4), deletions first and then in turns (D3), and that nothing waits that may begin (R1).
 */
final class TurnRules {

  private static final double BURST = 50 * MILLI;
  private static final double GAP = SECOND / Scenario.CALLS_PER_SECOND;
  private static final double SPREAD = 0.9 * Scenario.PERIOD;
  /** In a walk, batches of items that are gone by now keep their places: more than so many in a row are not likely. */
  private static final int LOST_PLACES = 5;

  private final Waiting waiting;
  private final Meter calls = new Meter(GAP, BURST - GAP);
  private final Meter walk = new Meter(SPREAD, BURST);
  private final Meter apart = new Meter(SPREAD, BURST);
  /** How many batches all live items make: those of the cycle's beginning, and those that have come since. */
  private long batchesOfAll;
  private final boolean spreads;
  private boolean spread;
  private boolean refreshes;
  private boolean deletionsFirst;
  private boolean demanded;
  private long began;
  private int newInARow;
  private int newSinceOther;
  private int deletionsInARow;
  private int refreshesInARow;
  private int sameInARow;
  private boolean wasOfWalk;

  long handedOut;

  TurnRules(Waiting waiting, boolean spreads) {
    this.waiting = waiting;
    this.spreads = spreads;
    calls.beginStretch(-SECOND);
  }

  /** A cycle begins, with so many batches in its walk, and of live items in all. */
  void begins(Extent extent, boolean wasBehind, long batchesOfWalk, long batchesOfAll, long now) {
    began = now;
    // Where a walk was not handed out in its period, the next cycle does not begin with the deletions.
    deletionsFirst = !wasBehind;
    deletionsInARow = 0;
    refreshesInARow = 0;
    demanded = extent == Extent.DEMAND;
    spread = spreads && (extent == Extent.START || extent == Extent.PERIOD);
    refreshes = extent != Extent.CLOSE;
    if (spread) {
      this.batchesOfAll = batchesOfAll;
      walk.setGap(SPREAD / Math.max(1, batchesOfWalk));
      walk.beginStretch(now);
      apart.setGap(SPREAD / Math.max(1, batchesOfAll));
      apart.beginStretch(now);
    }
  }

  /** A cycle on demand has handed out all: the periodic one goes on. */
  void demandEnds(long now) {
    spread = spreads;
    apart.beginStretch(now);
  }

  /** Whether deletions go before refreshes. */
  private boolean areDeletionsFirst(long now) {
    return deletionsFirst && now - began <= Scenario.PERIOD / 10;
  }

  private boolean mayBeginApart(long now) {
    return refreshes && (!spread || apart.mayBegin(now, 0)) && waiting.firstDue(now) != null;
  }

  private boolean mayBeginOfWalk(long now) {
    return refreshes && (!spread || walk.mayBegin(now, LOST_PLACES)) && waiting.anyOfWalk(now) != null;
  }

  /** A job is about to be handed out; what waits is as it was before. */
  void handsOut(Kind kind, boolean isOfWalk, boolean isAdded, Object job, long now) {
    handedOut++;
    Violation.unless(calls.begins(now), "R8 (calls per second)", now, job);
    boolean apartWaits = mayBeginApart(now);
    boolean walkWaits = mayBeginOfWalk(now);
    boolean refreshWaits = apartWaits || walkWaits;
    boolean deletionWaits = !waiting.deletions.isEmpty();
    if (kind == Kind.FIRST) {
      newSinceOther++;
      newInARow = refreshWaits || deletionWaits ? newInARow + 1 : 0;
      Violation.unless(newInARow <= 3, "C4 (every fourth turn is that of the others)", now, job);
      Violation.unless(!demanded || !deletionWaits || now - began > Scenario.PERIOD / 10,
          "D3 (a cycle on demand begins with the deletions)", now, job);
      if (isAdded && spread) {
        apart.setGap(SPREAD / ++batchesOfAll);
      }
      return;
    }
    boolean first = demanded && kind == Kind.DELETION;
    boolean inTurn = !refreshes || waiting.anyNew(now) == null || newSinceOther >= 3 || first;
    Violation.unless(inTurn, "C4 (new items get three of four turns)", now, job, newSinceOther);
    newInARow = 0;
    newSinceOther = 0;
    if (kind == Kind.DELETION) {
      refreshesInARow = 0;
      deletionsInARow = refreshWaits && !areDeletionsFirst(now) ? deletionsInARow + 1 : 0;
      Violation.unless(deletionsInARow <= 1, "D3 (turns of refreshes)", now, job);
      return;
    }
    deletionsInARow = 0;
    refreshesInARow = deletionWaits ? refreshesInARow + 1 : 0;
    Violation.unless(refreshesInARow <= 1, "D3 (turns of deletions)", now, job);
    Violation.unless(!deletionWaits || !areDeletionsFirst(now), "D3 (begins with the deletions)", now, job);
    sameInARow = (isOfWalk ? apartWaits : walkWaits) && isOfWalk == wasOfWalk ? sameInARow + 1 : 0;
    wasOfWalk = isOfWalk;
    Violation.unless(sameInARow <= 1, "R1 (turns of the walk and of others)", now, job);
    if (spread) {
      boolean inTime = (isOfWalk ? walk : apart).begins(now);
      Violation.unless(inTime, isOfWalk ? "R9 (walk)" : "R9 (second meter)", now, job);
    }
  }

  /** All is done for now, and so many slots are free: nothing may wait without a reason. */
  void rests(int freeSlots, long now) {
    if (freeSlots == 0 || !calls.mayBegin(now, 0)) {
      return;
    }
    Violation.unless(waiting.deletions.isEmpty(), "D3 (waits for nothing)", now, waiting.deletions);
    if (refreshes) {
      Violation.unless(waiting.anyNew(now) == null, "C4 (waits for nothing)", now, waiting.anyNew(now));
      Violation.unless(!mayBeginApart(now), "R1 (due, and waits for nothing)", now, waiting.firstDue(now));
      Violation.unless(!mayBeginOfWalk(now), "R9 (waits for nothing)", now, waiting.anyOfWalk(now));
    }
  }
}
