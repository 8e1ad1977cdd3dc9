package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

/**
 * Watches the groups: no call of a paused one is handed out (M1). A group whose last call took too long has one slot,
 * and all such groups together have at most half of the slots (R12).
 */
final class Groups {

  /** So long may a group be held up without effect on the rest of the walk. */
  private static final long SHORT = 10 * SECOND;

  private final boolean grouped;
  private final long[] pausedUntil = new long[Scenario.GROUPS];
  private final boolean[] timedOut = new boolean[Scenario.GROUPS];
  private final int[] running = new int[Scenario.GROUPS];
  private final long[] heldSince = new long[Scenario.GROUPS];
  private long heldAt = Known.NEVER;
  int pauses;

  Groups(boolean grouped) {
    this.grouped = grouped;
    for (int group = 0; group < Scenario.GROUPS; group++) {
      pausedUntil[group] = Known.NEVER;
      heldSince[group] = Known.NEVER;
    }
  }

  boolean isPaused(int group, long now) {
    return now < pausedUntil[group];
  }

  /** Whether no call of the group may begin now. */
  boolean isHeld(int group, long now) {
    return isPaused(group, now) || grouped && timedOut[group] && (running[group] > 0 || isCrowd());
  }

  private boolean isCrowd() {
    int crowd = 0;
    for (int group = 0; group < Scenario.GROUPS; group++) {
      crowd += timedOut[group] ? running[group] : 0;
    }
    return crowd >= Scenario.CONCURRENCY / 2;
  }

  void handsOut(int group, Object job, long now) {
    Violation.unless(!isPaused(group, now), "M1 (paused)", now, job, "of group", group, "until", pausedUntil[group]);
    Violation.unless(!isHeld(group, now), "R12 (slots of groups that took too long)", now, job, "of group", group);
    running[group]++;
  }

  /** A job of the group has no slot any more. */
  void losesSlot(int group) {
    running[group]--;
  }

  void expires(Call call) {
    timedOut[call.group] = true;
  }

  /** A call that was not abandoned has ended; returns its throttling, if it was told when to come back. */
  void ends(Call call, boolean counts, long now) {
    losesSlot(call.group);
    timedOut[call.group] = !counts;
    if (counts && call.fate == Scenario.Fate.THROTTLES) {
      pausedUntil[call.group] = now + Math.min(call.asked, VirtualTime.HOUR);
      pauses++;
    }
  }

  /** All is done for now: notes which groups are held up. */
  void rests(long now) {
    for (int group = 0; group < Scenario.GROUPS; group++) {
      boolean held = isHeld(group, now);
      if (heldSince[group] != Known.NEVER && now - heldSince[group] >= SHORT) {
        heldAt = now;
      }
      heldSince[group] = !held ? Known.NEVER : heldSince[group] == Known.NEVER ? now : heldSince[group];
    }
  }

  /** Whether a group was held up, so short a time ago that what was left may not be done yet. */
  boolean wereHeld(long now) {
    return heldAt != Known.NEVER && now - heldAt < 2 * Scenario.PERIOD;
  }
}
