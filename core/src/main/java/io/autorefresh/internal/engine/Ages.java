package io.autorefresh.internal.engine;

import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The ages of the live items that are not marked, in nanoseconds.
 *
 * @param sorted all of them, the least first
 * @param oldest the ids of the oldest items, the oldest first
 */
public record Ages(long[] sorted, List<Object> oldest) {

  private static final int OLDEST = 10;

  private record Aged(long age, Object id) {}

  /** Collects ages on a walk over the items. */
  private static final class Collector {

    private long[] ages;
    private int count;
    private final PriorityQueue<Aged> oldest = new PriorityQueue<>(OLDEST + 1, Comparator.comparingLong(Aged::age));

    Collector(int expected) {
      ages = new long[Math.max(16, expected)];
    }

    void add(Item<?, ?> item, long now) {
      if (item.isTerminal() || item.isMarked()) {
        return;
      }
      if (count == ages.length) {
        ages = Arrays.copyOf(ages, 2 * count);
      }
      long age = Math.max(0, now - item.confirmedAt());
      ages[count++] = age;
      if (oldest.size() < OLDEST || age > oldest.element().age) {
        oldest.add(new Aged(age, item.id()));
        if (oldest.size() > OLDEST) {
          oldest.remove();
        }
      }
    }

    Ages ages() {
      long[] sorted = Arrays.copyOf(ages, count);
      Arrays.sort(sorted);
      List<Aged> last = new ArrayList<>(oldest);
      last.sort(Comparator.comparingLong(Aged::age).reversed());
      return new Ages(sorted, last.stream().map(Aged::id).toList());
    }
  }

  /** Takes the ages of the items of a map, in one walk without a lock. */
  static <K, V> Ages of(ItemMap<K, V> map, long now) {
    Collector collector = new Collector(map.size());
    map.items().forEach(item -> collector.add(item, now));
    return collector.ages();
  }
}
