package io.autorefresh.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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

  private Watchdog watchdog(Runnable look) {
    return new Watchdog(1, () -> {
      asked.incrementAndGet();
      return needed.get();
    }, look);
  }

  private void awaitLooks(int more) throws Exception {
    int enough = looks.get() + more;
    Await.until("it has looked " + more + " times more", () -> looks.get() >= enough);
  }

  @Test
  void R7_itLooksAsLongAsItIsNeeded() throws Exception {
    Watchdog watchdog = watchdog(looks::incrementAndGet);
    assertThat(looks).hasValue(0);
    watchdog.wake();
    awaitLooks(3);
    needed.set(false);
    int before = asked.get();
    Await.until("it has seen that it is not needed", () -> asked.get() >= before + 2);
    int seen = looks.get();
    needed.set(true);
    watchdog.wake();
    awaitLooks(3);
    assertThat(looks.get()).isGreaterThan(seen);
  }

  @Test
  void R7_aLookThatFailsIsLogged_andIsNotTheLast() throws Exception {
    watchdog(() -> {
      looks.incrementAndGet();
      throw new IllegalStateException("of the test");
    }).wake();
    awaitLooks(3);
    needed.set(false);
    assertThat(log.entries()).isNotEmpty().allSatisfy(entry -> assertThat(entry).contains("of the test"));
  }

  @Test
  void R7_itLooksInAThreadThatVirtualOnesCannotKeepFromRunning() throws Exception {
    AtomicBoolean virtual = new AtomicBoolean(true);
    watchdog(() -> {
      virtual.set(Thread.currentThread().isVirtual());
      looks.incrementAndGet();
    }).wake();
    awaitLooks(1);
    needed.set(false);
    assertThat(virtual).isFalse();
  }
}
