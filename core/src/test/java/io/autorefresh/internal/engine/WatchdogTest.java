package io.autorefresh.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R7: when the watchdog looks, and when it sleeps. */
@Timeout(60)
class WatchdogTest {

  @AutoClose
  private final LogCapture log = LogCapture.open();

  private final AtomicBoolean needed = new AtomicBoolean(true);
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicBoolean late = new AtomicBoolean();
  private final AtomicInteger remedies = new AtomicInteger();

  private Watchdog watchdog(BooleanSupplier late, Runnable remedy) {
    return new Watchdog(1, () -> {
      asked.incrementAndGet();
      return needed.get();
    }, () -> {
      looks.incrementAndGet();
      return late.getAsBoolean();
    }, remedy);
  }

  private void awaitLooks(int more) throws Exception {
    int enough = looks.get() + more;
    Await.until("it has looked " + more + " times more", () -> looks.get() >= enough);
  }

  @Test
  void R7_itLooksAsLongAsItIsNeeded() throws Exception {
    Watchdog watchdog = watchdog(late::get, remedies::incrementAndGet);
    assertThat(looks).hasValue(0);
    watchdog.wake();
    awaitLooks(3);
    int before = asked.get();
    needed.set(false);
    Await.until("it has seen that it is not needed", () -> asked.get() >= before + 2);
    int seen = looks.get();
    needed.set(true);
    watchdog.wake();
    awaitLooks(3);
    assertThat(looks.get()).isGreaterThan(seen);
    needed.set(false);
    assertThat(remedies).as("nothing was late").hasValue(0);
  }

  @Test
  void R7_aLookThatFailsIsLogged_andIsNotTheLast() throws Exception {
    watchdog(() -> {
      throw new IllegalStateException("of the test");
    }, remedies::incrementAndGet).wake();
    awaitLooks(3);
    needed.set(false);
    assertThat(log.entries()).isNotEmpty().allSatisfy(entry -> assertThat(entry).contains("of the test"));
  }

  @Test
  void R7_whatIsLateIsSeenToInAThreadThatVirtualOnesCannotKeepFromRunning_andNotInTheTimers() throws Exception {
    AtomicReference<Thread> timer = new AtomicReference<>();
    AtomicReference<Thread> seen = new AtomicReference<>();
    watchdog(() -> {
      timer.set(Thread.currentThread());
      return seen.get() == null;
    }, () -> seen.compareAndSet(null, Thread.currentThread())).wake();
    Await.until("it is seen to", () -> seen.get() != null);
    needed.set(false);
    assertThat(seen.get()).isNotSameAs(timer.get()).returns(false, Thread::isVirtual).returns(true, Thread::isDaemon);
  }
}
