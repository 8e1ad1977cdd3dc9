package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** C5: what was evicted last is known when it comes back. */
class GhostsTest {

  private static Ghosts of(int capacity, int from, int to) {
    Ghosts ghosts = new Ghosts(capacity);
    IntStream.range(from, to).forEach(i -> ghosts.add(hash(i)));
    return ghosts;
  }

  private static int hash(int i) {
    return i * 0x9e3779b9;
  }

  private static long known(Ghosts ghosts, int from, int to) {
    return IntStream.range(from, to).filter(i -> ghosts.remove(hash(i))).count();
  }

  @Test
  void C5_aGhostIsKnownOnce() {
    for (int hash : new int[] {0, 1, -1, 42, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
      Ghosts ghosts = new Ghosts(10);
      assertThat(ghosts.remove(hash)).as("before %s came", hash).isFalse();
      ghosts.add(hash);
      assertThat(ghosts.remove(hash)).as("%s", hash).isTrue();
      assertThat(ghosts.remove(hash)).as("%s again", hash).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 1_000, 10_000, 300_000})
  void C5_mostOfTheLastEvictedAreKnown(int capacity) {
    assertThat(known(of(capacity, 0, capacity), 0, capacity)).isGreaterThan(capacity * 7L / 10);
    Ghosts ghosts = of(capacity, 0, 4 * capacity);
    assertThat(known(ghosts, 3 * capacity + capacity / 2, 4 * capacity)).isGreaterThan(capacity / 2 * 7L / 10);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 100, 1_000, 10_000, 300_000})
  void C5_whatWasEvictedLongAgoIsForgotten(int capacity) {
    Ghosts ghosts = of(capacity, 0, 4 * capacity + 8);
    assertThat(known(ghosts, 0, 2 * capacity)).isLessThanOrEqualTo(capacity / 200);
  }

  @ParameterizedTest
  @ValueSource(ints = {1_000, 100_000})
  void C5_whatWasNeverEvictedIsHardlyEverTakenForAGhost(int capacity) {
    assertThat(known(of(capacity, 0, capacity), capacity, 2 * capacity)).isLessThanOrEqualTo(capacity / 200);
  }

  @Test
  void C5_aHashThatCameInTimeIsKnownAsLongAsOthersDoNotCrowdItOut() {
    Ghosts ghosts = new Ghosts(64);
    ghosts.add(hash(1));
    for (int i = 0; i < 30; i++) {
      ghosts.add(hash(2));
      assertThat(ghosts.remove(hash(2))).isTrue();
    }
    assertThat(ghosts.remove(hash(1))).isTrue();
  }

  @Test
  void C5_theOldestGhostMakesRoom() {
    Ghosts ghosts = new Ghosts(4);
    IntStream.range(0, 5).forEach(i -> ghosts.add(hash(i)));
    assertThat(IntStream.range(0, 5).filter(i -> ghosts.remove(hash(i)))).containsExactly(1, 2, 3, 4);
  }
}
