package io.autorefresh.proof.simulation;

import io.autorefresh.internal.cycle.SteppedJob;
import io.autorefresh.proof.simulation.Scenario.Fate;
import java.util.List;

/** One call of the remote as it sees it: whom it is about, how it will end, and whether it was told to end before. */
final class Call {

  private static final long NOT_YET = Long.MAX_VALUE;

  final SteppedJob<Integer, Integer> job;
  final Fate fate;
  final List<Integer> ids;
  final long began;
  /** When its time was over. */
  long overdueAt = NOT_YET;

  Call(SteppedJob<Integer, Integer> job, Fate fate, long began) {
    this.job = job;
    this.fate = fate;
    this.ids = job.ids();
    this.began = began;
  }

  boolean isOverdue() {
    return overdueAt != NOT_YET;
  }

  /** Whether nobody waits for it any more, though it goes on. */
  boolean isAbandoned(long now) {
    return isOverdue() && now - overdueAt >= SteppedJob.GRACE;
  }
}
