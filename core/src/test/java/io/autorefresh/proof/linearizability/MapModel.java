package io.autorefresh.proof.linearizability;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What {@link MapOperations} are to be alike, one after the other: the contract, without a thread or a lock. */
public class MapModel {

  private record Entry(int generation, int value, boolean marked, int failures) {

    boolean isTerminal() {
      return value == MapOperations.FINAL;
    }
  }

  /**
   * What a thread has taken.
   *
   * @param lost whether the item was marked or removed meanwhile
   * @param expired whether the call took too long, so that its outcome counts no longer
   * @param abandoned whether later generations need not wait for the call
   */
  private record Job(int id, int generation, boolean deletes, boolean lost, boolean expired, boolean abandoned) {

    boolean hasItem() {
      return !lost && !expired;
    }

    /** Whether no call for that entry may begin: its own call runs, or that of an earlier generation. */
    boolean holdsUp(int id, Entry entry) {
      return this.id == id && (generation == entry.generation ? !lost : !abandoned);
    }
  }

  private final Map<Integer, Entry> entries = new HashMap<>();
  private final Map<Integer, Job> jobs = new HashMap<>();
  private int generations;

  public @Nullable Integer get(int id) {
    Entry entry = entries.get(id);
    return entry == null ? null : entry.value;
  }

  public int create(int id, int value) {
    return entries.computeIfAbsent(id, absent -> new Entry(generations++, value, false, 0)).value;
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
      entries.put(id, new Entry(entry.generation, entry.value, true, 0));
      jobs.replaceAll((job, each) -> each.id == id && each.generation == entry.generation
          ? new Job(id, each.generation, each.deletes, true, each.expired, each.abandoned)
          : each);
    }
    return entry != null;
  }

  public @Nullable String inspect(int id) {
    Entry entry = entries.get(id);
    return entry == null
        ? null
        : MapOperations.state(
            entry.value, entry.marked, entry.isTerminal(), isHeldUp(id, entry), entry.failures);
  }

  public boolean take(int job, int id) {
    Entry entry = entries.get(id);
    return entry != null && !entry.marked && !entry.isTerminal() && taken(job, id, entry, false);
  }

  public boolean takeMarked(int job, int id) {
    Entry entry = entries.get(id);
    return entry != null && entry.marked && taken(job, id, entry, true);
  }

  private boolean taken(int job, int id, Entry entry, boolean deletes) {
    if (jobs.containsKey(job) || isHeldUp(id, entry)) {
      return false;
    }
    jobs.put(job, new Job(id, entry.generation, deletes, false, false, false));
    return true;
  }

  public boolean finish(int job, int value) {
    Job ended = jobs.get(job);
    if (ended != null && ended.deletes) {
      return remove(job);
    }
    return ended(job, entry -> new Entry(entry.generation, value, false, 0));
  }

  public boolean remove(int job) {
    return ended(job, entry -> null);
  }

  private boolean ended(int job, UnaryOperator<@Nullable Entry> outcome) {
    Job ended = jobs.remove(job);
    if (ended == null || !ended.hasItem()) {
      return false;
    }
    entries.computeIfPresent(ended.id, (id, entry) -> outcome.apply(entry));
    return true;
  }

  public boolean expire(int job) {
    Job late = jobs.get(job);
    if (late == null) {
      return false;
    }
    jobs.put(job, new Job(late.id, late.generation, late.deletes, late.lost, true, late.abandoned));
    if (late.hasItem()) {
      entries.computeIfPresent(late.id, (id, entry) ->
          new Entry(entry.generation, entry.value, entry.marked, entry.failures + 1));
    }
    return late.hasItem();
  }

  public void abandon(int job) {
    jobs.computeIfPresent(job, (number, late) ->
        new Job(late.id, late.generation, late.deletes, late.lost, late.expired, late.expired));
  }

  public void giveUp(int job) {
    jobs.remove(job);
  }

  private boolean isHeldUp(int id, Entry entry) {
    return jobs.values().stream().anyMatch(job -> job.holdsUp(id, entry));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof MapModel model
        && entries.equals(model.entries)
        && jobs.equals(model.jobs)
        && generations == model.generations;
  }

  @Override
  public int hashCode() {
    return entries.hashCode() * 31 + jobs.hashCode();
  }
}
