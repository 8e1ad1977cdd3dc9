package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Failures;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** C5: which item the policy of one stripe evicts first. And what a stripe counts. */
class StripeTest {

  private final Stripe<Integer, Integer> stripe = new Stripe<>(1_000, new Readiness());

  private static Item<Integer, Integer> item(int id, boolean terminal) {
    return new Item<>(id, id * 0x9e3779b9, 0, 0, terminal, Condition.UNCONFIRMED);
  }

  private Item<Integer, Integer> add(int id) {
    Item<Integer, Integer> item = item(id, false);
    stripe.enqueue(item);
    return item;
  }

  private List<Item<Integer, Integer>> add(int from, int to) {
    return IntStream.range(from, to).mapToObj(this::add).toList();
  }

  private static void read(Item<Integer, Integer> item, int times) {
    IntStream.range(0, times).forEach(i -> item.access());
  }

  private Item<Integer, Integer> evict(@Nullable Item<Integer, Integer> newcomer) {
    Item<Integer, Integer> victim = stripe.liveVictim(newcomer);
    assertThat(victim).isNotNull();
    stripe.dequeue(victim);
    return victim;
  }

  private List<Item<Integer, Integer>> addToMain(int from, int to) {
    List<Item<Integer, Integer>> items = add(from, to);
    items.forEach(item -> stripe.small.moveTo(stripe.main, item));
    return items;
  }

  @Test
  void C5_allQueuesCount() {
    assertThat(stripe.size()).isZero();
    assertThat(stripe.terminal.size()).isZero();
    add(1);
    stripe.enqueue(item(2, true));
    stripe.becomeMarked(add(3));
    addToMain(4, 5);
    assertThat(stripe.size()).isEqualTo(4);
    assertThat(List.of(stripe.small.size(), stripe.main.size(), stripe.terminal.size(), stripe.marked.size()))
        .containsOnly(1);
  }

  @Test
  void C5_ofUnreadItemsTheOldestGoes() {
    List<Item<Integer, Integer>> items = add(0, 5);
    assertThat(List.of(evict(null), evict(null), evict(null))).isEqualTo(items.subList(0, 3));
  }

  @Test
  void C5_theNewcomerStays() {
    Item<Integer, Integer> newcomer = add(1);
    Item<Integer, Integer> other = add(2);
    assertThat(evict(newcomer)).isSameAs(other);
    assertThat(stripe.liveVictim(newcomer)).as("it is alone").isNull();
    assertThat(stripe.markedVictim(newcomer)).isNull();
    assertThat(stripe.terminalVictim(newcomer)).isNull();
  }

  @Test
  void C5_anItemReadOnceGoesAndOneReadMoreOftenMovesUp() {
    Item<Integer, Integer> often = add(1);
    Item<Integer, Integer> once = add(2);
    read(often, 2);
    read(once, 1);
    assertThat(evict(null)).isSameAs(once);
    assertThat(often.queue).isEqualTo(ItemQueue.MAIN);
    assertThat(often.frequency).as("it has to prove itself anew").isZero();
  }

  @Test
  void C5_anItemThatComesBackSoonMovesUpAtOnce() {
    List<Item<Integer, Integer>> items = add(0, 500);
    items.forEach(item -> assertThat(evict(null)).isSameAs(item));
    long known = IntStream.range(0, 500).filter(id -> add(id).queue == ItemQueue.MAIN).count();
    assertThat(known).isGreaterThan(400);
    assertThat(IntStream.range(1_000, 1_500).filter(id -> add(id).queue == ItemQueue.MAIN).count()).isLessThan(5);
  }

  @Test
  void C5_aSmallQueueOfATenthIsLeftAlone() {
    List<Item<Integer, Integer>> main = addToMain(0, 18);
    Item<Integer, Integer> newcomer = add(100);
    Item<Integer, Integer> other = add(101);
    assertThat(stripe.size()).isEqualTo(20);
    assertThat(main).as("two of twenty are a tenth").contains(evict(newcomer));
    assertThat(evict(newcomer)).as("two of nineteen are more").isSameAs(other);
  }

  @Test
  void C5_ofTheMainQueueTheItemThatIsNotReadAnyMoreGoes() {
    List<Item<Integer, Integer>> main = addToMain(0, 10);
    main.forEach(item -> read(item, 3));
    main.get(7).frequency = 0;
    assertThat(evict(null)).isSameAs(main.get(7));
    assertThat(main.get(0).frequency).as("passed over at a price").isEqualTo((byte) 2);
    assertThat(main.get(9).frequency).isEqualTo((byte) 3);
  }

