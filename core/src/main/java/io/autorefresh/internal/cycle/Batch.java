package io.autorefresh.internal.cycle;

import io.autorefresh.Outcome;
import io.autorefresh.internal.items.Item;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The items that one job took, their values at the moment of its call, and what the call says of each. An item without
 * an outcome was not mentioned. Used by the job's thread alone, but that another one fails the items when the time is
 * over.
 */
final class Batch<K, V> {

  private static final VarHandle SIZE = Handles.of(MethodHandles.lookup(), "size", int.class);
  private static final boolean[] NOTHING = {};

  private final Item<K, V>[] items;
  private final V[] values;
  private final @Nullable Outcome<V>[] outcomes;
  private int size;
  /** Of all items if the call failed as a whole, else zero. */
  private double jitter;
  /** Which of them the outcome makes terminal, or nothing if none. */
  private boolean[] terminal = NOTHING;
  /** Ids in the result that were not in the batch. */
  int foreign;

  /** Creates an empty batch that overwrites the array, from its beginning, with those of its items that are added. */
  @SuppressWarnings("unchecked")
  Batch(Item<K, V>[] items) {
    this.items = items;
    values = (V[]) new Object[items.length];
    outcomes = (Outcome<V>[]) new Outcome<?>[items.length];
  }

  void add(Item<K, V> item) {
    int place = size;
    items[place] = item;
    values[place] = item.value();
    // Last, and releasing: another thread may look at it when the time is over.
    SIZE.setRelease(this, place + 1);
  }

  int size() {
    return (int) SIZE.getAcquire(this);
  }

  Item<K, V> item(int place) {
    return items[place];
  }

  V value(int place) {
    return values[place];
  }

  @Nullable Outcome<V> outcome(int place) {
    return outcomes[place];
  }

  void set(int place, Outcome<V> outcome) {
    outcomes[place] = outcome;
  }

  void setTerminal(int place) {
    if (terminal.length == 0) {
      terminal = new boolean[size];
    }
    terminal[place] = true;
  }

  boolean isTerminal(int place) {
    return terminal.length > 0 && terminal[place];
  }

  /** The call failed as a whole. */
  void failAll(Throwable cause, double jitter) {
    this.jitter = jitter;
    Outcome<V> failed = Outcome.failed(cause);
    for (int i = 0; i < size; i++) {
      outcomes[i] = failed;
    }
  }

  /** What their back-off has in common as the call failed as a whole, else zero. */
  double jitter() {
    return jitter;
  }

  /** The ids and values, for a callback that takes them as a map. */
  @SuppressWarnings("unchecked")
  Snapshot<K, V> snapshot() {
    K[] ids = (K[]) new Object[size];
    V[] copies = (V[]) new Object[size];
    for (int i = 0; i < size; i++) {
      ids[i] = items[i].id();
      copies[i] = values[i];
    }
    return new Snapshot<>(ids, copies);
  }
}
