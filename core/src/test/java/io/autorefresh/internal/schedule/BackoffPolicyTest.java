package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.RetryAfterException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** R6 as arithmetic: for how long an item that failed is left alone. */
class BackoffPolicyTest {

  private static final long NOW = 1_000;
  private static final long NOT_ASKED = -1;
  private static final Cause CAUSE = Failures.cause(NOT_ASKED);

  private double random = 1;
  private final Backoff backoff = new Backoff(100, 1_500, 30, () -> random);

  private static Failure failure(int count) {
    return new Failure(count, CAUSE, 0, 0, 0, false, 0);
  }

  private static Failure next(Backoff backoff, @Nullable Failure before, Cause cause) {
    return backoff.next(before, cause, NOW, backoff.jitter());
  }

  private long delayAfter(@Nullable Failure before) {
    return next(backoff, before, CAUSE).dueAt() - NOW;
  }

  @Test
  void R6_theFirstFailure_countsAsOne() {
    assertThat(next(backoff, null, CAUSE)).isEqualTo(new Failure(1, CAUSE, NOW, NOW, NOW + 100, false, 0));
  }

  @Test
  void R6_failuresInARow_areCountedAndTheLastCauseIsKept() {
    Failure before = new Failure(6, Failures.cause(1), 70, 80, 90, false, 0);
    assertThat(next(backoff, before, CAUSE)).isEqualTo(new Failure(7, CAUSE, 70, NOW, NOW + 1_500, false, 0));
  }

  @Test
  void R6_whatIsKeptOfAMessage_isCut() {
    Cause kept = new Cause("Type", "x".repeat(2_000), NOT_ASKED, new Tally());
    assertThat(kept.message()).isEqualTo("x".repeat(97) + "...");
    assertThat(new Cause("Type", "x".repeat(100), NOT_ASKED, new Tally()).message()).hasSize(100).doesNotContain(".");
    assertThat(kept).hasToString("Type: " + kept.message());
    assertThat(new Cause("Type", null, NOT_ASKED, new Tally())).hasToString("Type");
  }

  @Test
  void R6_theDelay_doublesUpToItsMaximum() {
    assertThat(delayAfter(failure(1))).isEqualTo(200);
    assertThat(delayAfter(failure(2))).isEqualTo(400);
    assertThat(delayAfter(failure(3))).isEqualTo(800);
    assertThat(delayAfter(failure(4))).isEqualTo(1_500);
    assertThat(delayAfter(failure(5))).isEqualTo(1_500);
    assertThat(next(new Backoff(100, 800, 30, () -> 1), failure(3), CAUSE).dueAt()).isEqualTo(NOW + 800);
    assertThat(next(new Backoff(100, 100, 30, () -> 1), null, CAUSE).dueAt()).isEqualTo(NOW + 100);
  }

