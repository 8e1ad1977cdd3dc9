package io.autorefresh.proof.simulation;

import io.autorefresh.Outcome;
import io.autorefresh.internal.cycle.SteppedJob;
import io.autorefresh.proof.simulation.Scenario.Fate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One call of the remote as the remote sees it: which items it is about, how it ends, and what it answers. */
final class Call {

  private static final long NOT_YET = Long.MAX_VALUE;

  final SteppedJob<Integer, Value> job;
  final Fate fate;
  final long began;
  /** The group whose slot it has. */
  final int group;
  /** The items with the generations that were called. */
  final List<Known> items;
  final Map<Integer, Integer> generations = new HashMap<>();
  /** What the remote said of each item. */
  final Map<Integer, Outcome<Value>> answer = new HashMap<>();
  /** When the call was told to end. */
  long toldToEnd = NOT_YET;
  /** How long the remote wants its group to be left alone. */
  long asked;
  /** Whether it was seen that its job has lost its slot. */
  boolean wasAbandoned;

  Call(SteppedJob<Integer, Value> job, Fate fate, List<Known> items, int group, long began) {
    this.job = job;
    this.fate = fate;
    this.items = items;
    this.began = began;
    this.group = group;
    items.forEach(item -> generations.put(item.id, item.generation));
  }

  /** Whether the call is about the present generation of an item. */
  boolean isOf(Known item) {
    return generations.get(item.id) == item.generation;
  }

  /** Whether the call neither is over nor has lost its slot. */
  boolean holdsSlot() {
    return !job.isAbandoned();
  }
}
