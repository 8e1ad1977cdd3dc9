package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.kit.LogCapture;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** R5: an item whose group key threw is counted once, also if it is marked while that is noted. */
class UngroupedItemTest {

  private static final class Items extends Table<Integer, Integer> {}

  @AutoClose
  private final LogCapture log = LogCapture.open();

  private boolean asked;
  private int reads;
  private final ItemMap<Integer, Integer> map =
      new ItemMap<>(new Items(), 10, () -> 0, value -> false, false, null, () -> {});
  private final Context<Integer, Integer> context = new ContextBuilder(map)
      .batchBy(this::group).ticker(this::read).build();

  private Object group(int id, int value) {
    asked = true;
    throw new IllegalStateException("of the test");
  }

  /** Read when the item is taken and when it fails: between the two somebody marks it. */
  private long read() {
    if (asked && ++reads == 2) {
      map.mark(1);
    }
    return 0;
  }

  @Test
  void R5_anItemThatIsMarkedBetweenItsFailureAndTheNoteOfThat_isCountedAsDiscarded() throws Exception {
    map.creations().getOrCreate(1, 0);
    Cycle<Integer, Integer> cycle = new Cycle<>(context, "c/cycle-1", 1, Agenda.sync(), () -> false, () -> {});
    SteppedCycle<Integer, Integer> stepped = new SteppedCycle<>(cycle, false, SteppedJob::runAll);
    while (stepped.step()) {
      assertThat(asked).isTrue();
    }
    Boolean marked = map.inspect(1, Item::isMarked);
    assertThat(marked).isTrue();
    assertThat(cycle.tally().sum(Count.ITEMS)).isEqualTo(1);
    assertThat(cycle.tally().sum(Count.FAILED)).isZero();
    assertThat(cycle.tally().sum(Count.DISCARDED)).isEqualTo(1);
  }
}
