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
 * the call that makes it.
 *
 * @param generations how many there were, over all ids
 * @param counted the size as it is counted
 * @param settling the newcomers, by the threads whose call has inserted them and not returned
 * @param owed the threads that have claimed an eviction and not carried it out
 */
record EvictionModel(
    Map<Integer, Entry> entries,
    Map<Integer, Job> jobs,
    int generations,
    int counted,
    Map<Integer, Integer> settling,
    List<Integer> owed) {

  record Entry(int generation, int value) {}

  record Job(int id, int generation) {}

  static EvictionModel empty() {
    return new EvictionModel(Map.of(), Map.of(), 0, 0, Map.of(), List.of());
  }

  boolean isSettling(int thread) {
    return settling.containsKey(thread);
  }

  /** What the call of a thread that has inserted may do next: claim an eviction, carry it out, or return. */
  Stream<EvictionModel> settled(int thread) {
    int newcomer = settling.get(thread);
    if (!owed.contains(thread)) {
      return counted > EvictionOperations.MAXIMUM_SIZE
          ? Stream.of(new EvictionModel(entries, jobs, generations, counted - 1, settling, with(owed, thread)))
          : Stream.of(new EvictionModel(entries, jobs, generations, counted, without(settling, thread), owed));
    }
    List<Integer> rest = owed.stream().filter(each -> each != thread).toList();
    List<Integer> victims = entries.keySet().stream()
        .filter(id -> entries.get(id).generation != newcomer)
        .toList();
    return victims.isEmpty()
        ? Stream.of(new EvictionModel(entries, jobs, generations, counted + 1, settling, rest))
        : victims.stream().map(
            id -> new EvictionModel(without(entries, id), jobs, generations, counted, settling, rest));
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
      case "finish" -> ended((Integer) arguments.get(0), (Integer) arguments.get(1), result);
      case "remove" -> ended((Integer) arguments.get(0), null, result);
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
    return new EvictionModel(more, jobs, generations + 1, counted + 1, with(settling, thread, generations), owed);
  }

  private @Nullable EvictionModel taken(int by, int id, @Nullable Object result) {
    Entry entry = entries.get(id);
    boolean taken = entry != null
        && !jobs.containsKey(by)
        && jobs.values().stream().noneMatch(job -> job.id == id);
    if (!Objects.equals(result, taken)) {
      return null;
    }
    return entry == null || !taken ? this : withJobs(with(jobs, by, new Job(id, entry.generation)));
  }

  private @Nullable EvictionModel ended(int by, @Nullable Integer value, @Nullable Object result) {
    Job job = jobs.get(by);
    Entry entry = job == null ? null : entries.get(job.id);
    boolean effective = entry != null && entry.generation == job.generation;
    if (!Objects.equals(result, effective)) {
      return null;
    }
    EvictionModel ended = withJobs(without(jobs, by));
    if (!effective) {
      return ended;
    }
    return value == null
        ? new EvictionModel(without(entries, job.id), ended.jobs, generations, counted - 1, settling, owed)
        : new EvictionModel(
            with(entries, job.id, new Entry(job.generation, value)), ended.jobs, generations, counted, settling, owed);
  }

  private EvictionModel withJobs(Map<Integer, Job> jobs) {
    return new EvictionModel(entries, jobs, generations, counted, settling, owed);
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
