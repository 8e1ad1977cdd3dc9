package io.autorefresh.proof.simulation;

import java.util.ArrayList;
import java.util.Iterator;
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

  final SequencedSet<Known> fresh = new LinkedHashSet<>();
  final SequencedSet<Known> deletions = new LinkedHashSet<>();
  final List<SequencedSet<Known>> walk = new ArrayList<>();
  final List<TreeSet<Place>> apart = new ArrayList<>();
  int walking;

  Waiting() {
    for (int group = 0; group < Scenario.GROUPS; group++) {
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
        fresh.add(item);
      } else {
        fresh.remove(item);
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
      walking--;
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
    walking++;
  }

  /** Returns the item that was due first of those whose own due time has come, or null. */
  @Nullable Known firstDue(long now) {
    Place first = null;
    for (TreeSet<Place> places : apart) {
      if (!places.isEmpty() && (first == null || places.first().compareTo(first) < 0)) {
        first = places.first();
      }
    }
    return first == null || first.dueAt > now ? null : first.item;
  }

  /** Returns an item that waits in the walk, or null. */
  @Nullable Known anyOfWalk() {
    for (SequencedSet<Known> items : walk) {
      Iterator<Known> all = items.iterator();
      if (all.hasNext()) {
        return all.next();
      }
    }
    return null;
  }
}
