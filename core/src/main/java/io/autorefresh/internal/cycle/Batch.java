package io.autorefresh.internal.cycle;

import io.autorefresh.Outcome;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.SharedItem;
import io.autorefresh.internal.schedule.Schedule;
import java.util.Arrays;
import io.autorefresh.internal.schedule.Cause;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The items that one job took, their values at the moment of its call, and what the call says of each. An item without
 * an outcome was not mentioned.
 */
final class Batch<K, V> {

  private static final boolean[] NOTHING = {};

  private final Item<K, V>[] items;
  private final V[] values;
  private final @Nullable Outcome<V>[] outcomes;
  /** Which of them the outcome makes terminal, or nothing if none. */
  private boolean[] terminal = NOTHING;
  /** When they are due by their intervals, or nothing if they are due in every cycle. */
  private long[] dueTimes = {};
  /** The keys of the groups of new values, or nothing. */
  private @Nullable Object @Nullable [] groups;
  private @Nullable Outcome<V> nullOutcome;
  private @Nullable Cause @Nullable [] causes;
  /** How many ids of the result were not in the batch, and one of them. */
  private int unknown;
  private @Nullable Object unknownId;

  @SuppressWarnings("unchecked")
  Batch(Item<K, V>[] items) {
    this.items = items;
    this.values = (V[]) new Object[items.length];
    for (int i = 0; i < items.length; i++) {
      values[i] = items[i].value();
    }
    this.outcomes = (Outcome<V>[]) new Outcome<?>[items.length];
  }

  int size() { return items.length; }

  Item<K, V> item(int place) { return items[place]; }

  /** Returns the item of a place where other caches share the refreshes. */
  SharedItem<K, V> shared(int place) { return (SharedItem<K, V>) items[place]; }

  V value(int place) { return values[place]; }

  @Nullable Outcome<V> outcome(int place) { return outcomes[place]; }

  void set(int place, Outcome<V> outcome) {
    outcomes[place] = outcome;
  }

  void addUnknown(Object id) {
    unknown++;
    unknownId = id;
  }

  int unknown() { return unknown; }

  /** Returns an id of the result if that mentions none of the batch but others, else null. */
  @Nullable Object strangerIfOnly() {
    for (Outcome<V> outcome : outcomes) {
      if (outcome != null) {
        return null;
      }
    }
    return unknownId;
  }

  void setTerminal(int place) {
    if (terminal.length == 0) {
      terminal = new boolean[items.length];
    }
    terminal[place] = true;
  }

  boolean isTerminal(int place) { return terminal.length > 0 && terminal[place]; }

  void setDueAt(int place, long dueAt) {
    if (dueTimes.length == 0) {
      dueTimes = new long[items.length];
      Arrays.fill(dueTimes, Schedule.NEVER);
    }
    dueTimes[place] = dueAt;
  }

  /** Returns when the item is due by its interval, or {@link Schedule#NEVER} if it is due in every cycle. */
  long dueAt(int place) { return dueTimes.length == 0 ? Schedule.NEVER : dueTimes[place]; }

  void setGroup(int place, Object group) {
    if (groups == null) {
      groups = new Object[items.length];
    }
    groups[place] = group;
  }

  @Nullable Object group(int place) { return groups == null ? null : groups[place]; }

  /** What a null outcome counts as: one failure for all of the call, since exceptions are dear. */
  Outcome<V> nullOutcome() {
    if (nullOutcome == null) {
      nullOutcome = Outcome.failed(new NullPointerException("the outcome is null"));
    }
    return nullOutcome;
  }

  void fail(int place, Throwable thrown, Cause cause) {
    outcomes[place] = Outcome.failed(thrown);
    if (causes == null) {
      causes = new Cause[items.length];
    }
    causes[place] = cause;
  }

  /** What is kept of the exception by which an item failed. */
  Cause cause(int place) { return Objects.requireNonNull(Objects.requireNonNull(causes)[place]); }

  /** The ids and values, for a callback that takes them as a map. */
  @SuppressWarnings("unchecked")
  Snapshot<K, V> snapshot() {
    K[] ids = (K[]) new Object[items.length];
    for (int i = 0; i < items.length; i++) {
      ids[i] = items[i].id();
    }
    return new Snapshot<>(ids, values.clone());
  }
}
