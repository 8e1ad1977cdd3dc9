package io.autorefresh.internal.share;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Times of the engine behind an exchange, by the ticker of this JVM. */
class ExchangeClockTest {

  private static final long MILLI = 1_000_000;

  private final ExchangeClock clock = new ExchangeClock();

  @Test
  void share_beforeTheFirstAnswer_noTimeIsKnown() {
    assertThat(clock.isSet()).isFalse();
    assertThatThrownBy(() -> clock.toEngine(0)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void share_agesAreOverstatedByTheRoundTripAndTwoMillisecondsAtMost_andNeverUnderstated() {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 10_000; i++) {
      long engineAhead = random.nextLong();
      long sent = random.nextLong();
      long asked = sent + random.nextLong(50 * MILLI);
      long answered = asked + random.nextLong(50 * MILLI);
      long engineAsked = Math.floorDiv(asked, MILLI) + engineAhead % 1_000_000_000;
      clock.tie(sent, answered, engineAsked);

      long happened = asked + random.nextLong(-1_000 * MILLI, 1_000 * MILLI);
      long engineHappened = engineAsked + Math.floorDiv(happened - Math.floorDiv(asked, MILLI) * MILLI, MILLI);
      long overstated = happened - clock.toLocal(engineHappened, answered + 3_000 * MILLI);
      assertThat(overstated).isBetween(0L, answered - sent + 2 * MILLI);
      long engine = clock.toEngine(happened);
      assertThat(engineHappened - engine).isBetween(0L, (answered - sent) / MILLI + 2);
    }
  }

  @Test
  void share_aTimeToCome_isNow() {
    clock.tie(0, MILLI, 5);
    assertThat(clock.toLocal(5_000, 40 * MILLI)).isEqualTo(40 * MILLI);
  }

  @Test
  void share_timesThatAreWrong_areLongAgoOrNow() {
    clock.tie(Long.MAX_VALUE - 5, Long.MAX_VALUE, 1_000);
    long now = Long.MIN_VALUE + 7;
    assertThat(clock.toLocal(Long.MAX_VALUE, now)).isEqualTo(now);
    assertThat(now - clock.toLocal(Long.MIN_VALUE, now)).isGreaterThan(86_400_000_000_000L);
    clock.tie(0, 0, Long.MAX_VALUE);
    assertThat(clock.toLocal(Long.MAX_VALUE, 9)).isLessThanOrEqualTo(9);
    clock.tie(0, 0, Long.MIN_VALUE);
    assertThat(clock.toLocal(Long.MIN_VALUE, 9)).isLessThanOrEqualTo(9);
  }
}
