package io.autorefresh.internal.schedule;

import io.autorefresh.internal.schedule.Call.Result;
import io.autorefresh.internal.schedule.Schedule.Surroundings;
import io.autorefresh.internal.schedule.Schedule.Turnabout;
import java.util.List;

/**
 * Applies the result of a call to its lane, whose health has the rules, and to its things. Plain arithmetic, used by
 * the schedule alone.
 */
final class CallResults<T extends Due> {

  private final Lanes<T> lanes;
  private final Surroundings<T> surroundings;
  private final long period;
  private final int batchSize;

  CallResults(Lanes<T> lanes, Surroundings<T> surroundings, long period, int batchSize) {
    this.lanes = lanes;
    this.surroundings = surroundings;
    this.period = period;
    this.batchSize = batchSize;
  }

  /** As {@link Schedule#report}, with the number of batches of the walk. */
  void report(Lane<T> lane, Call<T> call, Result result, List<T> things, long time, int batches, long now) {
    boolean ends = result != Result.EXPIRED && result != Result.RETURNED;
    if (ends) {
      lanes.count(lane, -1);
      lanes.countProbe(call.isProbe() ? -1 : 0);
    }
    boolean well = result == Result.ANSWERED || result == Result.SKIPPED;
    Health<T> health = well ? lane.health : lanes.healthOf(lane, period, batchSize, batches);
    if (result == Result.SKIPPED) {
      boolean out = call.probe && health != null;
      call.origins.forEach(out ? health::stayOut : lane.due::add);
    }
    if (health != null) {
      if (ends && call.probe) {
        health.endProbe(now, !well && result != Result.THROTTLED);
      }
      apply(lane, health, call, result, things, time, now);
      if (lanes.claims != null && lanes.isOut(lane)) {
        lanes.claims.giveBack(lane);
      }
      lanes.update(lane, now);
      lanes.updateCrowded(now);
    }
    lanes.settle(lane, now);
  }

  private void apply(
      Lane<T> lane, Health<T> health, Call<T> call, Result result, List<T> things, long time, long now) {
    Entry<T> entry = new Entry<>(Entry.Sort.SUSPECT, things, time, time);
    switch (result) {
      case ANSWERED -> succeed(lane, health, call.expired, now);
      case FAILED -> {
        fail(lane, health, call, now);
        lanes.setTimedOut(lane, health, call.expired);
        health.retry(entry, now).forEach(lane.due::add);
      }
      case EXPIRED -> {
        call.expired = true;
        lanes.setTimedOut(lane, health, true);
      }
      case ABANDONED -> {
        fail(lane, health, call, now);
        lanes.countHanging(health, 1);
        Entry<T> hung = entry.with(Entry.Sort.HUNG, things, time);
        if (health.isDown()) {
          health.stayOut(hung);
        } else {
          health.retry(hung, now).forEach(lane.due::add);
        }
      }
      case RETURNED -> {
        lanes.countHanging(health, -1);
        if (!things.isEmpty()) {
          lane.due.add(entry);
        }
      }
      case THROTTLED -> {
        lanes.setTimedOut(lane, health, false);
        pause(lane, health, time, now);
      }
      case SKIPPED -> {
        // A skipped call says nothing about the group.
      }
    }
  }

  /** As {@link Schedule#pause}, with the number of batches of the walk. */
  void pause(Lane<T> lane, long until, int batches, long now) {
    pause(lane, lanes.healthOf(lane, period, batchSize, batches), until, now);
    if (lanes.claims != null) {
      lanes.claims.giveBack(lane);
    }
    lanes.update(lane, now);
  }

  private void pause(Lane<T> lane, Health<T> health, long until, long now) {
    lanes.pause(health, now + Math.min(until - now, Schedule.LONGEST_PAUSE));
    lane.fresh.forEach(thing -> refuseIfPaused(lane, thing));
  }

  void succeed(Lane<T> lane, Health<T> health, boolean timedOut, long now) {
    if (health.isDown()) {
      lanes.down--;
      surroundings.turned(new Turnabout(lane.group, false, health.failingSince()));
    }
    health.succeed(now).forEach(lane.due::add);
    lanes.setTimedOut(lane, health, timedOut);
  }

  private void fail(Lane<T> lane, Health<T> health, Call<T> call, long now) {
    if (health.fail(call.origins.isEmpty(), now)) {
      lanes.down++;
      surroundings.turned(new Turnabout(lane.group, true, health.failingSince()));
      lane.due.take(Entry.Sort.SUSPECT).forEach(entry -> health.retry(entry, now).forEach(lane.due::add));
      lane.due.take(Entry.Sort.HUNG).forEach(health::stayOut);
    }
  }

  /** A requested thing is refused while its group is paused. */
  void refuseIfPaused(Lane<T> lane, T thing) {
    if (lane.health != null && lane.health.isPaused() && thing.isRequested()) {
      surroundings.refused(thing, lane.health.pausedUntil());
    }
  }
}
