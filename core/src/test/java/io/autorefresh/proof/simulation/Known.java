package io.autorefresh.proof.simulation;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one id, by the contract and by what users, remote and listener have seen. Only the random part of a
 * back-off is taken from the cache, after a look at its bounds.
 */
final class Known {

  static final long NEVER = Long.MIN_VALUE;

  final int id;
  /** How many times it was created. */
  int generation;
  boolean present;
  boolean terminal;
  boolean marked;
  /** Whether its first refresh has not started. */
  boolean isNew;
  Value value = new Value(0, 0, 0, false);
  int failures;
  int unanswered;
  int gone;
  /** Whether it has a due time of its own. */
  boolean apart;
  /** The call that failed as a whole by which it is a suspect, or null. */
  @Nullable Call suspectOf;
  /** Whether this call was abandoned: the schedule probes it. */
  boolean hung;
  /** This time or, of a marked item that failed, the time of the next attempt. */
  long dueAt;
  long confirmedAt;
  /** The call that has the item, if its result still counts. */
  @Nullable Call taker;
  /** The calls of this id that run, those of earlier generations included. */
  final List<Call> running = new ArrayList<>(1);
  /** How many jobs have the item that have not begun. */
  int handedOut;

  /** Whether it waits among the new items. */
  boolean inFresh;
  /** Its place among those that wait for their own due time, or null. */
  Waiting.@Nullable Place place;
  /** Whether it waits in the walk, for which group, and since how many batches of walks. */
  boolean inWalk;
  int walkGroup;
  long inWalkSince;
  /** The number of the last batch of a walk with it, and of that batch's cycle. */
  long lastBatch;
  long lastCycle;
  /** The last cycle that has counted it as live. */
  long countedIn;
  long lastBegin;
  /** From when on it could have been called. */
  long callableSince;

  Known(int id) {
    this.id = id;
  }

  int group() {
    return value.group();
  }

  boolean isLive() {
    return present && !marked && !terminal;
  }

  /** Whether a call of this id must end before the item may be refreshed. */
  boolean isBlocked() {
    for (Call call : running) {
      if (call.holdsSlot()) {
        return true;
      }
    }
    return false;
  }

  /** Whether a call of this id must end before the item may be deleted. Its own refresh need not. */
  boolean isDeletionBlocked() {
    for (Call call : running) {
      boolean own = call.isOf(this);
      if (own && call.job.isDeletion() || !own && call.holdsSlot()) {
        return true;
      }
    }
    return false;
  }

  /** Whether its first refresh may begin. */
  boolean waitsAsNew() {
    return isLive() && isNew && handedOut == 0 && !isBlocked();
  }

  /** Whether it waits for its own due time, or that has come. */
  boolean waitsApart() {
    return isLive() && !isNew && apart && handedOut == 0 && !isBlocked();
  }

  /** Whether it is due in every cycle, and in no call. */
  boolean isDueInCycles() {
    return isLive() && !isNew && !apart && handedOut == 0 && !isBlocked();
  }

  boolean waitsForDeletion(long now, boolean whateverBackOff) {
    return present && marked && handedOut == 0 && !isDeletionBlocked()
        && (failures == 0 || whateverBackOff || dueAt <= now);
  }

  /** What failed or was not answered counts no longer. */
  void reset() {
    failures = 0;
    unanswered = 0;
    gone = 0;
    apart = false;
    suspectOf = null;
    hung = false;
    dueAt = 0;
  }

  @Override
  public String toString() {
    return "item " + id + " of group " + group();
  }
}
