package io.autorefresh.internal.items;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2: an interruption by closing arrives within the callback that it is meant for, or not at all. */
@Timeout(60)
class InterruptibleTest {

  private static Interruptible begin() {
    return new Interruptible(left -> {
      throw new AssertionError("it was left without an end");
    });
  }

  private static void end(Interruptible stretch) {
    stretch.end();
    stretch.close();
  }

  private static void interrupt(Interruptible stretch) {
    stretch.interrupt(thrown -> {
      throw new AssertionError(thrown);
    });
  }

  @Test
  void L2_aStretchIsInterruptedOnceAndOnlyBeforeItsEnd() {
    Interruptible stretch = begin();
    assertThat(stretch.thread()).isSameAs(Thread.currentThread());
    interrupt(stretch);
    assertThat(Thread.interrupted()).isTrue();
    interrupt(stretch);
    assertThat(Thread.currentThread().isInterrupted()).as("a second time").isFalse();
    Thread.currentThread().interrupt();
    end(stretch);
    assertThat(Thread.currentThread().isInterrupted()).as("what was not noticed").isFalse();
    interrupt(stretch);
    assertThat(Thread.currentThread().isInterrupted()).as("after its end").isFalse();
    Interruptible quiet = begin();
    Thread.currentThread().interrupt();
    end(quiet);
    assertThat(Thread.interrupted()).as("an interruption by others").isTrue();
    interrupt(quiet);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void L2_stretchesThatWereLeftWithoutAnEnd_endWithThatInWhichTheyLie() {
    Interruptible outermost = begin();
    List<Interruptible> left = new ArrayList<>();
    Interruptible outer = begin();
    Interruptible inner = new Interruptible(left::add);
    Interruptible innermost = new Interruptible(left::add);
    innermost.end();
    end(outer);
    assertThat(left).containsExactly(innermost, inner);
    interrupt(inner);
    assertThat(Thread.interrupted()).as("after its end").isFalse();
    interrupt(outermost);
    assertThat(Thread.currentThread().isInterrupted()).isTrue();
    end(outermost);
    assertThat(Thread.interrupted()).isFalse();
    assertThat(left).hasSize(2);
  }

  /** One callback within another, in the thread that makes this. */
  private static final class Nested {
    final Interruptible outer = begin();
    final Interruptible inner = begin();

    void interruptBoth() {
      interrupt(inner);
      interrupt(outer);
    }

    void endBoth() {
      end(inner);
      end(outer);
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
          current[0].endBoth();
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
