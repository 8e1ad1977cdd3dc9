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

  private long delayAfter(@Nullable Failure before) {
    return backoff.next(before, CAUSE, NOT_ASKED, NOW).dueAt() - NOW;
  }

  @Test
  void R6_theFirstFailureIsTheFirst() {
    assertThat(backoff.next(null, CAUSE, NOT_ASKED, NOW)).isEqualTo(new Failure(1, CAUSE, NOW, NOW + 100, false));
  }

  @Test
  void R6_failuresAreCountedAndTheLastCauseIsKept() {
    Failure before = new Failure(6, new IOException("before"), 0, 0, true);
    assertThat(backoff.next(before, CAUSE, NOT_ASKED, NOW)).isEqualTo(new Failure(7, CAUSE, NOW, NOW + 1_500, false));
  }

  @Test
  void R6_theDelayDoublesUpToItsMaximum() {
    assertThat(delayAfter(failure(1))).isEqualTo(200);
    assertThat(delayAfter(failure(2))).isEqualTo(400);
    assertThat(delayAfter(failure(3))).isEqualTo(800);
    assertThat(delayAfter(failure(4))).isEqualTo(1_500);
    assertThat(delayAfter(failure(5))).isEqualTo(1_500);
    assertThat(new Backoff(100, 800, () -> 1).next(failure(3), CAUSE, NOT_ASKED, NOW).dueAt()).isEqualTo(NOW + 800);
  }

  @Test
  void R6_failuresWithoutEndDoNotOverflow() {
    for (int count : new int[] {62, 63, 64, 65, 1_000, Integer.MAX_VALUE - 1, Integer.MAX_VALUE}) {
      assertThat(delayAfter(failure(count))).as("after %s", count).isEqualTo(1_500);
    }
    assertThat(backoff.next(failure(Integer.MAX_VALUE), CAUSE, NOT_ASKED, NOW).count()).isEqualTo(Integer.MAX_VALUE);
    assertThat(backoff.next(failure(Integer.MAX_VALUE - 1), CAUSE, NOT_ASKED, NOW).count())
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
  void R6_whatTheRemoteAskedForIsObeyedToTheLetter() {
    assertThat(backoff.next(failure(1), CAUSE, 77, NOW)).isEqualTo(new Failure(2, CAUSE, NOW, NOW + 77, true));
    assertThat(backoff.next(null, CAUSE, 0, NOW)).isEqualTo(new Failure(1, CAUSE, NOW, NOW, true));
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
