package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R8 as arithmetic: when the next of many calls may begin. */
class PacerTest {

  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000 * MILLI;
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

  @Test
  void R8_theFirstCallBeginsAtOnce() {
    assertThat(Pacer.perSecond(0.001).delay(ORIGIN)).isZero();
    assertThat(new Pacer(SECOND).delay(Long.MIN_VALUE)).isZero();
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
}
