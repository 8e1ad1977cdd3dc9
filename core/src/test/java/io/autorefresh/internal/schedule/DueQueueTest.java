package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** R1 and R8: things in the order of their due times, of which those that are gone take no room. */
class DueQueueTest {

  /** The times wrap around, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - 50;

  private final DueQueue<Thing> queue = new DueQueue<>();

  private Thing add(String name, long time) {
    Thing thing = new Thing(name).dueAt(ORIGIN + time);
    add(thing, ORIGIN + time);
    return thing;
  }

  private void add(Thing thing, long time) {
    queue.add(new Entry<>(Entry.Sort.SINGLE, List.of(thing), time, time));
  }

  /** Empties the queue. */
  private List<String> takeAll() {
    List<String> names = new ArrayList<>();
    for (Entry<Thing> head; (head = queue.head()) != null; queue.removeHead()) {
      assertThat(head.time()).isEqualTo(head.things().get(0).dueAt);
      names.add(head.things().get(0).name);
    }
    return names;
  }

  @Test
  void R1_anEmptyQueue_hasNoHead() {
    assertThat(queue.head()).isNull();
  }

  @Test
  void R1_things_comeInTheOrderOfTheirTimes() {
    add("b", 20);
    add("d", 80);
    add("a", 10);
    add("c", 60);
    assertThat(takeAll()).containsExactly("a", "b", "c", "d");
  }

  @Test
  void R1_manyThings_comeInTheOrderOfTheirTimes() {
    Random random = new Random(1);
    List<Thing> added = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      added.add(add("n" + i, random.nextInt(1_000_000)));
    }
    added.sort(Comparator.comparing(thing -> thing.dueAt - ORIGIN));
    List<Long> times = new ArrayList<>();
    for (Entry<Thing> head; (head = queue.head()) != null; queue.removeHead()) {
      times.add(head.time());
    }
    assertThat(times).isEqualTo(added.stream().map(thing -> thing.dueAt).toList());
  }

  @Test
  void R1_anEntryWhoseTimeIsNoLongerThatOfItsThing_isDropped() {
    Thing moved = add("moved", 10);
    add("b", 20);
    moved.dueAt(ORIGIN + 30);
    add(moved, ORIGIN + 30);
    assertThat(takeAll()).containsExactly("b", "moved");
  }

  @Test
  void R1_thingsThatAreNoLongerDue_areDropped() {
    List<Thing> gone = List.of(add("a", 10), add("b", 20), add("c", 30));
    gone.forEach(thing -> thing.live = false);
    assertThat(queue.head()).isNull();
    add("d", 5);
    assertThat(takeAll()).containsExactly("d");
  }

  @Test
  void R1_whereStaleEntriesAreDropped_theOthersStay() {
    List<Thing> things = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      things.add(add("n" + i, i));
      things.get(i).live = i % 3 == 0;
    }
    List<String> expected = things.stream().filter(thing -> thing.live).map(thing -> thing.name).toList();
    assertThat(takeAll()).isEqualTo(expected);
  }

  @Test
  void R8_thingsThatAreGone_areNotKeptUntilTheirTimes() {
    add("first", 0);
    List<WeakReference<Thing>> gone = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      Thing thing = add("n", 1_000_000 + i);
      thing.live = false;
      gone.add(new WeakReference<>(thing));
    }
    System.gc();
    assertThat(gone.stream().filter(each -> each.get() != null).count()).isLessThan(100);
  }

  /** Otherwise each thing that is added would look at all others. */
  @Test
  void R8_staleEntries_areLookedForOnlyWhenTheQueueHasDoubled() {
    List<Thing> things = new ArrayList<>();
    for (int i = 0; i < 1_024; i++) {
      things.add(add("n" + i, i));
    }
    int looks = things.stream().mapToInt(thing -> thing.looksAtTime).sum();
    assertThat(looks).isBetween(512, 2_048);
  }
}
