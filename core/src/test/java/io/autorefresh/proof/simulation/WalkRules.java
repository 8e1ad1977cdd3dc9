package io.autorefresh.proof.simulation;

import io.autorefresh.internal.schedule.Schedule.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedSet;

/**
 * Watches what the cycles take in: in each, every due item once; between two calls of an item every other due item of
 * its group (R1); a cycle on demand has called all when it ends; overruns are counted (R10); and S6: batches of items
 * with due times of their own are topped up.
 */
final class WalkRules {

  private final Known[] items;
  private final Waiting waiting;
  private final Groups groups;
  private final List<Known> ofDemand = new ArrayList<>();
  private final List<Integer> generations = new ArrayList<>();
  /** How many batches of walks were handed out, and how many cycles have begun. */
  private long batches;
  private long cycles;
  private long began;
  long toppedUp;
  long batchesOfWalk;
  long batchesOfAll;

  WalkRules(Known[] items, Waiting waiting, Groups groups) {
    this.items = items;
    this.groups = groups;
    this.waiting = waiting;
  }

  /** Whether the present cycle has not handed out all that it took in. */
  boolean isBehind(long now) {
    return waiting.isWalkLeft(now) || !waiting.deletions.isEmpty();
  }

  /** A cycle begins: what it takes in. */
  void begins(Extent extent, long now) {
    cycles++;
    began = now;
    waiting.deletions.clear();
    int[] walk = new int[Scenario.GROUPS];
    int[] rest = new int[Scenario.GROUPS];
    for (Known item : items) {
      if (!item.present) {
        continue;
      }
      if (extent != Extent.START && item.waitsForDeletion(now, extent == Extent.CLOSE)) {
        waiting.deletions.add(item);
      }
      if (!item.isLive()) {
        continue;
      }
      item.countedIn = cycles;
      boolean isDue = item.isDueInCycles();
      // A job that was handed out, but has not begun, leaves no trace in its items. One that has begun does.
      boolean isInCall = item.taker != null || item.handedOut > 0 && !item.isNew && !item.apart;
      if (extent != Extent.START && (isDue || isInCall && extent == Extent.PERIOD)) {
        walk[item.group()]++;
      } else {
        rest[item.group()]++;
      }
      if (isDue && !item.inWalk && (extent == Extent.PERIOD || extent == Extent.DEMAND)) {
        waiting.addToWalk(item, item.group(), batches);
      }
    }
    if (extent == Extent.DEMAND) {
      rememberDemanded(now);
    }
    batchesOfWalk = batches(walk);
    batchesOfAll = batches(walk) + batches(rest);
  }

  /** Whether a batch is of items that have come since the cycle began. */
  boolean isAdded(List<Known> batch) {
    return batch.stream().noneMatch(item -> item.countedIn == cycles);
  }

  private static long batches(int[] sizes) {
    long sum = 0;
    for (int size : sizes) {
      sum += Math.ceilDiv(size, Scenario.BATCH);
    }
    return sum;
  }

  private void rememberDemanded(long now) {
    ofDemand.clear();
    generations.clear();
    for (Known item : items) {
      if (item.inWalk || item.waitsAsNew() || item.waitsApart() && item.dueAt <= now && !item.hung) {
        ofDemand.add(item);
        generations.add(item.generation);
      }
    }
  }

  /** A cycle on demand has handed out all. */
  void demandEnds(long now) {
    for (int i = 0; i < ofDemand.size(); i++) {
      Known item = ofDemand.get(i);
      boolean isThere = item.isLive() && item.generation == generations.get(i) && item.handedOut == 0
          && !groups.isHeld(item.group(), now);
      Violation.unless(!isThere || item.lastBegin >= began, "R1 (on demand)", now, item, "was not called");
    }
    ofDemand.clear();
    generations.clear();
  }

  /** A batch of the walk is handed out; none of it waits any more. Items that top it up are no part of the walk. */
  void handsOut(List<Known> batch, Object job, long now) {
    batches++;
    List<Known> ofWalk = batch.stream().filter(item -> !item.apart).toList();
    for (Known item : ofWalk) {
      Violation.unless(item.lastCycle != cycles, "R1 (once in a cycle)", now, job, item);
      SequencedSet<Known> others = waiting.walk.get(item.group());
      boolean inOrder = others.isEmpty() || item.lastBatch == 0 || others.getFirst().inWalkSince >= item.lastBatch;
      Violation.unless(inOrder, "R1 (between two calls of an item every other one)", now, job, item,
          "is called again, and not", others.isEmpty() ? "" : others.getFirst());
    }
    for (Known item : ofWalk) {
      item.lastBatch = batches;
      item.lastCycle = cycles;
    }
  }

  /**
   * A batch that is no first refresh is about to be handed out. It is of the walk, or of items whose own due time has
   * come. If it is not full, items of its group follow that are due soonest, except items that fail.
   */
  void checkTopUp(List<Known> batch, boolean isOfWalk, Object job, long now) {
    long lastDue = Long.MIN_VALUE;
    long lastEarly = Long.MIN_VALUE;
    boolean anyFailing = false;
    for (Known item : batch) {
      anyFailing |= !isOfWalk && item.failures > 0;
      if (item.apart && (isOfWalk || item.dueAt > now)) {
        lastEarly = Math.max(lastEarly, item.dueAt);
        Violation.unless(item.failures == 0, "R6 (before it is due)", now, job, item, "due at", item.dueAt);
      } else if (item.apart) {
        lastDue = Math.max(lastDue, item.dueAt);
      }
    }
    boolean anyEarly = lastEarly != Long.MIN_VALUE;
    Violation.unless(isOfWalk || lastDue != Long.MIN_VALUE, "R1 (none of them is due)", now, job);
    Violation.unless(lastEarly <= now + Scenario.PERIOD, "S6 (far too early)", now, job, "due at", lastEarly);
    Violation.unless(!anyFailing || !anyEarly, "S6 (beside items that fail)", now, job, batch);
    toppedUp += anyEarly ? 1 : 0;
    boolean full = batch.size() == Scenario.BATCH;
    checkLeftOut(batch, isOfWalk, anyFailing, full ? Math.max(lastDue, lastEarly) : now + Scenario.PERIOD, job, now);
  }

  private void checkLeftOut(
      List<Known> batch, boolean isOfWalk, boolean anyFailing, long end, Object job, long now) {
    int passed = 0;
    boolean behindSuspects = false;
    for (Waiting.Place place : waiting.apart.get(batch.getFirst().group())) {
      if (place.dueAt() >= end || passed == Scenario.BATCH) {
        break;
      }
      Known item = place.item();
      // Suspects that are due have their own turn, and end the batch of what is due before them.
      behindSuspects |= item.suspectOf != null;
      boolean isDue = !isOfWalk && place.dueAt() <= now && !behindSuspects;
      if (!isDue && item.failures > 0) {
        passed++;
      } else if (isDue || !anyFailing) {
        String rule = isDue ? "R1 (due, and left out)" : "S6 (topped up with those due soonest)";
        Violation.unless(batch.contains(item), rule, now, job, item, "due at", item.dueAt);
      }
    }
  }
}
