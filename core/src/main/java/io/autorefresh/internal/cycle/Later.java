package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Item;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The items that back off when a spread cycle begins, cut into batches, each of which has its turn when all its items
 * are due. Used by the cycle's owner alone.
 */
final class Later<K, V> {

  /** Of the items whose back-off ends in the course of a period, those come together that do so in one such part. */
  private static final int WINDOWS = 8;

  /** A batch, and for how long all its items back off from the cycle's beginning. */
  private record Turn<K, V>(long delay, Item<K, V>[] items) {}

  /** In the order of their delays, the next one last. */
  private final List<Turn<K, V>> turns = new ArrayList<>();
  private int items;

  /**
   * Cuts items into batches.
   *
   * @param backingOff in any order; sorted by this
   * @param period nanoseconds over which the cycle is spread
   * @param group puts the batches' groups together; it may drop items
   */
  void plan(List<Survey.BackingOff<K, V>> backingOff, long period, int batchSize, Consumer<Plan<K, V>> group) {
    backingOff.sort(Comparator.comparingLong(Survey.BackingOff::delay));
    int from = 0;
    while (from < backingOff.size()) {
      // Those that are due wait for nobody, the others at most so long for those that come into their batch.
      long first = backingOff.get(from).delay();
      long last = first <= 0 ? 0 : first + period / WINDOWS;
      int to = from;
      while (to < backingOff.size() && backingOff.get(to).delay() <= last) {
        to++;
      }
      planWindow(backingOff.subList(from, to), batchSize, group);
      from = to;
    }
    turns.sort(Comparator.<Turn<K, V>>comparingLong(Turn::delay).reversed());
  }

  private void planWindow(List<Survey.BackingOff<K, V>> window, int batchSize, Consumer<Plan<K, V>> group) {
    Map<Item<K, V>, Long> delays = new IdentityHashMap<>();
    Plan<K, V> order = new Plan<>();
    for (Survey.BackingOff<K, V> each : window) {
      order.add(each.item());
      delays.put(each.item(), each.delay());
    }
    group.accept(order);
    for (Item<K, V>[] batch; (batch = order.next(batchSize)) != null; ) {
      turns.add(new Turn<>(delays.getOrDefault(batch[batch.length - 1], 0L), batch));
      items += batch.length;
    }
  }

  int batches() {
    return turns.size();
  }

  int items() {
    return items;
  }

  /** How long until the next batch is due, by so long after the cycle's beginning; {@link Alarm#NEVER} if none is. */
  long delay(long elapsed) {
    return turns.isEmpty() ? Alarm.NEVER : Math.max(0, turns.getLast().delay() - elapsed);
  }

  /** Returns the next batch, or null if none is due by so long after the cycle's beginning. */
  Item<K, V> @Nullable [] next(long elapsed) {
    if (delay(elapsed) > 0) {
      return null;
    }
    Item<K, V>[] batch = turns.removeLast().items();
    items -= batch.length;
    return batch;
  }

  void clear() {
    turns.clear();
    items = 0;
  }
}