  @Test
  void C5_choosingLooksAtABoundedNumberOfItemsAndTakesTheLeastRead() {
    List<Item<Integer, Integer>> main = addToMain(0, 200);
    main.forEach(item -> item.frequency = 3);
    main.get(20).frequency = 2;
    main.get(40).frequency = 2;
    assertThat(stripe.liveVictim(null)).isSameAs(main.get(20));
    assertThat(main.stream().filter(item -> item.frequency == 3).count()).as("not looked at").isEqualTo(200 - 64);
    assertThat(stripe.main.first()).isSameAs(main.get(64));
  }

  @Test
  void C5_whenAllOfTheSmallQueueWasReadTheMainQueueGives() {
    List<Item<Integer, Integer>> items = add(0, 3);
    items.forEach(item -> read(item, 2));
    assertThat(evict(null)).isSameAs(items.get(0));
    assertThat(stripe.main.size()).isEqualTo(2);
    assertThat(stripe.small.size()).isZero();
  }

  @Test
  void C5_anUnreadNewcomerLetsAnotherOfTheSmallQueueGo() {
    Item<Integer, Integer> newcomer = add(1);
    List<Item<Integer, Integer>> others = add(2, 4);
    others.forEach(item -> read(item, 2));
    assertThat(evict(newcomer)).isSameAs(others.get(0));
    assertThat(newcomer.isMapped()).isTrue();
  }

  @Test
  void C5_aTerminalItemThatIsReadOutlivesOneThatIsNot() {
    Item<Integer, Integer> read = item(1, true);
    Item<Integer, Integer> unread = item(2, true);
    stripe.enqueue(read);
    stripe.enqueue(unread);
    read.access();
    assertThat(stripe.terminalVictim(null)).isSameAs(unread);
    assertThat(stripe.terminalVictim(unread)).isSameAs(read);
    assertThat(stripe.liveVictim(null)).as("none is live").isNull();
  }

  @Test
  void C5_ofMarkedItemsTheFirstGoes() {
    List<Item<Integer, Integer>> items = add(0, 2);
    items.forEach(stripe::becomeMarked);
    assertThat(stripe.liveVictim(null)).isNull();
    assertThat(stripe.markedVictim(null)).isSameAs(items.get(0));
    assertThat(stripe.markedVictim(items.get(0))).isSameAs(items.get(1));
  }

  private void assertGauges(int terminal, int marked, int isNew, int failing) {
    Gauges sum = new Gauges();
    sum.add(stripe);
    assertThat(List.of(sum.terminal, sum.marked, sum.isNew, sum.failing)).as("terminal, marked, new, failing")
        .containsExactly(terminal, marked, isNew, failing);
  }

  @Test
  void C4_newItems_areCountedUntilTheirFirstRefreshStartsOrNeverWill() {
    List<Item<Integer, Integer>> items = IntStream.range(0, 3)
        .mapToObj(id -> new Item<>(id, id, 0, 0, false, Condition.NEW)).toList();
    items.forEach(stripe::enqueue);
    assertGauges(0, 0, 3, 0);
    stripe.setCondition(items.get(0), items.get(0).condition.started());
    assertGauges(0, 0, 2, 0);
    stripe.becomeMarked(items.get(1));
    assertGauges(0, 1, 1, 0);
    stripe.dequeue(items.get(2));
    assertGauges(0, 1, 0, 0);
  }

  @Test
  void R6_failingItems_areCountedUntilTheySucceedOrAreMarked() {
    Failure failure = Failures.failure(1, 0);
    List<Item<Integer, Integer>> items = add(0, 3);
    items.forEach(item -> stripe.setCondition(item, item.condition.failed(failure, null)));
    assertGauges(0, 0, 0, 3);
    stripe.setCondition(items.get(0), Condition.CONFIRMED);
    assertGauges(0, 0, 0, 2);
    stripe.becomeMarked(items.get(1));
    assertGauges(0, 1, 0, 1);
    stripe.setCondition(items.get(1), items.get(1).condition.failed(failure, null));
    assertGauges(0, 1, 0, 2);
    stripe.setTerminal(items.get(2), true);
    assertGauges(1, 1, 0, 2);
    items.forEach(stripe::dequeue);
    assertGauges(0, 0, 0, 0);
  }
}
