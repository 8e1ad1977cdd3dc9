package io.autorefresh.proof.linearizability;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;

/**
 * The races that the design speaks of, to be tried besides those that are drawn: few calls each, so that all of their
 * interleavings with one or two switches are gone through. Written as {@code before | thread | thread | after}, with
 * the calls {@code name argument argument} apart by commas.
 */
final class Races {

  static final List<String> OPERATIONS = List.of(
      "| create 0 1 | createBy 0 2 | get 0",
      "| createInVain 0 | createBy 0 1 | get 0",
      "create 0 1, take 0 0 | finish 0 2 | mark 0, get 0 | get 0",
      "create 0 1, take 0 0 | finish 0 2, get 0 | mark 0, takeMarked 1 0, finish 1 1, create 0 1 | get 0",
      "create 0 1, take 0 0, mark 0, takeMarked 1 0, finish 1 1 | finish 0 2 | create 0 1, take 1 0 | inspect 0",
      "create 0 1, take 0 0 | remove 0, get 0 | mark 0, takeMarked 1 0 | inspect 0",
      "create 0 1, mark 0 | takeMarked 0 0 | takeMarked 1 0 | inspect 0",
      "create 0 1 | take 0 0 | take 1 0 | inspect 0",
      "create 0 1, create 1 1, create 2 1, take 0 0 | remove 0 | get 1, get 2 | get 0",
      // A generation is created beside the removal of the one before, or beside the end of a call that one has lost.
      "create 0 1, take 0 0 | remove 0 | create 0 2, take 1 0 | inspect 0",
      "create 0 1, take 0 0, mark 0, takeMarked 1 0 | finish 0 2 | finish 1 1, create 0 1, take 1 0 | inspect 0",
      "create 0 1, take 0 0, mark 0, takeMarked 1 0, finish 1 1 | finish 0 2 | create 0 1, mark 0, takeMarked 1 0"
          + " | inspect 0",
      // One that comes and goes while it waits for that call holds up none after it.
      "create 0 1, take 0 0, mark 0, takeMarked 1 0, finish 1 1, create 0 1 | finish 0 2 | mark 0, takeMarked 1 0"
          + " | inspect 0",
      "create 0 1, take 0 0, mark 0, takeMarked 1 0, finish 1 1, create 0 1, mark 0 | finish 0 2"
          + " | takeMarked 1 0, finish 1 1, create 0 2, take 1 0 | inspect 0",
      "create 0 1, take 0 0, expire 0, mark 0, takeMarked 1 0, finish 1 1, create 0 1, expire 0, mark 0, abandon 0,"
          + " takeMarked 1 0, finish 1 1 | giveUp 0 | create 0 2, take 1 0 | inspect 0",
      // Calls that took too long.
      "create 0 1, take 0 0 | expire 0, giveUp 0 | take 1 0, get 0 | inspect 0",
      "create 0 1, take 0 0, expire 0, mark 0, takeMarked 1 0 | abandon 0, giveUp 0 | finish 1 1, create 0 1, take 1 0"
          + " | inspect 0",
      "create 0 1, take 0 0, expire 0 | abandon 0 | mark 0, takeMarked 1 0, finish 1 1, create 0 1, take 1 0"
          + " | inspect 0");

  static final List<String> GROWTH = List.of(
      "| create 2 1 | get 1, get 0 | get 2",
      "| create 2 1 | create 3 1, get 3 | get 2, get 1",
      "take 0 1 | create 2 1 | remove 0, get 0 | get 1, get 2",
      "take 0 0 | create 2 1, get 1 | remove 0, get 1 | get 0, get 2");

  static final List<String> EVICTION = List.of(
      "create 0 1, create 1 1 | create 2 1, get 2 | create 3 1, get 3 | get 0, get 1, get 2, get 3",
      "create 0 1, create 1 1, take 0 0 | create 2 1, get 0 | finish 0 2, get 0 | get 0, get 1, get 2",
      "create 0 1, create 1 1, take 0 0 | create 2 1, get 0 | remove 0, get 1 | get 0, get 1, get 2",
      "create 0 1, take 0 0, create 1 1, create 2 1, create 3 1 | finish 0 2 | create 0 1, take 1 0 | get 0",
      "create 0 1, take 0 0 | create 1 1, create 2 1, create 0 2, take 1 0 | finish 0 2 | get 0",
      "create 0 1, take 0 0, create 1 1, create 2 1, create 0 1, create 1 1, create 2 1 | finish 0 2"
          + " | create 0 2, take 1 0 | get 0",
      "create 0 1, take 0 0, expire 0 | create 1 1, create 2 1, create 0 2 | finish 0 2 | take 0 0, get 0");

  private Races() {}

  static List<ExecutionScenario> of(Class<?> operations, List<String> races) {
    return races.stream().map(race -> scenario(operations, race)).toList();
  }

  private static ExecutionScenario scenario(Class<?> operations, String race) {
    List<List<Actor>> parts = new ArrayList<>();
    for (String part : race.split("\\|")) {
      Stream<String> calls = Arrays.stream(part.split(",")).map(String::strip).filter(call -> !call.isEmpty());
      parts.add(calls.map(call -> actor(operations, call.split(" "))).toList());
    }
    return new ExecutionScenario(parts.getFirst(), parts.subList(1, parts.size() - 1), parts.getLast(), null);
  }

  private static Actor actor(Class<?> operations, String[] call) {
    Method method = Arrays.stream(operations.getMethods())
        .filter(each -> each.getName().equals(call[0]))
        .findFirst()
        .orElseThrow();
    List<Object> arguments = new ArrayList<>();
    for (int i = 1; i < call.length; i++) {
      arguments.add(Integer.valueOf(call[i]));
    }
    return new Actor(method, arguments);
  }
}
