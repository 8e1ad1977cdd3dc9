package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Worker;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** R1 and C5: what a thread without the lock sees of an item that moves. */
class ItemQueueTest {

  private static final int LOOKS = 5_000_000;

  private final ItemQueue<Integer, Integer> main = new ItemQueue<>(ItemQueue.MAIN);
  private final ItemQueue<Integer, Integer> terminal = new ItemQueue<>(ItemQueue.TERMINAL);
  private final Item<Integer, Integer> item = item(1);

  private static Item<Integer, Integer> item(int id) {
    return new Item<>(id, id, 0, 0, false, Condition.UNCONFIRMED);
  }

  @Test
  void R1_anItemThatMovesIsMapped_andAQueueInWhichItMovesIsNotEmpty() throws Exception {
    terminal.add(item);
    AtomicBoolean over = new AtomicBoolean();
    Worker<List<Integer>> observer = Worker.start(() -> {
      int unmapped = 0;
      int empty = 0;
      for (int look = 0; look < LOOKS; look++) {
        empty += terminal.size() == 0 ? 1 : 0;
        unmapped += item.isMapped() ? 0 : 1;
      }
      over.set(true);
      return List.of(unmapped, empty);
    });
    while (!over.get()) {
      terminal.moveTo(terminal, item);
    }
    assertThat(observer.result()).as("how often it was seen unmapped, and the queue empty").containsExactly(0, 0);
  }

  @Test
  void C5_anItemThatMovesToAnotherQueue_goesToItsEnd_andIsCountedThere() {
    Item<Integer, Integer> second = item(2);
    terminal.add(item);
    main.add(second);
    terminal.moveTo(main, item);
    assertThat(terminal.size()).isZero();
    assertThat(terminal.first()).isNull();
    assertThat(main.size()).isEqualTo(2);
    assertThat(main.first()).isSameAs(second);
    main.moveTo(main, second);
    assertThat(main.first()).isSameAs(item);
    assertThat(main.size()).isEqualTo(2);
  }
}
