package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemEvent;
import io.autorefresh.RemovalCause;
import io.autorefresh.kit.Told;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How items come and go: the size, and the eviction among the stripes. */
class ItemMapTest extends AnyMap {

  @Test
  void G1_theTableIsHalfFullAtMost() throws Exception {
    int length = table.length();
    for (int id = 0; table.length() == length; id++) {
      create(id, 0);
      assertThat(map.size()).isLessThanOrEqualTo(length / 2);
    }
    assertThat(table.length()).isEqualTo(2 * length);
    assertThat(map.size()).isEqualTo(length / 2);
    assertThat(Invariants.check(map)).isEmpty();
    assertThat(map.insertions()).isEqualTo(map.size());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 150, 1_000})
  void C5_theMaximumIsKeptExactlyWhateverHappens(int maximumSize) throws Exception {
    use(map(maximumSize));
    Random random = new Random(maximumSize);
    Map<Integer, Integer> model = new HashMap<>();
    Set<Item<Integer, Integer>> taken = new HashSet<>();
    int evicted = 0;
    for (int step = 0; step < 20_000; step++) {
      int id = random.nextInt(2 * maximumSize + 1);
      switch (random.nextInt(5)) {
        case 0, 1 -> model.putIfAbsent(id, map.creations().getOrCreate(id, random.nextInt(4) - 1));
        case 2 -> assertThat(map.mark(id)).isEqualTo(model.containsKey(id));
        case 3 -> assertThat(table.get(id)).isEqualTo(model.get(id));
        default -> act(table.find(id, Table.hash(id)), random, taken);
      }
      for (ItemEvent<Integer, Integer> event; (event = events.poll()) != null; ) {
        if (event instanceof ItemEvent.Updated<Integer, Integer>) {
          model.put(event.id(), event.item());
        } else if (event instanceof ItemEvent.Removed<Integer, Integer> removed) {
          model.remove(event.id());
          evicted += removed.cause() == RemovalCause.EVICTED ? 1 : 0;
        } else {
          assertThat(model).containsKey(event.id());
        }
      }
      assertThat(map.size()).isEqualTo(model.size()).isLessThanOrEqualTo(maximumSize);
    }
    assertThat(map.evictions()).isEqualTo(evicted).isPositive();
    assertThat(Invariants.check(map)).isEmpty();
  }

  private void act(@Nullable Item<Integer, Integer> item, Random random, Set<Item<Integer, Integer>> taken) {
    if (item == null) {
      return;
    }
    if (!(item.isMarked() ? takeForDeletion(item, job) : take(item, job))) {
      fence.end(item, job);
      return;
    }
    switch (random.nextInt(5)) {
      case 0 -> fence.remove(item, job);
      case 1 -> confirm(item, job, item.isMarked() ? null : random.nextInt(3), false, now);
      case 2 -> fence.end(item, job);
      case 3 -> fail(item, job, false);
      default -> taken.add(item);
    }
    now += random.nextInt(50);
  }

  @Test
  void C5_inspectingIsNoAccess() throws Exception {
    Item<Integer, Integer> item = create(1, 5);
    assertThat(valueOf(1)).isEqualTo(5);
    assertThat(valueOf(2)).isNull();
    assertThat(item.frequency).isZero();
    assertThat(map.creations().getOrCreate(1, 6)).isEqualTo(5);
    assertThat(map.creations().getOrCreate(1, id -> 6)).isEqualTo(5);
    assertThat(item.frequency).as("asking for it is one").isEqualTo((byte) 2);
  }

  /** The ids of the items that were evicted since events were taken last. */
  private List<Object> evicted() {
    return told().stream().filter(told -> told.detail() == RemovalCause.EVICTED).map(Told::id).toList();
  }

  private long present(int first, int count) {
    return IntStream.range(0, count).filter(i -> valueOf(first + 8 * i) != null).count();
  }

  @Test
  void C5_aStripeThatIsAskedForTakesItsShareOfTheFullest() throws Exception {
    use(map(800));
    for (int i = 0; i < 800; i++) {
      create(8 * i, 0);
    }
    for (int i = 0; i < 100; i++) {
      create(8 * i + 1, 0);
    }
    assertThat(present(1, 100)).as("those of the other stripe").isEqualTo(100);
    assertThat(present(0, 800)).isEqualTo(700);
    for (int i = 100; i < 700; i++) {
      create(8 * i + 1, 0);
    }
    assertThat(present(0, 800)).as("beyond the share they evict their own").isGreaterThan(500);
    assertThat(map.size()).isEqualTo(800);
  }

  @Test
  void C5_aStripeWithLessThanItsShareTakesRoomOfTheFullestAlone() throws Exception {
    use(map(800));
    for (int i = 0; i < 700; i++) {
      create(8 * i + 3, 0);
    }
    for (int i = 0; i < 100; i++) {
      create(8 * i + 1, 0);
    }
    for (int i = 0; i < 50; i++) {
      create(8 * i + 2, 0);
    }
    assertThat(present(1, 100)).as("those of the one that is not the fullest").isEqualTo(100);
    assertThat(present(2, 50)).as("the newcomers").isEqualTo(50);
    assertThat(present(3, 700)).isEqualTo(650);
  }

  @Test
  void C5_terminalItemsOfAnyStripeGoFirstAndMarkedOnesLast() throws Exception {
    use(map(800));
    for (int i = 0; i < 800; i++) {
      create(i, i == 5 || i == 6 ? TERMINAL : 0);
    }
    for (int i = 700; i < 710; i++) {
      map.mark(i);
    }
    told();
    create(8 * 1_000 + 1, 0);
    create(8 * 1_000 + 2, 0);
    assertThat(evicted()).containsExactlyInAnyOrder(5, 6);
    for (int i = 0; i < 3_000; i++) {
      create(10_000 + i, 0);
    }
    assertThat(IntStream.range(700, 710)).allMatch(id -> valueOf(id) != null);
    assertThat(evicted()).hasSize(3_000);
  }

  @Test
  void C5_theLastOfAllMarkedItemsMakeRoom() throws Exception {
    use(map(3));
    for (int id = 0; id < 3; id++) {
      create(id, 0);
      map.mark(id);
    }
    create(7, 0);
    assertThat(evicted()).containsExactly(0);
    assertThat(valueOf(7)).isZero();
  }
}
