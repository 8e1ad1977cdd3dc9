package io.autorefresh.kit;

import io.autorefresh.BatchRefresher;
import io.autorefresh.Deleter;
import io.autorefresh.Outcome;
import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A refresher and deleter that records its calls and answers by script; by default a refresh adds one to each item. */
public final class Remote implements BatchRefresher<String, Integer>, Deleter<String, Integer> {

  /** A call, with the ticker's time since the remote was created. */
  public record Call(boolean deletion, Map<String, Integer> items, Duration at) {
    public Set<String> ids() {
      return items.keySet();
    }
  }

  private final Ticker ticker;
  private final long origin;
  private final Queue<Call> calls = new ConcurrentLinkedQueue<>();
  private volatile BatchRefresher<String, Integer> answer = Remote::increments;
  private volatile Deleter<String, Integer> release = (id, item) -> {};

  public Remote(Ticker ticker) {
    this.ticker = ticker;
    this.origin = ticker.read();
  }

  /** Sets the answer of refreshes from now on. */
  public Remote answers(BatchRefresher<String, Integer> answer) {
    this.answer = answer;
    return this;
  }

  /** Sets one outcome for each item of all refreshes from now on. */
  public Remote answersAll(Outcome<Integer> outcome) {
    return answers(items -> all(items, outcome));
  }

  /** Sets the answer of deletions from now on. */
  public Remote releases(Deleter<String, Integer> release) {
    this.release = release;
    return this;
  }

  @Override
  public Map<String, Outcome<Integer>> refresh(Map<String, Integer> items) throws Exception {
    calls.add(new Call(false, items, now()));
    return answer.refresh(items);
  }

  @Override
  public void delete(String id, Integer item) throws Exception {
    calls.add(new Call(true, Map.of(id, item), now()));
    release.delete(id, item);
  }

  /** The answer that adds one to each item. */
  public static Map<String, Outcome<Integer>> increments(Map<String, Integer> items) {
    Map<String, Outcome<Integer>> outcomes = new HashMap<>();
    items.forEach((id, item) -> outcomes.put(id, Outcome.updated(item + 1)));
    return outcomes;
  }

  /** The answer that is the same for every item. */
  public static Map<String, Outcome<Integer>> all(Map<String, Integer> items, Outcome<Integer> outcome) {
    Map<String, Outcome<Integer>> outcomes = new HashMap<>();
    items.keySet().forEach(id -> outcomes.put(id, outcome));
    return outcomes;
  }

  /** The ticker's time since the remote was created. */
  public Duration now() {
    return Duration.ofNanos(ticker.read() - origin);
  }

  /** All calls until now, in their order. */
  public List<Call> calls() {
    return List.copyOf(calls);
  }

  /** The calls of the refresher, in their order. */
  public List<Call> refreshes() {
    return calls.stream().filter(call -> !call.deletion()).toList();
  }

  /** The number of refreshes of an item. */
  public long refreshes(String id) {
    return refreshes().stream().filter(call -> call.ids().contains(id)).count();
  }

  /** The ids that were deleted, in the order of the calls. */
  public List<String> deletions() {
    return calls.stream().filter(Call::deletion).map(call -> call.ids().iterator().next()).toList();
  }

  /** Forgets the calls until now. */
  public void forget() {
    calls.clear();
  }
}
