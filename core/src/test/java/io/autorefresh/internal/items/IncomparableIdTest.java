package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.kit.Worker;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** C5 and R2 of ids that cannot be compared while a job goes on that has lost the item of such an id. */
class IncomparableIdTest {

  private static final Object JOB = "a job";
  private static final Object OTHER = "another job";

  private static final class Items extends Table<Id, Integer> {}

  /** All with the same hash, so that they have to be compared, but those whose names begin with a z. */
  private final class Id {

    private final String name;

    Id(String name) {
      this.name = name;
    }

    @Override
    public int hashCode() {
      return name.startsWith("z") ? 64 : 0;
    }

    @Override
    public boolean equals(Object other) {
      if (throwing) {
        throw new IllegalStateException("of equals");
      }
      return this == other;
    }
  }

  private boolean throwing;
  private final Items table = new Items();
  private final ItemMap<Id, Integer> map =
      new ItemMap<>(table, 2, () -> 0, value -> false, false, null, () -> {});
  private final Fence<Id, Integer> fence = new Fence<>(map);

  @AfterEach
  void checkTheMap() throws Exception {
    throwing = false;
    assertThat(Worker.start(map::check).result()).isEmpty();
  }

  private Item<Id, Integer> create(Id id) throws Exception {
    map.creations().getOrCreate(id, 0);
    Item<Id, Integer> item = table.find(id, Table.hash(id));
    assertThat(item).isNotNull();
    return item;
  }

  /** Creates an item whose job goes on, and another one that has lost its job. */
  private Item<Id, Integer> inFlightBesideAStraggler() throws Exception {
    Item<Id, Integer> item = create(new Id("a"));
    Item<Id, Integer> straggling = create(new Id("b"));
    assertThat(fence.take(straggling, OTHER, false, 0)).isTrue();
    assertThat(map.mark(straggling.id())).isTrue();
    assertThat(fence.take(item, JOB, false, 0)).isTrue();
    return item;
  }

  @Test
  void R2_anItemThatCannotBeMarked_isStillThatOfItsJob() throws Exception {
    Item<Id, Integer> item = inFlightBesideAStraggler();
    throwing = true;
    assertThatIllegalStateException().isThrownBy(() -> map.mark(item.id())).withMessage("of equals");
    assertThat(item.isInFlight()).isTrue();
    assertThat(item.isMarked()).isFalse();
  }

  @Test
  void C5_anItemThatCannotBeEvicted_isThereAndCounts() throws Exception {
    Item<Id, Integer> item = inFlightBesideAStraggler();
    throwing = true;
    assertThatIllegalStateException().isThrownBy(() -> map.creations().getOrCreate(new Id("z"), 0));
    throwing = false;
    assertThat(item.isMapped()).isTrue();
    assertThat(map.size()).isEqualTo(3);
    create(new Id("zz"));
    assertThat(map.size()).isEqualTo(2);
  }
}
