package io.autorefresh.proof.simulation;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What waits for a call, by the contract: new items, items with a due time of their own, the walk, and deletions. */
final class Waiting {

  /** An item that waits for its own due time. */
  record Place(long dueAt, Known item, int group) implements Comparable<Place> {

    @Override
    public int compareTo(Place other) {
      int order = Long.compare(dueAt, other.dueAt);
      return order != 0 ? order : Integer.compare(item.id, other.item.id);
    }
  }

  final List<SequencedSet<Known>> fresh = new ArrayList<>();
  final SequencedSet<Known> deletions = new LinkedHashSet<>();
  final List<SequencedSet<Known>> walk = new ArrayList<>();
  final List<TreeSet<Place>> apart = new ArrayList<>();
  private final Groups groups;

  Waiting(Groups groups) {
    this.groups = groups;
    for (int group = 0; group < Scenario.GROUPS; group++) {
      fresh.add(new LinkedHashSet<>());
      walk.add(new LinkedHashSet<>());
      apart.add(new TreeSet<>());
    }
  }

  /** Something about an item has changed. */
  void update(Known item) {
    boolean isFresh = item.waitsAsNew();
    if (isFresh != item.inFresh) {
      item.inFresh = isFresh;
      if (isFresh) {
        fresh.get(item.group()).add(item);
      } else {
        fresh.forEach(items -> items.remove(item));
      }
    }
    int group = item.group();
    Place place = item.place;
    boolean apart = item.waitsApart();
    if (place != null && !(apart && place.dueAt == item.dueAt && place.group == group)) {
      this.apart.get(place.group).remove(place);
      item.place = null;
    }
    if (apart && item.place == null) {
      item.place = new Place(item.dueAt, item, group);
      this.apart.get(group).add(item.place);
    }
    if (item.inWalk && !item.isDueInCycles()) {
      item.inWalk = false;
      walk.get(item.walkGroup).remove(item);
    }
    if (!deletions.isEmpty() && (!item.present || item.handedOut > 0)) {
      deletions.remove(item);
    }
  }

  /** An item waits in the walk, since so many batches. */
  void addToWalk(Known item, int group, long since) {
    item.inWalk = true;
    item.inWalkSince = since;
    item.walkGroup = group;
    walk.get(group).add(item);
  }

  /** Returns the item that was due first of those whose own due time has come, or null. Hung ones may stay out. */
  @Nullable Known firstDue(long now) {
    Place first = null;
    for (int group = 0; group < Scenario.GROUPS; group++) {
      if (groups.isHeld(group, now)) {
        continue;
      }
      for (Place place : apart.get(group)) {
        if (place.dueAt > now || first != null && place.compareTo(first) > 0) {
          break;
        } else if (!place.item.hung) {
          first = place;
          break;
        }
      }
    }
    return first == null ? null : first.item;
  }

  /** Returns a new item that may be called, or null. */
  @Nullable Known anyNew(long now) {
    return any(fresh, now);
  }

  /** Returns an item of the walk that may be called, or null. */
  @Nullable Known anyOfWalk(long now) {
    return any(walk, now);
  }

  private @Nullable Known any(List<SequencedSet<Known>> sets, long now) {
    for (int group = 0; group < Scenario.GROUPS; group++) {
      if (!sets.get(group).isEmpty() && !groups.isHeld(group, now)) {
        return sets.get(group).getFirst();
      }
    }
    return null;
  }

  /** Whether something is left of the walk, except of paused groups. */
  boolean isWalkLeft(long now) {
    for (int group = 0; group < Scenario.GROUPS; group++) {
      if (!walk.get(group).isEmpty() && !groups.isPaused(group, now)) {
        return true;
      }
    }
    return false;
  }
}
