package io.autorefresh.proof.linearizability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A state of a map that evicts, and the states that may follow. Which item goes is left open, and so is when: an
 * insertion takes effect at once, and before its call returns the size is within bounds, by evictions of its own or of
 * others. Each of those is first claimed, which counts, and then carried out; and none of them takes the newcomer of
 * the call that makes it. A removal is counted before the item goes, too, so that others find room for a newcomer while
 * it can still be read; but its job has it no longer, and neither another job nor an eviction takes it.
 *
 * @param generations how many there were, over all ids
 * @param counted the size as it is counted
 * @param settling the newcomers, by the threads whose call has inserted them and not returned
 * @param owed the threads that have claimed an eviction and not carried it out
 * @param leaving the ids of items that are being removed, by the threads whose call removes them
 */
record EvictionModel(
    Map<Integer, Entry> entries,
    Map<Integer, Job> jobs,
    int generations,
    int counted,
    Map<Integer, Integer> settling,
    List<Integer> owed,
    Map<Integer, Integer> leaving) {

  record Entry(int generation, int value) {}

  /**
   * What a thread has taken.
   *
   * @param expired whether the call took too long, so that its outcome counts no longer
   */
  record Job(int id, int generation, boolean expired) {}

  static EvictionModel empty() {
    return new EvictionModel(Map.of(), Map.of(), 0, 0, Map.of(), List.of(), Map.of());
  }

  boolean isSettled() {
    return settling.isEmpty() && leaving.isEmpty();
  }

  boolean isSettling(int thread) {
    return settling.containsKey(thread) || leaving.containsKey(thread);
  }

  /**
   * What the call of a thread that has begun to take effect may do next: if it has inserted, claim an eviction,
   * carry it out, or return; if it removes, let the item go.
   */
  Stream<EvictionModel> settled(int thread) {
    Integer newcomer = settling.get(thread);
    if (newcomer == null) {
      return Stream.of(with(without(entries, leaving.get(thread)), counted, settling, owed)
          .withLeaving(without(leaving, thread)));
    }
    if (!owed.contains(thread)) {
      return Stream.of(counted > EvictionOperations.MAXIMUM_SIZE
          ? with(entries, counted - 1, settling, with(owed, thread))
          : with(entries, counted, without(settling, thread), owed));
    }
    List<Integer> rest = owed.stream().filter(each -> each != thread).toList();
    List<Integer> victims = entries.keySet().stream()
        .filter(id -> entries.get(id).generation != newcomer && !leaving.containsValue(id))
        .toList();
    return victims.isEmpty()
        ? Stream.of(with(entries, counted + 1, settling, rest))
        : victims.stream().map(id -> with(without(entries, id), counted, settling, rest));
  }

  /** The state after a call of a thread took effect, or null if the call cannot have this result now. */
  @Nullable EvictionModel next(int thread, String operation, List<Object> arguments, @Nullable Object result) {
    return switch (operation) {
      case "get" -> {
        Entry entry = entries.get((Integer) arguments.get(0));
        yield Objects.equals(result, entry == null ? null : entry.value) ? this : null;
      }
      case "create", "createBy" -> created(thread, (Integer) arguments.get(0), (Integer) arguments.get(1), result);
      case "take" -> taken((Integer) arguments.get(0), (Integer) arguments.get(1), result);
      case "finish" -> ended(thread, (Integer) arguments.get(0), (Integer) arguments.get(1), result);
      case "remove" -> ended(thread, (Integer) arguments.get(0), null, result);
      case "expire" -> expired((Integer) arguments.get(0), result);
      default -> throw new AssertionError(operation);
    };
  }

  private @Nullable EvictionModel created(int thread, int id, int value, @Nullable Object result) {
    Entry entry = entries.get(id);
    if (!Objects.equals(result, entry == null ? value : entry.value)) {
      return null;
    }
    if (entry != null) {
      return this;
    }
    Map<Integer, Entry> more = with(entries, id, new Entry(generations, value));
    return new EvictionModel(
        more, jobs, generations + 1, counted + 1, with(settling, thread, generations), owed, leaving);
  }

  private @Nullable EvictionModel taken(int by, int id, @Nullable Object result) {
    Entry entry = entries.get(id);
    boolean taken = entry != null
        && !leaving.containsValue(id)
        && !jobs.containsKey(by)
        && jobs.values().stream().noneMatch(job -> job.id == id);
    if (!Objects.equals(result, taken)) {
      return null;
    }
    return entry == null || !taken ? this : withJobs(with(jobs, by, new Job(id, entry.generation, false)));
  }

  private @Nullable EvictionModel ended(
      int thread, int by, @Nullable Integer value, @Nullable Object result) {
    Job job = jobs.get(by);
    boolean effective = hasItem(job);
    if (!Objects.equals(result, effective)) {
      return null;
    }
    EvictionModel ended = withJobs(without(jobs, by));
    if (!effective) {
      return ended;
    }
    return value == null
        ? ended.with(entries, counted - 1, settling, owed).withLeaving(with(leaving, thread, job.id))
        : ended.with(with(entries, job.id, new Entry(job.generation, value)), counted, settling, owed);
  }

  private @Nullable EvictionModel expired(int by, @Nullable Object result) {
    Job job = jobs.get(by);
    if (!Objects.equals(result, hasItem(job))) {
      return null;
    }
    return job == null ? this : withJobs(with(jobs, by, new Job(job.id, job.generation, true)));
  }

  /** Whether the outcome of a job counts. */
  private boolean hasItem(@Nullable Job job) {
    Entry entry = job == null ? null : entries.get(job.id);
    return entry != null && entry.generation == job.generation && !job.expired;
  }

  private EvictionModel with(
      Map<Integer, Entry> entries, int counted, Map<Integer, Integer> settling, List<Integer> owed) {
    return new EvictionModel(entries, jobs, generations, counted, settling, owed, leaving);
  }

  private EvictionModel withJobs(Map<Integer, Job> jobs) {
    return new EvictionModel(entries, jobs, generations, counted, settling, owed, leaving);
  }

  private EvictionModel withLeaving(Map<Integer, Integer> leaving) {
    return new EvictionModel(entries, jobs, generations, counted, settling, owed, leaving);
  }

  private static <T> Map<Integer, T> with(Map<Integer, T> map, Integer key, T value) {
    Map<Integer, T> changed = new HashMap<>(map);
    changed.put(key, value);
    return changed;
  }

  private static <T> Map<Integer, T> without(Map<Integer, T> map, Integer key) {
    Map<Integer, T> changed = new HashMap<>(map);
    changed.remove(key);
    return changed;
  }

  private static List<Integer> with(List<Integer> list, Integer more) {
    List<Integer> changed = new ArrayList<>(list);
    changed.add(more);
    return changed;
  }
}
