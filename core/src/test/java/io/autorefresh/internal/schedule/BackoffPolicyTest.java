package io.autorefresh.internal.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.RetryAfterException;
import io.autorefresh.internal.items.Failure;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** R6 as arithmetic: for how long an item that failed is left alone. */
class BackoffPolicyTest {

  private static final long NOW = 1_000;
  private static final long NOT_ASKED = -1;
  private static final IOException CAUSE = new IOException("of the test");

  private double random = 1;
  private final Backoff backoff = new Backoff(100, 1_500, () -> random);

  private static Failure failure(int count) {
    return new Failure(count, CAUSE, 0, 0, false);
  }

  private static Failure next(Backoff backoff, @Nullable Failure before, Throwable cause, long asked) {
    return backoff.next(before, cause, asked, NOW, backoff.jitter());
  }

  private long delayAfter(@Nullable Failure before) {
    return next(backoff, before, CAUSE, NOT_ASKED).dueAt() - NOW;
  }

  @Test
  void R6_theFirstFailureIsTheFirst() {
    assertThat(next(backoff, null, CAUSE, NOT_ASKED)).isEqualTo(new Failure(1, CAUSE, NOW, NOW + 100, false));
  }

  @Test
  void R6_failuresAreCountedAndTheLastCauseIsKept() {
    Failure before = new Failure(6, new IOException("before"), 0, 0, true);
    assertThat(next(backoff, before, CAUSE, NOT_ASKED)).isEqualTo(new Failure(7, CAUSE, NOW, NOW + 1_500, false));
  }

  @Test
  void R6_theDelayDoublesUpToItsMaximum() {
    assertThat(delayAfter(failure(1))).isEqualTo(200);
    assertThat(delayAfter(failure(2))).isEqualTo(400);
    assertThat(delayAfter(failure(3))).isEqualTo(800);
    assertThat(delayAfter(failure(4))).isEqualTo(1_500);
    assertThat(delayAfter(failure(5))).isEqualTo(1_500);
    assertThat(next(new Backoff(100, 800, () -> 1), failure(3), CAUSE, NOT_ASKED).dueAt()).isEqualTo(NOW + 800);
  }

  @Test
  void R6_failuresWithoutEndDoNotOverflow() {
    for (int count : new int[] {62, 63, 64, 65, 1_000, Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
      assertThat(delayAfter(failure(count))).as("after %s", count).isEqualTo(1_500);
    }
    assertThat(next(backoff, failure(Integer.MAX_VALUE), CAUSE, NOT_ASKED).count()).isEqualTo(Integer.MAX_VALUE);
    assertThat(next(backoff, failure(Integer.MAX_VALUE - 1), CAUSE, NOT_ASKED).count())
        .isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void R6_theDelayIsFromAHalfToTheWhole() {
    random = 0;
    assertThat(delayAfter(null)).isEqualTo(50);
    random = 0.5;
    assertThat(delayAfter(null)).isEqualTo(75);
  }

  @Test
  void R6_theDelaysOfItemsThatFailedTogetherDifferALittle() {
    random = 0.5;
    assertThat(backoff.jitterNear(0.8)).isBetween(0.77, 0.8).isNotEqualTo(0.8);
    random = 0;
    assertThat(backoff.jitterNear(0.8)).isEqualTo(0.8);
    random = 1;
    assertThat(backoff.jitterNear(0.5)).as("never less than a half").isEqualTo(0.5);
  }

  @Test
  void R6_whatTheRemoteAskedForIsObeyedToTheLetter() {
    assertThat(next(backoff, failure(1), CAUSE, 77)).isEqualTo(new Failure(2, CAUSE, NOW, NOW + 77, true));
    assertThat(next(backoff, null, CAUSE, 0)).isEqualTo(new Failure(1, CAUSE, NOW, NOW, true));
  }

  @Test
  void R6_theRemotesDelayIsFoundAmongTheCauses() {
    RetryAfterException asked = new RetryAfterException(Duration.ofSeconds(3));
    assertThat(Backoff.retryAfter(asked)).isEqualTo(3_000_000_000L);
    assertThat(Backoff.retryAfter(new RuntimeException(new IOException(asked)))).isEqualTo(3_000_000_000L);
    assertThat(Backoff.retryAfter(new IOException("without a cause"))).isEqualTo(NOT_ASKED);
  }

  @Test
  void R6_aRingOfCausesIsLeftAgain() {
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
  void R6_aHundredCausesAreLookedAt() {
    assertThat(Backoff.retryAfter(nested(99))).isEqualTo(5);
    assertThat(Backoff.retryAfter(nested(100))).isEqualTo(NOT_ASKED);
  }
}
