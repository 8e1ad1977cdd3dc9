package io.autorefresh.proof.faults;

import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Remote;
import java.io.IOException;
import java.time.Duration;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** How a remote can answer wrongly to a batch with the item {@value #BAD} in it, and what becomes of the batch. */
enum Answer {
  POISON(1, 0, 0),
  PARTIAL(0, 1, 0),
  FOREIGN(0, 0, 2),
  OTHERS_ONLY(0, 10, 3),
  NULL_OUTCOME(1, 0, 0),
  RETRY_AFTER(1, 0, 0),
  EMPTY(0, 10, 0),
  DUPLICATE(0, 0, 0),
  NULL_RESULT(10, 0, 0),
  NULL_ID(0, 0, 1),
  UNREADABLE(10, 0, 0);

  static final String BAD = "id-0";

  /** How many of the batch's ten items fail. */
  final int failed;
  final int unanswered;
  final int unknown;

  Answer(int failed, int unanswered, int unknown) {
    this.failed = failed;
    this.unanswered = unanswered;
    this.unknown = unknown;
  }

  /** The answer to a batch; one without the bad item is answered well. */
  Map<String, Outcome<Integer>> to(Map<String, Integer> items) {
    Map<String, Outcome<Integer>> outcomes = Remote.increments(items);
    if (!items.containsKey(BAD)) {
      return outcomes;
    }
    switch (this) {
      case POISON -> outcomes.put(BAD, Outcome.failed(new IOException("of the test")));
      case PARTIAL -> outcomes.remove(BAD);
      case FOREIGN -> {
        outcomes.put("nobody asked", Outcome.updated(7));
        outcomes.put("id-10", Outcome.deleted());
      }
      case OTHERS_ONLY -> {
        return Remote.all(Map.of("id-77", 7, "id-78", 7, "id-79", 7), Outcome.updated(7));
      }
      case NULL_OUTCOME -> outcomes.put(BAD, null);
      case RETRY_AFTER -> outcomes.put(BAD, Outcome.failed(new RetryAfterException(Duration.ofMillis(1))));
      case EMPTY -> outcomes.clear();
      case NULL_ID -> outcomes.put(null, Outcome.deleted());
      case NULL_RESULT -> {
        return null;
      }
      case DUPLICATE -> {
        return twice(outcomes);
      }
      case UNREADABLE -> {
        return unreadable();
      }
    }
    return outcomes;
  }

  /** A map that mentions each id twice, first with an older outcome. */
  private static Map<String, Outcome<Integer>> twice(Map<String, Outcome<Integer>> outcomes) {
    return new AbstractMap<>() {
      @Override
      public Set<Entry<String, Outcome<Integer>>> entrySet() {
        return new AbstractSet<>() {
          @Override
          public Iterator<Entry<String, Outcome<Integer>>> iterator() {
            return outcomes.entrySet().stream()
                .flatMap(entry -> List.of(Map.entry(entry.getKey(), Outcome.<Integer>updated(-1)), entry).stream())
                .iterator();
          }

          @Override
          public int size() {
            return 2 * outcomes.size();
          }
        };
      }
    };
  }

  private static Map<String, Outcome<Integer>> unreadable() {
    return new AbstractMap<>() {
      @Override
      public Set<Entry<String, Outcome<Integer>>> entrySet() {
        throw new IllegalStateException("of the test");
      }
    };
  }
}
