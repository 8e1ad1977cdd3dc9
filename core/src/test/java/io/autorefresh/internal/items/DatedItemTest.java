package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.internal.schedule.Schedule.Kind;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** S2: an item's own due time, which jobs write while the schedule may look at it. */
class DatedItemTest {

  private static final int INTERVAL = 100;

  private static final class Items extends Table<Integer, Integer> {}

  private static final class User implements Traits<Integer, Integer> {

    @Override
    public boolean isTerminal(Integer value) {
      return false;
    }

    @Override
    public @Nullable Object groupOf(Integer id, Integer value) {
      return null;
    }

    @Override
    public boolean haveIntervals() {
      return true;
    }

    @Override
    public long dueAt(Integer id, Integer value, long now) {
      return now + INTERVAL;
    }
  }

  private static final class Nothing implements Schedule.Surroundings<Item<Integer, Integer>> {

    @Override
    public boolean isCreationWaiting() {
      return false;
    }

    @Override
    public void turned(Schedule.Turnabout turnabout) {}

    @Override
    public void refused(Item<Integer, Integer> item, long until) {}
  }

  private final Queue<Item<Integer, Integer>> changed = new ConcurrentLinkedQueue<>();
  private final ItemMap<Integer, Integer> map =
      new ItemMap<>(new Items(), 10, () -> 0, new User(), false, false, null, new Flight("t"), changed::add);
  private final Fence<Integer, Integer> fence = new Fence<>(map);
  private final Token job = new AnyMap.Job();
  private final Item<Integer, Integer> item;
  @SuppressWarnings("unchecked")
  private final Schedule<Item<Integer, Integer>> schedule = new Schedule<>(
      10, 1_000, false, false, 0, null, 4, length -> (Item<Integer, Integer>[]) new Item<?, ?>[length], new Nothing());

  DatedItemTest() throws InterruptedException {
    map.creations().getOrCreate(1, (Integer) 0);
    item = changed.element();
  }

  private void file(long now) {
    for (Item<Integer, Integer> each; (each = changed.poll()) != null; ) {
      schedule.file(each, now);
    }
  }

  private boolean confirm(long dueAt) {
    return fence.confirm(item, job, null, null, false, 0, dueAt, false, 0);
  }

  @Test
  void S2_aDueTimeThatIsPutOff_sendsNoMessage_andOneThatComesSoonerDoes() {
    file(0);
    assertThat(fence.take(item, job, Kind.REFRESH, INTERVAL)).isTrue();
    confirm(2 * INTERVAL);
    assertThat(changed).isEmpty();
    assertThat(schedule.next(2 * INTERVAL - 1)).isNull();
    fence.take(item, job, Kind.REFRESH, 2 * INTERVAL);
    confirm(INTERVAL);
    assertThat(changed).containsExactly(item);
  }

  @Test
  void S2_anItemThatIsMarked_orForWhichACallerWaits_hasNoDueTime() {
    assertThat(item.dueAt(-1)).isEqualTo(INTERVAL);
    map.await(1, new Waiter() {
      @Override
      protected void wake() {}
    });
    assertThat(item.isApart()).isFalse();
    fence.take(item, job, Kind.REFRESH, 0);
    confirm(INTERVAL);
    assertThat(item.isApart()).as("a caller waits").isFalse();
    map.mark(1);
    assertThat(item.isWanted(Kind.DELETION, 0)).isTrue();
  }
}