  @Test
  void R6_failuresWithoutEnd_doNotOverflow() {
    for (int count : new int[] {62, 63, 64, 65, 1_000, Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
      assertThat(delayAfter(failure(count))).as("after %s", count).isEqualTo(1_500);
    }
    Backoff longest = new Backoff(1, Long.MAX_VALUE / 2, 30, () -> 1);
    assertThat(next(longest, failure(1_000), CAUSE).dueAt() - NOW).isEqualTo(Long.MAX_VALUE / 2 + 1);
    assertThat(next(backoff, failure(Integer.MAX_VALUE), CAUSE).count()).isEqualTo(Integer.MAX_VALUE);
    assertThat(next(backoff, failure(Integer.MAX_VALUE - 1), CAUSE).count()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void R6_theDelay_isFromAHalfToTheWhole() {
    random = 0;
    assertThat(delayAfter(null)).isEqualTo(50);
    random = 0.5;
    assertThat(delayAfter(null)).isEqualTo(75);
  }

  @Test
  void R6_itemsOfOneCallThatFailedAsAWhole_areDueTogether() {
    random = 0.3;
    double jitter = backoff.jitter();
    random = 0.9;
    Failure one = backoff.next(failure(1), CAUSE, NOW, jitter);
    assertThat(backoff.next(failure(1), CAUSE, NOW, jitter).dueAt()).isEqualTo(one.dueAt());
    assertThat(one.dueAt()).isEqualTo(NOW + 130);
  }

  @Test
  void R6_aRemoteThatSaidWhen_isObeyedExactly() {
    assertThat(next(backoff, failure(1), Failures.cause(77)))
        .returns(2, Failure::count).returns(NOW + 77, Failure::dueAt).returns(true, Failure::isRetryAfter);
    assertThat(next(backoff, null, Failures.cause(0)))
        .returns(1, Failure::count).returns(NOW, Failure::dueAt).returns(true, Failure::isRetryAfter);
  }

  @Test
  void R1_aRemoteThatAsksForNoDelayAgainAndAgain_getsALeastOne() {
    assertThat(next(backoff, null, Failures.cause(0)).dueAt()).isEqualTo(NOW);
    assertThat(next(backoff, failure(1), Failures.cause(0)))
        .returns(2, Failure::count).returns(NOW + 30, Failure::dueAt).returns(true, Failure::isRetryAfter);
    assertThat(next(backoff, failure(7), Failures.cause(29)).dueAt()).isEqualTo(NOW + 30);
    assertThat(next(backoff, failure(7), Failures.cause(31)).dueAt()).isEqualTo(NOW + 31);
  }

  @Test
  void R6_theRemotesDelay_isFoundAmongTheCauses() {
    RetryAfterException asked = new RetryAfterException(Duration.ofSeconds(3));
    assertThat(Backoff.retryAfter(asked)).isEqualTo(3_000_000_000L);
    assertThat(Backoff.retryAfter(new RuntimeException(new IOException(asked)))).isEqualTo(3_000_000_000L);
    assertThat(Backoff.retryAfter(new IOException("without a cause"))).isEqualTo(NOT_ASKED);
  }

  @Test
  void R6_aDelayInThePast_countsAsZero() {
    assertThat(Backoff.retryAfter(new RetryAfterException(Duration.ofSeconds(-3)))).isZero();
  }

  @Test
  void R6_aRingOfCauses_isLeftAgain() {
    IOException one = new IOException("one");
    one.initCause(new IOException(one));
    assertThat(Backoff.retryAfter(one)).isEqualTo(NOT_ASKED);
  }

  private static Throwable nested(int causes) {
    Throwable cause = new RetryAfterException(Duration.ofNanos(5));
    for (int i = 0; i < causes; i++) {
      cause = new IOException(cause);
    }
    return cause;
  }

  @Test
  void R6_aChainOfCauses_isLookedAtForAHundred() {
    assertThat(Backoff.retryAfter(nested(99))).isEqualTo(5);
    assertThat(Backoff.retryAfter(nested(100))).isEqualTo(NOT_ASKED);
  }

  @Test
  void R7_aThingAloneThatHangs_isProbedAfterOnePeriodToSixteen_thenTwiceAsLateEachTime() {
    assertThat(List.of(1, 2, 3, 4, 5, 16, 17, 18, 20)).extracting(hung -> Backoff.probeDelay(hung, 1_000))
        .containsExactly(1_000L, 2_000L, 4_000L, 8_000L, 16_000L, 16_000L, 32_000L, 64_000L, 256_000L);
    assertThat(Backoff.probeDelay(1_000_000, 1_000)).as("no overflow").isPositive()
        .isEqualTo(Backoff.probeDelay(1_000_001, 1_000));
  }

  @Test
  void R7_thatTimeIsAtMostTheLargerOfOnePeriodAndFiveMinutes() {
    long minute = 60_000_000_000L;
    assertThat(List.of(1, 2, 3, 16)).extracting(hung -> Backoff.probeDelay(hung, 2 * minute))
        .containsExactly(2 * minute, 4 * minute, 5 * minute, 5 * minute);
    assertThat(List.of(1, 2, 16)).extracting(hung -> Backoff.probeDelay(hung, 6 * minute))
        .containsExactly(6 * minute, 6 * minute, 6 * minute);
  }
}
