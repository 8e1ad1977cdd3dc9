package io.autorefresh.internal.schedule;

import io.autorefresh.internal.schedule.Schedule.Extent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The findings of a walk over the live things. The walk visits each thing once, since a second visit would be a cache
 * miss.
 */
final class Survey<T extends Due> {

  private final Extent extent;
  private final boolean takesNew;
  private final boolean groups;
  private final List<List<T>> due = new ArrayList<>();
  private final List<T> fresh = new ArrayList<>();
  private final List<T> apart = new ArrayList<>();
  private int countApart;

  Survey(Extent extent, boolean takesNew, boolean groups) {
    this.extent = extent;
    this.takesNew = takesNew;
    this.groups = groups;
  }

  /** Returns the visitor of a stripe. */
  Consumer<T> visitor(int expected) {
    List<T> due = new ArrayList<>(extent == Extent.START ? 0 : expected);
    this.due.add(due);
    return thing -> {
      Due.Standing standing = thing.standing();
      boolean inWalk = standing == Due.Standing.DUE && extent != Extent.START
          || standing == Due.Standing.IN_FLIGHT && extent == Extent.PERIOD;
      if (!inWalk) {
        countApart++;
        if (groups) {
          apart.add(thing);
        }
        if (standing == Due.Standing.NEW && takesNew) {
          fresh.add(thing);
        }
      } else {
        due.add(thing);
      }
    };
  }

  /** Puts each thing into its lane; the lanes have the things that the previous walk left over. */
  void settle(Lanes<T> lanes, int batchSize, boolean continues) {
    fresh.forEach(thing -> lanes.of(thing.group()).fresh.add(thing));
    if (continues) {
      continueWalk(lanes, batchSize);
    } else if (groups) {
      inTurns(batchSize, thing -> lanes.of(thing.group()).walk.add(thing));
    } else if (due.stream().anyMatch(things -> !things.isEmpty())) {
      Lane<T> lane = lanes.of(null);
      lane.walk.makeRoom(due.stream().mapToInt(List::size).sum());
      inTurns(batchSize, lane.walk::add);
    }
  }

  /**
   * Passes all due things to the visitor. Stripes take turns of a batch, so that concurrent jobs need different locks.
   */
  private void inTurns(int batchSize, Consumer<T> visitor) {
    int most = due.stream().mapToInt(List::size).max().orElse(0);
    for (int from = 0; from < most; from += batchSize) {
      for (List<T> things : due) {
        for (int i = from; i < Math.min(from + batchSize, things.size()); i++) {
          visitor.accept(things.get(i));
        }
      }
    }
  }

  /**
   * Continues where the previous walk stopped: the things that it left over go first, then the things behind these,
   * then the things before them. So between two calls of a thing every other one of its group is called.
   */
  private void continueWalk(Lanes<T> lanes, int batchSize) {
    Map<@Nullable Object, List<T>> before = new HashMap<>();
    Map<@Nullable Object, List<T>> behind = new HashMap<>();
    inTurns(batchSize, thing -> {
      List<T> last = behind.computeIfAbsent(thing.group(), group -> new ArrayList<>());
      if (thing.isLeftOver()) {
        before.computeIfAbsent(thing.group(), group -> new ArrayList<>()).addAll(last);
        last.clear();
      } else {
        last.add(thing);
      }
    });
    for (Map<@Nullable Object, List<T>> part : List.of(behind, before)) {
      part.forEach((group, things) -> things.forEach(thing -> lanes.of(group).walk.add(thing)));
    }
  }

  /** Returns the number of things that are not in the walk, by group; without groups, under null. */
  Map<@Nullable Object, Integer> countsApart() {
    Map<@Nullable Object, Integer> counts = new HashMap<>();
    if (groups) {
      apart.forEach(thing -> counts.merge(thing.group(), 1, Integer::sum));
    } else {
      counts.put(null, countApart);
    }
    return counts;
  }
}
