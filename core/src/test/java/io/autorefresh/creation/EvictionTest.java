package io.autorefresh.creation;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemEvent;
import io.autorefresh.RemovalCause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** C5: which item is evicted. */
@Timeout(60)
class EvictionTest {

  private static final int FINAL = 1000;

  private final List<String> evicted = new CopyOnWriteArrayList<>();

  private AutoRefreshBuilder<String, Integer> builder(int maximumSize) {
    return AutoRefresh.<String, Integer>builder()
        .refresh((id, n) -> n + 1)
        .refreshEvery(Duration.ofHours(1))
        .terminal(n -> n >= FINAL)
        .listener(event -> {
          if (event instanceof ItemEvent.Removed<String, Integer> removed && removed.cause() == RemovalCause.EVICTED) {
            evicted.add(event.id());
          }
        })
        .maximumSize(maximumSize);
  }

  private static List<String> ids(String kind, int count) {
    return IntStream.range(0, count).mapToObj(i -> kind + " " + i).toList();
  }

  private static void create(AutoRefresh<String, Integer> cache, List<String> ids, int item) {
    ids.forEach(id -> cache.getOrCreate(id, item));
  }

  private static List<String> present(AutoRefresh<String, Integer> cache, List<String> ids) {
    return ids.stream().filter(id -> cache.get(id) != null).toList();
  }

  private static void read(AutoRefresh<String, Integer> cache, List<String> ids, int times) {
    for (int time = 0; time < times; time++) {
      ids.forEach(cache::get);
    }
  }

  /** Returns the evicted ids, in their order, when the listener has heard of all. */
  private List<String> evicted(AutoRefresh<String, Integer> cache) throws InterruptedException {
    cache.sync();
    return evicted;
  }

