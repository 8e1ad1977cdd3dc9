package io.autorefresh.reads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Stats;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The items as a map: live, read-only, weakly consistent. */
@Timeout(60)
class AsMapTest {

  private static AutoRefreshBuilder<Integer, String> builder() {
    return AutoRefresh.<Integer, String>builder().refresh((id, value) -> value).refreshEvery(Duration.ofHours(1));
  }

  @Test
  void asMap_isLive_alsoAfterTheClose() {
    Map<Integer, String> map;
    try (var cache = builder().build()) {
      map = cache.asMap();
      assertThat(map).isEmpty();
      cache.getOrCreate(1, "one");
      cache.getOrCreate(2, "two");
      assertThat(map).hasSize(2).containsEntry(1, "one").containsKey(2).doesNotContainKey(3).containsValue("two")
          .isEqualTo(Map.of(1, "one", 2, "two")).hasSameHashCodeAs(Map.of(1, "one", 2, "two"));
      assertThat(map.get(1)).isSameAs(cache.get(1));
      assertThat(map.entrySet()).contains(Map.entry(1, "one")).doesNotContain(Map.entry(1, "two"), Map.entry(3, "one"));
      assertThat(map.keySet()).containsExactlyInAnyOrder(1, 2);
      assertThat(map.values()).containsExactlyInAnyOrder("one", "two");
      assertThat(map.getOrDefault(3, "none")).isEqualTo("none");
      assertThat(map.containsKey("of another type")).isFalse();
      cache.forget(1);
    }
    assertThat(map).containsOnly(Map.entry(2, "two"));
  }

  static Stream<ThrowingCallable> writes() {
    var cache = builder().build();
    cache.getOrCreate(1, "one");
    Map<Integer, String> map = cache.asMap();
    Map.Entry<Integer, String> entry = map.entrySet().iterator().next();
    Iterator<?>[] iterators = {map.keySet().iterator(), map.values().iterator(), map.entrySet().iterator()};
    List.of(iterators).forEach(Iterator::next);
    Stream<ThrowingCallable> ofMap = Stream.of(
        () -> map.put(1, "x"), () -> map.remove(1), () -> map.remove(9), () -> map.remove(1, "one"), map::clear,
        () -> map.putAll(Map.of()), () -> map.putIfAbsent(9, "x"), () -> map.computeIfAbsent(9, id -> "x"),
        () -> map.computeIfPresent(1, (id, value) -> "x"), () -> map.compute(1, (id, value) -> "x"),
        () -> map.merge(1, "x", (one, other) -> "x"), () -> map.replace(1, "x"), () -> map.replace(1, "one", "x"),
        () -> map.replaceAll((id, value) -> "x"), () -> entry.setValue("x"));
    Stream<ThrowingCallable> ofIterators = Stream.of(iterators).map(iterator -> iterator::remove);
    Stream<ThrowingCallable> ofParts = Stream.<Collection<?>>of(map.keySet(), map.values(), map.entrySet()).flatMap(
        part -> Stream.of(
            part::clear, () -> part.remove(9), () -> part.removeIf(any -> false), () -> part.removeAll(List.of()),
            () -> part.retainAll(List.of(1))));
    return Stream.of(ofMap, ofIterators, ofParts).flatMap(calls -> calls);
  }

  @ParameterizedTest
  @MethodSource("writes")
  void asMap_everyMethodThatWouldChangeIt_throws(ThrowingCallable write) {
    assertThatThrownBy(write).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void asMap_get_countsAsAReadAndTheRestDoesNot() {
    try (var cache = builder().recordStats().build()) {
      cache.getOrCreate(1, "one");
      Stats before = cache.stats();
      cache.asMap().get(1);
      cache.asMap().containsKey(1);
      cache.asMap().forEach((id, value) -> assertThat(value).isEqualTo("one"));
      assertThat(cache.stats().minus(before).hitCount()).isEqualTo(1);
    }
  }

  /** The table grows many times meanwhile: what is there all the time is shown once, and no stream relies on a size. */
  @Test
  void asMap_iterationWhileItemsComeAndGo_showsWhatStaysOnce() throws Exception {
    List<Integer> staying = IntStream.range(0, 2_000).boxed().toList();
    for (int round = 0; round < 2; round++) {
      try (var cache = builder().build()) {
        staying.forEach(id -> cache.getOrCreate(id, "stays"));
        AtomicBoolean over = new AtomicBoolean();
        Worker<Void> writer = Worker.start(() -> {
          for (int id = 2_000; !over.get(); id++) {
            cache.getOrCreate(id, "comes");
            cache.forget(id < 100_000 ? id - id % 4 : id - 90_000);
          }
        });
        try {
          for (int i = 0; i < 20; i++) {
            assertThat(cache.asMap().keySet().stream().filter(id -> id < 2_000).toList())
                .containsExactlyInAnyOrderElementsOf(staying);
            assertThat(cache.asMap().values().stream().toArray()).hasSizeGreaterThanOrEqualTo(2_000);
            assertThat(new HashSet<>(cache.asMap().keySet()).containsAll(staying)).isTrue();
          }
        } finally {
          over.set(true);
          writer.result();
        }
      }
    }
  }
}
