package io.autorefresh.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.items.Interruptible;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * L2: closing interrupts the callbacks that run, leaves no interruption to whoever came too late for one, and does not
 * wait for him.
 */
@Timeout(60)
class GuardsTest {

  /** So many that closing takes its time, in which others come. */
  private static final int RUNNING = 10_000;

  private static void fail(Throwable thrown) {
    throw new AssertionError(thrown);
  }

  private static void run(Guards guards, CountDownLatch running, CountDownLatch closed) {
    for (int i = 0; i < RUNNING; i++) {
      guards.begin();
    }
    running.countDown();
    while (closed.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void L2_whoComesTooLateKeepsNoInterruption() throws Exception {
    for (int round = 0; round < 50; round++) {
      Guards guards = new Guards(() -> {});
      CountDownLatch running = new CountDownLatch(2);
      CountDownLatch closed = new CountDownLatch(1);
      Thread others = Thread.ofPlatform().daemon().start(() -> run(guards, running, closed));
      FutureTask<Boolean> user = new FutureTask<>(() -> {
        running.countDown();
        while (closed.getCount() > 0) {
          Interruptible guard = guards.begin();
          if (guard != null) {
            guards.end(guard);
          }
        }
        return Thread.interrupted();
      });
      Thread.ofPlatform().daemon().start(user);
      assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();
      guards.close(GuardsTest::fail);
      closed.countDown();
      assertThat(user.get(10, TimeUnit.SECONDS)).as("an interruption stayed behind").isFalse();
      others.join();
    }
  }

  @Test
  void L2_whoComesTooLate_isSeenGoing() {
    List<Boolean> quietAtEnd = new ArrayList<>();
    AtomicReference<Guards> known = new AtomicReference<>();
    Guards guards = new Guards(() -> quietAtEnd.add(known.get().isQuiet()));
    known.set(guards);
    guards.close(GuardsTest::fail);
    assertThat(guards.begin()).isNull();
    assertThat(quietAtEnd).as("whoever closes looks again, and finds nobody").containsExactly(true);
  }
}
