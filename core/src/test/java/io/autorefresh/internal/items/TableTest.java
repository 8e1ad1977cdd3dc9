package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** G1: the one table, in one thread: found is what is in it, whatever the hashes, before and after it grows. */
class TableTest {

  private static final class Chains extends Table<Object, String> {}

  /** An id with a hash of the test's choice. */
  private record Id(String name, int hash) {

    @Override
    public int hashCode() {
      return hash;
    }
  }

  private final Chains table = new Chains();

  private Item<Object, String> insert(Object id, String value) {
    Item<Object, String> item = new Item<>(id, Table.hash(id), value, 0, false, Condition.UNCONFIRMED);
    table.insert(item);
    return item;
  }

  private List<Object> walked() {
    List<Object> ids = new ArrayList<>();
    table.items().forEach(item -> ids.add(item.id()));
    return ids;
  }

  @Test
  void G1_idsOfOneHashAreToldApart() {
    for (String name : List.of("a", "b", "c")) {
      insert(new Id(name, 7), name.toUpperCase());
    }
    assertThat(table.get(new Id("a", 7))).isEqualTo("A");
    assertThat(table.get(new Id("c", 7))).isEqualTo("C");
    assertThat(table.get(new Id("d", 7))).isNull();
    assertThat(table.get(new Id("a", 8))).isNull();
  }

  @Test
  void G1_newIdsOfOneHashAreLast() {
    for (String name : List.of("a", "b", "c")) {
      insert(new Id(name, 7), name);
    }
    assertThat(walked()).containsExactly(new Id("a", 7), new Id("b", 7), new Id("c", 7));
  }

  @Test
  void G1_theHighBitsOfAHashCountToo() {
    assertThat(Table.hash(new Id("a", 0x12340000))).isEqualTo(0x12341234);
    assertThat(Table.hash(new Id("a", 0x80000000))).isEqualTo(0x80008000);
  }

  @Test
  void G1_aHitCountsUpToThree() {
    Item<Object, String> item = insert("a", "A");
    for (int expected : new int[] {1, 2, 3, 3}) {
      assertThat(table.get("a")).isEqualTo("A");
      assertThat(item.frequency).isEqualTo((byte) expected);
    }
    assertThat(table.find("a", Table.hash("a"))).isSameAs(item);
    assertThat(item.frequency).as("finding is no access").isEqualTo((byte) 3);
  }

  @Test
  void G2_nullIsNamed() {
    assertThatThrownBy(() -> table.get(null)).isInstanceOf(NullPointerException.class).hasMessageContaining("id");
  }

  @Test
  void G1_anItemThatIsNotThereCannotBeRemoved() {
    insert("a", "A");
    assertThatThrownBy(() -> table.remove(new Item<>("b", Table.hash("b"), "B", 0, false, Condition.UNCONFIRMED)))
        .isInstanceOf(AssertionError.class).hasMessageContaining("b");
  }

  @Test
  void G1_aWalkThatTheTableGrowsUnder_showsEachItemOnce() {
    for (int i = 0; i < 1_000; i++) {
      insert(new Id("n" + i, i * 0x9e3779b9), "");
    }
    List<Object> seen = new ArrayList<>();
    for (Item<Object, String> item : table.items()) {
      seen.add(item.id());
      if (seen.size() % 300 == 0) {
        table.grow();
      }
    }
    assertThat(seen).hasSize(1_000).doesNotHaveDuplicates();
  }

  @Test
  void G1_aBucketThatIsReadWhileTheTableGrows_isReadAgain() {
    for (int i = 0; i < 8; i++) {
      insert(i * table.length(), "");
    }
    List<Object> found = new ArrayList<>() {
      @Override
      public boolean add(Object item) {
        if (size() == 4) {
          table.grow();
        }
        return super.add(item);
      }
    };
    assertThat(table.readBucket(table.length(), 0, found)).isFalse();
    assertThat(walked()).hasSize(8).doesNotHaveDuplicates();
  }

  @Test
  void G1_aChainOutOfOrderIsNoticed() {
    assertThat(Invariants.isOrdered(table)).isTrue();
    Item<Object, String> one = insert(1, "");
    Item<Object, String> other = insert(1 + table.length(), "");
    assertThat(one.next).isSameAs(other);
    assertThat(Invariants.isOrdered(table)).isTrue();
    other.next = new Item<>(1, 1, "", 0, false, Condition.UNCONFIRMED);
    assertThat(Invariants.isOrdered(table)).as("in the right bucket, but too late").isFalse();
    other.next = new Item<>(2, 2, "", 0, false, Condition.UNCONFIRMED);
    assertThat(Invariants.isOrdered(table)).as("in another's bucket").isFalse();
  }

  @Test
  void G1_whateverComesAndGoesAndGrowsTheTableIsRight() {
    Random random = new Random(1);
    Map<Object, Item<Object, String>> model = new HashMap<>();
    for (int step = 0; step < 20_000; step++) {
      Object crowded = new Id("n" + random.nextInt(500), random.nextInt(64) << 26);
      Object id = random.nextBoolean() ? random.nextInt(500) : crowded;
      Item<Object, String> item = model.remove(id);
      if (item != null) {
        table.remove(item);
      } else {
        model.put(id, insert(id, "v" + step));
      }
      if (step % 5_000 == 4_999) {
        int length = table.length();
        table.grow();
        assertThat(table.length()).isEqualTo(2 * length);
        assertThat(Invariants.isOrdered(table)).isTrue();
        assertThat(walked()).containsExactlyInAnyOrderElementsOf(model.keySet());
        model.forEach((key, value) -> assertThat(table.get(key)).isEqualTo(value.value()));
      }
    }
    assertThat(Invariants.isOrdered(table)).isTrue();
  }
}