  private static List<String> shuffled(List<String> some, List<String> others) {
    List<String> all = new ArrayList<>(some);
    all.addAll(others);
    Collections.shuffle(all, new Random(42));
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 100, 1000, 10_000})
  void C5_terminalItems_areEvictedFirst_whateverTheirAge(int maximumSize) throws Exception {
    List<String> done = ids("done", maximumSize / 10);
    List<String> live = ids("live", maximumSize - done.size());
    try (var cache = builder(maximumSize).build()) {
      shuffled(done, live).forEach(id -> cache.getOrCreate(id, id.startsWith("done") ? FINAL : 0));
      create(cache, ids("new", done.size()), 0);
      assertThat(evicted(cache)).containsExactlyInAnyOrderElementsOf(done);
      assertThat(present(cache, live)).isEqualTo(live);
      cache.getOrCreate("one more", 0);
      assertThat(cache.size()).as("now a live one goes").isEqualTo(maximumSize);
    }
  }

  @Test
  void C5_terminalItems_areEvictedFirst_thoughReadMost() throws Exception {
    List<String> done = ids("done", 20);
    List<String> live = ids("live", 80);
    try (var cache = builder(100).build()) {
      create(cache, live, 0);
      create(cache, done, FINAL);
      read(cache, done, 10);
      create(cache, ids("new", 20), 0);
      assertThat(evicted(cache)).containsExactlyInAnyOrderElementsOf(done);
    }
  }

  @Test
  void C5_itemsThatBecameTerminal_areEvictedFirst() throws Exception {
    List<String> done = ids("done", 30);
    List<String> live = ids("live", 270);
    try (var cache = builder(300).build()) {
      shuffled(done, live).forEach(id -> cache.getOrCreate(id, id.startsWith("done") ? FINAL - 2 : 0));
      read(cache, done, 3);
      cache.sync();
      assertThat(cache.stats().becameTerminal()).isZero();
      cache.sync();
      assertThat(cache.stats().becameTerminal()).isEqualTo(30);
      create(cache, ids("new", 30), 0);
      assertThat(evicted(cache)).containsExactlyInAnyOrderElementsOf(done);
    }
  }

  @Test
  void C5_terminalNewcomer_isNotEvictedByItsOwnCreation() throws Exception {
    try (var cache = builder(10).build()) {
      create(cache, ids("live", 10), 0);
      assertThat(cache.getOrCreate("done", FINAL)).isEqualTo(FINAL);
      assertThat(cache.get("done")).isEqualTo(FINAL);
      assertThat(evicted(cache)).hasSize(1).doesNotContain("done");
      cache.getOrCreate("new", 0);
      assertThat(evicted(cache)).hasSize(2).last().isEqualTo("done");
    }
  }

  @Test
  void C5_newcomer_isNotEvictedByItsOwnCreation() throws Exception {
    try (var cache = builder(1).build()) {
      for (String id : ids("item", 20)) {
        cache.getOrCreate(id, 0);
        read(cache, List.of(id), 5);
        assertThat(cache.get(id)).isZero();
      }
      assertThat(evicted(cache)).isEqualTo(ids("item", 19));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 300, 1000})
  void C5_markedItems_areEvictedLast(int maximumSize) throws Exception {
    List<String> marked = ids("marked", maximumSize / 2);
    List<String> live = ids("live", maximumSize / 2);
    try (var cache = builder(maximumSize).build()) {
      shuffled(marked, live).forEach(id -> cache.getOrCreate(id, 0));
      marked.forEach(cache::deleteDelayed);
      read(cache, live, 3);
      create(cache, ids("new", 3 * maximumSize), 0);
      assertThat(present(cache, marked)).isEqualTo(marked);
      assertThat(cache.sync().deletions()).isEqualTo(marked.size());
      assertThat(cache.size()).isEqualTo(maximumSize - marked.size());
    }
  }

  @Test
  void C5_markedItems_areEvictedIfThereIsNothingElse() throws Exception {
    List<String> marked = ids("marked", 10);
    try (var cache = builder(10).build()) {
      create(cache, marked, 0);
      marked.forEach(cache::deleteDelayed);
      cache.getOrCreate("new", 0);
      assertThat(cache.size()).isEqualTo(10);
      assertThat(cache.get("new")).isZero();
      assertThat(cache.sync().deletions()).isEqualTo(9);
      assertThat(evicted).hasSize(1).isSubsetOf(marked);
      assertThat(cache.size()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1000, 5000})
  void C5_readItems_outliveAScanOfUnreadOnes(int maximumSize) {
    List<String> hot = ids("hot", maximumSize / 5);
    List<String> cold = ids("cold", maximumSize - hot.size());
    try (var cache = builder(maximumSize).build()) {
      shuffled(hot, cold).forEach(id -> cache.getOrCreate(id, 0));
      read(cache, hot, 3);
      create(cache, ids("scanned", 2 * maximumSize), 0);
      assertThat(present(cache, hot)).hasSizeGreaterThan(hot.size() * 9 / 10);
      assertThat(present(cache, cold)).hasSizeLessThan(cold.size() / 10);
    }
  }

  @Test
  void C5_getOrCreateHits_areReadsToo() {
    List<String> hot = ids("hot", 20);
    try (var cache = builder(100).build()) {
      create(cache, hot, 0);
      create(cache, ids("cold", 80), 0);
      for (int time = 0; time < 3; time++) {
        create(cache, hot, 0);
      }
      create(cache, ids("scanned", 200), 0);
      assertThat(present(cache, hot)).hasSizeGreaterThan(18);
    }
  }

  /** In the ancestor the background refresh counts as use, so that eviction follows the order of refreshes. */
  @Test
  void C5_refresh_isNoAccess() throws Exception {
    List<String> hot = ids("hot", 20);
    List<String> refreshed = ids("refreshed", 80);
    try (var cache = builder(100).build()) {
      create(cache, hot, 0);
      create(cache, refreshed, 0);
      read(cache, hot, 3);
      for (int cycle = 0; cycle < 5; cycle++) {
        assertThat(cache.sync().updated()).isEqualTo(100);
      }
      create(cache, ids("new", 60), 0);
      assertThat(present(cache, hot)).isEqualTo(hot);
    }
  }

  @Test
  void C5_inspect_isNoAccess() {
    List<String> hot = ids("hot", 20);
    List<String> inspected = ids("inspected", 80);
    try (var cache = builder(100).build()) {
      create(cache, hot, 0);
      create(cache, inspected, 0);
      read(cache, hot, 3);
      for (int time = 0; time < 5; time++) {
        inspected.forEach(cache::inspect);
      }
      create(cache, ids("new", 60), 0);
      assertThat(present(cache, hot)).isEqualTo(hot);
    }
  }

  /** In the ancestor, eleven tracked ids in a cache of ten never get past their second step. */
  @Test
  void C5_oneIdMoreThanTheMaximum_doesNotStallTheOthers() throws Exception {
    List<String> ids = new ArrayList<>(ids("item", 11));
    Set<String> advanced = new HashSet<>();
    Random random = new Random(42);
    try (var cache = builder(10).build()) {
      for (int cycle = 0; cycle < 100; cycle++) {
        Collections.shuffle(ids, random);
        for (String id : ids) {
          if (cache.getOrCreate(id, 0) >= 10) {
            advanced.add(id);
          }
        }
        cache.sync();
      }
      assertThat(advanced).hasSizeGreaterThanOrEqualTo(8);
    }
  }
}
