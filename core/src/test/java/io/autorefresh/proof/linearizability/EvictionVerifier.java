package io.autorefresh.proof.linearizability;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionResult;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.kotlinx.lincheck.execution.ResultWithClock;
import org.jetbrains.kotlinx.lincheck.util.ValueResult;
import org.jetbrains.lincheck.datastructures.verifier.CachedVerifier;
import org.jspecify.annotations.Nullable;

/**
 * Looks for an order of the calls, with evictions among them, that explains their results. Lincheck's own verifier
 * takes a model whose calls have one result each; here the map is free to choose whom it evicts.
 */
public final class EvictionVerifier extends CachedVerifier {

  /** How many calls of each thread have taken effect, and what they have led to. */
  private record Step(List<Integer> done, EvictionModel model) {}

  /** Takes what Lincheck gives a verifier, and has no need of it. */
  public EvictionVerifier(Class<?> sequentialSpecification) {}

  @Override
  public boolean verifyResultsImpl(ExecutionScenario scenario, ExecutionResult results) {
    List<List<Actor>> threads = scenario.getThreads();
    Deque<Step> open = new ArrayDeque<>();
    Set<Step> seen = new HashSet<>();
    open.push(new Step(threads.stream().map(each -> 0).toList(), EvictionModel.empty()));
    while (!open.isEmpty()) {
      Step step = open.pop();
      if (!seen.add(step)) {
        continue;
      }
      if (isEnd(step, threads)) {
        return true;
      }
      for (int thread = 0; thread < threads.size(); thread++) {
        if (step.model.isSettling(thread)) {
          step.model.settled(thread).forEach(model -> open.push(new Step(step.done, model)));
        } else {
          Step next = next(step, thread, threads.get(thread), results);
          if (next != null) {
            open.push(next);
          }
        }
      }
    }
    return false;
  }

  private static boolean isEnd(Step step, List<List<Actor>> threads) {
    return step.model.isSettled()
        && IntStream.range(0, threads.size()).allMatch(i -> step.done.get(i) == threads.get(i).size());
  }

  private static @Nullable Step next(Step step, int thread, List<Actor> calls, ExecutionResult results) {
    int at = step.done.get(thread);
    if (at == calls.size()) {
      return null;
    }
    ResultWithClock result = results.getThreadsResultsWithClock().get(thread).get(at);
    if (!mayBegin(step, thread, result)) {
      return null;
    }
    // A call that ended otherwise, by an exception, has this as its result: nothing that the model could explain.
    Object value = result.getResult() instanceof ValueResult returned ? returned.getValue() : result.getResult();
    Actor call = calls.get(at);
    EvictionModel model = step.model.next(thread, call.getMethod().getName(), call.getArguments(), value);
    if (model == null) {
      return null;
    }
    List<Integer> done = new ArrayList<>(step.done);
    done.set(thread, at + 1);
    return new Step(done, model);
  }

  /** Whether all calls that had returned before this one began have taken effect, and have settled. */
  private static boolean mayBegin(Step step, int thread, ResultWithClock result) {
    return IntStream.range(0, step.done.size()).filter(other -> other != thread).allMatch(other -> {
      int returned = result.getClockOnStart().get(other);
      int done = step.done.get(other);
      return done > returned || done == returned && !step.model.isSettling(other);
    });
  }
}
