package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** R8 and R9 as arithmetic: when the next of many calls may begin. */
class PacerTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
  private static final long PERIOD = 100 * SECOND;
  /** Near the wrap-around, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - SECOND;

  /** Lets calls begin as soon as they may, each looked at no earlier than so many nanoseconds after the last. */
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

  private static int mostInASecond(List<Long> begins) {
    int most = 0;
    for (int first = 0, last = 0; last < begins.size(); last++) {
      while (begins.get(last) - begins.get(first) >= SECOND) {
        first++;
      }
      most = Math.max(most, last - first + 1);
    }
    return most;
  }

  @Test
  void R8_theFirstCallBeginsAtOnce() {
    assertThat(Pacer.perSecond(0.001).delay(ORIGIN)).isZero();
    assertThat(new Pacer(SECOND).delay(Long.MIN_VALUE)).isZero();
  }

  @Test
  void R8_callsThatAreNotPacedNeverWait() {
    assertThat(begins(new Pacer(0), 3, 0)).containsOnly(0L);
  }

  @Test
  void R8_rareCallsComeOneByOne() {
    assertThat(begins(Pacer.perSecond(4), 5, 0)).containsExactly(0L, 250 * MILLI, 500 * MILLI, 750 * MILLI, SECOND);
    assertThat(begins(Pacer.perSecond(0.5), 3, 0)).containsExactly(0L, 2 * SECOND, 4 * SECOND);
  }

  @Test
  void R8_aGapIsNeverShorterThanTheRateAllows() {
    assertThat(begins(Pacer.perSecond(3), 2, 0)).containsExactly(0L, 333_333_334L);
  }

  @Test
  void R8_frequentCallsMayComeAsManyAtOnceAsBelongTo50Milliseconds() {
    List<Long> begins = begins(Pacer.perSecond(100), 105, 0);
    assertThat(begins.stream().filter(at -> at == 0)).hasSize(5);
    assertThat(begins.get(5)).isEqualTo(10 * MILLI);
    assertThat(begins.get(104)).isEqualTo(SECOND);
  }

  @Test
  void R8_whatWasNotUsedIsLost() {
    Pacer pacer = Pacer.perSecond(100);
    begins(pacer, 5, 0);
    List<Long> begins = begins(pacer, 6, 10 * SECOND);
    assertThat(begins.stream().filter(at -> at == 10 * SECOND)).as("after a pause").hasSize(5);
    assertThat(begins.getLast()).isEqualTo(10 * SECOND + 10 * MILLI);
  }

  @Test
  void R8_afterADelayTheBurstIsNoGreater() {
    Pacer pacer = new Pacer(20 * MILLI);
    pacer.begin(ORIGIN);
    pacer.begin(ORIGIN + 45 * MILLI);
    assertThat(pacer.delay(ORIGIN + 45 * MILLI)).as("the second was late").isZero();
    pacer.begin(ORIGIN + 45 * MILLI);
    assertThat(pacer.delay(ORIGIN + 45 * MILLI)).isEqualTo(10 * MILLI);
  }

  @ParameterizedTest
  @ValueSource(ints = {100, 150, 166, 190, 200, 210, 244, 249, 250, 300, 310, 333, 400, 410, 416, 500, 1_000, 2_000,
      3_333, 10_000, 100_000})
  void R9_aSpreadIsEvenInEverySecondAndEndsWithinThePeriod(int calls) {
    Pacer pacer = new Pacer(0);
    pacer.spread(PERIOD, calls);
    List<Long> begins = begins(pacer, calls, 0);
    double mean = (double) calls * SECOND / PERIOD;
    assertThat((double) mostInASecond(begins)).isLessThanOrEqualTo(Math.max(Math.ceil(mean), 1.2 * mean));
    assertThat(begins.getLast()).isBetween(PERIOD * 85 / 100, PERIOD);
  }

  @ParameterizedTest(name = "{0} calls in 100 seconds, in {1} hundredths of them")
  @CsvSource({"10, 90", "50, 90", "110, 91", "150, 90", "210, 90", "244, 90", "310, 90", "410, 90", "1000, 90"})
  void R9_aSpreadLeavesRoomForDelaysWhereverASecondSeesNoMoreByThat(int calls, int hundredths) {
    Pacer pacer = new Pacer(0);
    pacer.spread(PERIOD, calls);
    List<Long> begins = begins(pacer, calls + 1, 0);
    assertThat(begins.getLast()).isLessThanOrEqualTo(PERIOD * hundredths / 100 + SECOND / 100);
  }

  @Test
  void R9_aSpreadOfNothingIsOfOne() {
    Pacer pacer = new Pacer(0);
    pacer.spread(PERIOD, 0);
    assertThat(begins(pacer, 2, 0).getLast()).isBetween(PERIOD * 9 / 10, PERIOD);
  }
}
