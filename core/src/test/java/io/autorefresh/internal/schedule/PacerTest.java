package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R8 and R9 as arithmetic: when the next of many calls may begin. */
class PacerTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  /** Near the wrap-around, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - SECOND;

  private static Pacer perSecond(double calls) {
    return Pacer.perSecond(calls, ORIGIN);
  }

  /** Lets calls begin as soon as they may, each looked at no earlier than the last. */
  private static List<Long> begins(Pacer pacer, int calls, long from) {
    List<Long> begins = new ArrayList<>();
    long now = ORIGIN + from;
    for (int i = 0; i < calls; i++) {
      now += pacer.delay(now);
      assertThat(pacer.delay(now)).as("after the delay").isZero();
      pacer.begin(now);
      begins.add(now - ORIGIN);
    }
    return begins;
  }

  @Test
  void R8_theFirstCall_beginsAtOnce() {
    assertThat(perSecond(0.001).delay(ORIGIN)).isZero();
    assertThat(Pacer.perSecond(0.001, Long.MIN_VALUE).delay(Long.MIN_VALUE)).isZero();
  }

  @Test
  void R8_rareCalls_comeOneByOne() {
    assertThat(begins(perSecond(4), 5, 0)).containsExactly(0L, 250 * MILLI, 500 * MILLI, 750 * MILLI, SECOND);
    assertThat(begins(perSecond(0.5), 3, 0)).containsExactly(0L, 2 * SECOND, 4 * SECOND);
  }

  @Test
  void R8_aGap_isNeverShorterThanTheRateAllows() {
    assertThat(begins(perSecond(3), 2, 0)).containsExactly(0L, 333_333_334L);
  }

  @Test
  void R8_frequentCalls_comeAsManyAtOnceAsBelongTo50Milliseconds() {
    List<Long> begins = begins(perSecond(100), 105, 0);
    assertThat(begins.stream().filter(at -> at == 0)).hasSize(5);
    assertThat(begins.get(5)).isEqualTo(10 * MILLI);
    assertThat(begins.get(104)).isEqualTo(SECOND);
  }

  @Test
  void R8_whatWasNotUsed_isLost() {
    Pacer pacer = perSecond(100);
    begins(pacer, 5, 0);
    List<Long> begins = begins(pacer, 6, 10 * SECOND);
    assertThat(begins.stream().filter(at -> at == 10 * SECOND)).as("after a pause").hasSize(5);
    assertThat(begins.getLast()).isEqualTo(10 * SECOND + 10 * MILLI);
  }

  @Test
  void R9_aFirstCall_waitsUntilItIsDue() {
    Pacer pacer = new Pacer(ORIGIN + 5 * SECOND, SECOND, Pacer.BURST);
    assertThat(pacer.delay(ORIGIN)).isEqualTo(5 * SECOND);
    assertThat(begins(pacer, 3, 0)).containsExactly(5 * SECOND, 6 * SECOND, 7 * SECOND);
  }

  @Test
  void R9_lateness_isCaughtUpToTheTolerance() {
    Pacer pacer = new Pacer(ORIGIN, 20 * MILLI, Pacer.BURST);
    pacer.begin(ORIGIN);
    assertThat(begins(pacer, 5, 60 * MILLI)).as("40 ms late")
        .containsExactly(60 * MILLI, 60 * MILLI, 60 * MILLI, 80 * MILLI, 100 * MILLI);
    assertThat(begins(pacer, 5, SECOND)).as("an age late: 50 ms are caught up")
        .containsExactly(SECOND, SECOND, SECOND, SECOND + 10 * MILLI, SECOND + 30 * MILLI);
  }

  @Test
  void R9_aNewGap_isThatOfTheCallThatWaits_too() {
    Pacer pacer = new Pacer(ORIGIN, 100 * SECOND, Pacer.BURST);
    pacer.begin(ORIGIN);
    pacer.setGap(SECOND);
    assertThat(pacer.delay(ORIGIN)).isEqualTo(SECOND);
    assertThat(begins(pacer, 2, 0)).containsExactly(SECOND, 2 * SECOND);
    pacer.setGap(3 * SECOND);
    assertThat(begins(pacer, 2, 0)).containsExactly(5 * SECOND, 8 * SECOND);
  }

  /** In any stretch of w at most 1 + (w + tolerance) / gap calls, at whatever times. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13})
  void R9_inAnyStretch_thereAreNoMoreCallsThanAllowed(long seed) {
    Random random = new Random(seed);
    long gap = 1 + random.nextLong(40 * MILLI);
    long tolerance = random.nextLong(60 * MILLI);
    Pacer pacer = new Pacer(ORIGIN, gap, tolerance);
    List<Long> begins = new ArrayList<>();
    long now = ORIGIN;
    while (begins.size() < 300) {
      now += random.nextInt(20) == 0 ? random.nextLong(300 * MILLI) : random.nextLong(gap);
      while (pacer.delay(now) == 0 && begins.size() < 300) {
        pacer.begin(now);
        begins.add(now - ORIGIN);
      }
    }
    for (int i = 0; i < begins.size(); i++) {
      for (int j = i; j < begins.size(); j++) {
        long stretch = begins.get(j) - begins.get(i);
        assertThat((j - i) * gap).as("from %s to %s", i, j).isLessThanOrEqualTo(stretch + tolerance);
      }
    }
  }
}
