package io.autorefresh.proof.linearizability;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@link MapOperations} are to be alike, one after the other: the contract, without a thread or a lock. */
public class MapModel {

  private record Entry(int value, boolean marked) {

    boolean isTerminal() {
      return value == MapOperations.FINAL;
    }
  }

  /** What a thread has taken; it is lost when the item is marked or removed meanwhile. */
  private record Job(int id, boolean deletes, boolean lost) {}

  private final Map<Integer, Entry> entries = new HashMap<>();
  private final Map<Integer, Job> jobs = new HashMap<>();

  public @Nullable Integer get(int id) {
    Entry entry = entries.get(id);
    return entry == null ? null : entry.value;
  }

  public int create(int id, int value) {
    return entries.computeIfAbsent(id, absent -> new Entry(value, false)).value;
  }

  public int createBy(int id, int value) {
    return create(id, value);
  }

  public @Nullable Integer createInVain(int id) {
    return get(id);
  }

  public boolean mark(int id) {
    Entry entry = entries.get(id);
    if (entry != null && !entry.marked) {
      entries.put(id, new Entry(entry.value, true));
      lose(id);
    }
    return entry != null;
  }

  public @Nullable String inspect(int id) {
    Entry entry = entries.get(id);
    return entry == null ? null : MapOperations.state(entry.value, entry.marked, entry.isTerminal(), isInFlight(id));
  }

  public boolean take(int job, int id) {
    Entry entry = entries.get(id);
    if (entry == null || entry.marked || entry.isTerminal() || jobs.containsKey(job)) {
      return false;
    }
    if (jobs.values().stream().anyMatch(each -> each.id == id)) {
      return false;
    }
    jobs.put(job, new Job(id, false, false));
    return true;
  }

  public boolean takeMarked(int job, int id) {
    Entry entry = entries.get(id);
    if (entry == null || !entry.marked || isInFlight(id) || jobs.containsKey(job)) {
      return false;
    }
    jobs.put(job, new Job(id, true, false));
    return true;
  }

  public boolean finish(int job, int value) {
    Job ended = jobs.get(job);
    if (ended != null && ended.deletes) {
      return remove(job);
    }
    jobs.remove(job);
    if (ended == null || ended.lost) {
      return false;
    }
    entries.put(ended.id, new Entry(value, false));
    return true;
  }

  public boolean remove(int job) {
    Job ended = jobs.remove(job);
    if (ended == null || ended.lost) {
      return false;
    }
    entries.remove(ended.id);
    return true;
  }

  public void giveUp(int job) {
    jobs.remove(job);
  }

  private boolean isInFlight(int id) {
    return jobs.values().stream().anyMatch(each -> each.id == id && !each.lost);
  }

  private void lose(int id) {
    jobs.replaceAll((job, each) -> each.id == id ? new Job(id, each.deletes, true) : each);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MapModel model && entries.equals(model.entries) && jobs.equals(model.jobs);
  }

  @Override
  public int hashCode() {
    return entries.hashCode() * 31 + jobs.hashCode();
  }
}
