package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Worker;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** R1: a walk through a map sees what is there. */
class WalkTest extends AnyMap {

  @Test
  void R1_aWalkShowsWhatIsThere() throws Exception {
    create(1, 0);
    create(2, 0);
    List<Integer> seen = new ArrayList<>();
    map.items().forEach(item -> seen.add(item.id()));
    assertThat(seen).containsExactlyInAnyOrder(1, 2);
  }

  @Test
  void R1_theLiveItemsAreThoseThatAreNeitherTerminalNorMarked_eachStripesInTheOrderInWhichTheyCame() throws Exception {
    use(map(100_000));
    int stripes = Math.max(1, Integer.highestOneBit(4 * Runtime.getRuntime().availableProcessors()));
    int count = 600 * stripes;
    for (int id = 0; id < count; id++) {
      // The predicate of this map is true of negative values.
      create(id, id % 10 == 3 ? -1 : 0);
      if (id % 10 == 7) {
        map.mark(id);
      }
    }
    List<List<Integer>> seen = new ArrayList<>();
    List<Integer> expectations = new ArrayList<>();
    map.live(expected -> {
      List<Integer> ids = new ArrayList<>();
      seen.add(ids);
      expectations.add(expected);
      return item -> ids.add(item.id());
    });
    assertThat(seen).hasSize(stripes);
    for (int stripe = 0; stripe < stripes; stripe++) {
      int own = stripe;
      List<Integer> live = IntStream.range(0, count)
          .filter(id -> id % stripes == own && id % 10 != 3 && id % 10 != 7).boxed().toList();
      assertThat(seen.get(stripe)).as("those of stripe %s", stripe).isEqualTo(live);
      assertThat(expectations.get(stripe)).as("how many were announced").isEqualTo(live.size());
    }
  }

  @Test
  void R1_anItemThatMovesBetweenQueuesMeanwhileIsShownOnce() throws Exception {
    int size = 2_000;
    use(map(size));
    for (int id = 0; id < size; id++) {
      create(id, 0);
    }
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger created = new AtomicInteger();
    Worker<Integer> reader = Worker.start(() -> {
      int id = size;
      for (; !over.get(); id++) {
        // What is read is moved, and not evicted, when a newcomer is one too many.
        for (int i = 0; i < size / 2; i++) {
          table.get(i);
          table.get(i);
          table.get(i);
        }
        create(id, 0);
        created.incrementAndGet();
      }
      return id;
    });
    try {
      Await.until("newcomers come", () -> created.get() > 0);
      for (int walk = 0; walk < 50; walk++) {
        Set<Item<Integer, Integer>> mapped = new HashSet<>();
        map.items().forEach(mapped::add);
        Set<Item<Integer, Integer>> seen = new HashSet<>();
        List<Integer> again = new ArrayList<>();
        map.live(expected -> item -> {
          if (!seen.add(item)) {
            again.add(item.id());
          }
        });
        assertThat(again).as("items that are shown a second time").isEmpty();
        Set<Item<Integer, Integer>> still = new HashSet<>();
        map.items().forEach(still::add);
        mapped.retainAll(still);
        assertThat(seen).as("what was there all the time").containsAll(mapped);
      }
    } finally {
      over.set(true);
    }
    assertThat(reader.result()).isGreaterThan(size);
  }
}
