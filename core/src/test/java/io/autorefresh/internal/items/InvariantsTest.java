package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Failures;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The check that other tests rely on: silent on a map that is right, it says what is wrong with one that is not. */
class InvariantsTest {

  private static final class Items extends Table<Integer, Integer> {}

  private final Table<Integer, Integer> table = new Items();
  private final Stripe<Integer, Integer> stripe = new Stripe<>(10, new Readiness());
  private final Item<Integer, Integer> live = new Item<>(1, Table.hash(1), 0, 0, false, Condition.NEW);
  private final Item<Integer, Integer> other = new Item<>(2, Table.hash(2), 0, 0, false, Condition.UNCONFIRMED);
  private final Item<Integer, Integer> terminal = new Item<>(3, Table.hash(3), 0, 0, true, Condition.UNCONFIRMED);

  @BeforeEach
  void fill() {
    for (Item<Integer, Integer> item : List.of(live, other, terminal)) {
      table.insert(item);
      stripe.enqueue(item);
    }
  }

  private String check(int size, int maximumSize) {
    @SuppressWarnings({"unchecked", "rawtypes"})
    Stripe<Integer, Integer>[] stripes = new Stripe[] {stripe};
    return new Invariants<>(table, stripes, size, maximumSize).check();
  }

  private String check() {
    return check(3, 3);
  }

  @Test
  void silentIfAllIsRight() {
    assertThat(check()).isEmpty();
    live.frequency = 3;
    stripe.becomeMarked(terminal);
    assertThat(check()).isEmpty();
  }

  @Test
  void theSizeMustBeRightAndWithinBounds() {
    assertThat(check(2, 3)).contains("the size is 2, but there are 3");
    assertThat(check(3, 2)).contains("above the maximum of 2");
  }

  @Test
  void whatIsMappedMustBeQueued() {
    stripe.small.remove(other);
    assertThat(check()).contains("2 is in no queue").contains("2 items in queues, 3 in the table");
  }

  @Test
  void whatIsQueuedMustBeMapped() {
    table.remove(other);
    assertThat(check()).contains("3 items in queues, 2 in the table");
  }

  @Test
  void anIdMustBeMappedOnce() {
    table.insert(new Item<>(2, Table.hash(2), 0, 0, false, Condition.UNCONFIRMED));
    assertThat(check()).contains("2 is mapped twice").contains("2 is not found");
  }

  @Test
  void aHashMustBeThatOfTheId() {
    table.insert(new Item<>(64, 0, 0, 0, false, Condition.UNCONFIRMED));
    assertThat(check()).contains("64 has the hash of another");
  }

  @Test
  void aChainMustBeInOrder() {
    live.next = other;
    assertThat(check()).contains("a chain is out of order");
  }

  @Test
  void aCountMustBeOfTwoBits() {
    live.frequency = 4;
    assertThat(check()).contains("1 counts 4");
    live.frequency = -1;
    assertThat(check()).contains("1 counts -1");
  }

  @Test
  void aNewItemMustNotBeMore() {
    live.token = new AnyMap.Job();
    assertThat(check()).contains("1 is new and more");
    live.token = null;
    terminal.condition = Condition.NEW;
    assertThat(check()).contains("3 is new and more");
  }

  @Test
  void everyStateMustBeCountedAsItIs() {
    live.condition = Condition.CONFIRMED;
    assertThat(check()).contains("1 items are counted as new, but 0 are");
    other.condition = Condition.CONFIRMED.failed(Failures.failure(1, 0), null);
    assertThat(check()).contains("0 items are counted as failing, but 1 are");
    terminal.terminal = false;
    assertThat(check()).contains("1 items are counted as terminal, but 0 are");
  }

  @Test
  void aFailureMustBeOne() {
    stripe.setCondition(
        other, Condition.CONFIRMED.failed(Failures.failure(0, 0), null));
    assertThat(check()).contains("2 has failed zero times");
    stripe.setCondition(
        other, Condition.CONFIRMED.failed(Failures.failure(1, 0), null));
    assertThat(check()).isEmpty();
  }

  @Test
  void noCreationMayBeInProgress() {
    stripe.creations.put(7, new Creation<>(7));
    assertThat(check()).contains("creations in progress: 1");
    stripe.creations.clear();
    assertThat(check()).isEmpty();
  }

  @Test
  void anItemMustBeInTheRightQueue() {
    other.terminal = true;
    assertThat(check()).contains("2 is in the wrong queue");
    other.terminal = false;
    other.queue = ItemQueue.MAIN;
    assertThat(check()).contains("2 is linked wrongly");
    other.queue = ItemQueue.SMALL;
    other.before = null;
    assertThat(check()).contains("2 is linked wrongly");
  }

  @Test
  void everyQueueIsLookedAt() {
    stripe.small.moveTo(stripe.main, other);
    terminal.terminal = false;
    stripe.becomeMarked(live);
    assertThat(check()).contains("3 is in the wrong queue");
    other.queue = ItemQueue.NONE;
    live.queue = ItemQueue.NONE;
    assertThat(check()).contains("2 is linked wrongly").contains("1 is linked wrongly");
  }

  @Test
  void aQueueMustCountWhatItHas() {
    live.after = null;
    assertThat(check()).contains("a queue counts 2 items, but has 1");
  }

  @Test
  void aFewWordsMustDo() {
    for (int id = 100; id < 130; id++) {
      table.insert(new Item<>(id, Table.hash(id), 0, 0, false, Condition.UNCONFIRMED));
    }
    assertThat(check().split(";")).hasSize(20);
  }
}
