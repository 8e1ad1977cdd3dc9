package io.autorefresh.internal.engine;

import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.LongStream;

/**
 * The ages of the live items that are not marked, in nanoseconds.
 *
 * @param sorted all ages, the least first
 * @param oldest the ids of the oldest items, the oldest first
 */
public record Ages(long[] sorted, List<Object> oldest) {

  private static final int OLDEST = 10;

  private record Aged(long age, Object id) {}

  /** Returns the ages of the items of a map, after one walk without a lock. */
  static <K, V> Ages of(ItemMap<K, V> map, long now) {
    LongStream.Builder ages = LongStream.builder();
    Comparator<Aged> byAge = Comparator.comparingLong(Aged::age);
    PriorityQueue<Aged> oldest = new PriorityQueue<>(byAge);
    for (Item<K, V> item : map.items()) {
      if (!item.isTerminal() && !item.isMarked()) {
        long age = Math.max(0, now - item.confirmedAt());
        ages.add(age);
        if (oldest.size() < OLDEST || age > oldest.element().age) {
          oldest.add(new Aged(age, item.id()));
        }
        if (oldest.size() > OLDEST) {
          oldest.remove();
        }
      }
    }
    List<Object> ids = oldest.stream().sorted(byAge.reversed()).map(Aged::id).toList();
    return new Ages(ages.build().sorted().toArray(), ids);
  }
}
