package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Worker;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2: an interruption by closing arrives within the callback that it is meant for, or not at all. */
@Timeout(60)
class InterruptibleTest {

  private static void interrupt(Interruptible stretch) {
    stretch.interrupt(thrown -> {
      throw new AssertionError(thrown);
    });
  }

  @Test
  void L2_aStretchIsInterruptedOnceAndOnlyBeforeItsEnd() {
    Interruptible stretch = new Interruptible();
    assertThat(stretch.thread()).isSameAs(Thread.currentThread());
    interrupt(stretch);
    assertThat(Thread.interrupted()).isTrue();
    interrupt(stretch);
    assertThat(Thread.currentThread().isInterrupted()).as("a second time").isFalse();
    Thread.currentThread().interrupt();
    stretch.end();
    assertThat(Thread.currentThread().isInterrupted()).as("what was not noticed").isFalse();
    interrupt(stretch);
    assertThat(Thread.currentThread().isInterrupted()).as("after its end").isFalse();
    Interruptible quiet = new Interruptible();
    Thread.currentThread().interrupt();
    quiet.end();
    assertThat(Thread.interrupted()).as("an interruption by others").isTrue();
    interrupt(quiet);
    assertThat(Thread.interrupted()).isFalse();
  }

  /** One callback within another, in the thread that makes this. */
  private static final class Nested {
    final Interruptible outer = new Interruptible();
    final Interruptible inner = new Interruptible();

    void interruptBoth() {
      interrupt(inner);
      interrupt(outer);
    }

    void end() {
      inner.end();
      outer.end();
    }
  }

  @Test
  void L2_stretchesWithinEachOtherThatEndAsTheyAreInterrupted_leaveNothingBehind() throws Exception {
    int rounds = 5_000;
    Nested[] current = new Nested[1];
    AtomicInteger arrived = new AtomicInteger();
    AtomicInteger leftBehind = new AtomicInteger();
    Worker.together(2, number -> {
      for (int round = 0; round < rounds; round++) {
        if (number == 0) {
          current[0] = new Nested();
        }
        meet(arrived, 4 * round + 2);
        if (number == 0) {
          for (int i = 0; i < round % 50; i++) {
            Thread.onSpinWait();
          }
          current[0].end();
          if (Thread.interrupted()) {
            leftBehind.incrementAndGet();
          }
        } else {
          current[0].interruptBoth();
        }
        meet(arrived, 4 * round + 4);
      }
      return null;
    });
    assertThat(leftBehind).as("rounds in which an interruption stayed behind").hasValue(0);
  }

  /** Waits for the other thread in as short a time as can be, so that what follows happens at one moment. */
  private static void meet(AtomicInteger arrived, int all) {
    arrived.incrementAndGet();
    Await.spinUntil(() -> arrived.get() >= all);
  }
}
