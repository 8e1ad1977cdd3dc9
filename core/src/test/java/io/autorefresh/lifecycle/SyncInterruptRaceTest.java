package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2 of interruptions that come at any moment of a cycle on demand: each is thrown, or is there still. */
@Timeout(300)
class SyncInterruptRaceTest {

  private static final int ROUNDS = 4_000;
  private static final int MAX_DELAY_NANOS = 200_000;

  private final AtomicInteger round = new AtomicInteger();
  private final AtomicInteger interrupted = new AtomicInteger();

  @Test
  void L2_anInterruptionOfSync_isNeverLost() throws Exception {
    try (AutoRefresh<Integer, Integer> cache = AutoRefresh.<Integer, Integer>builder()
        .refreshEvery(Duration.ofHours(1)).refresh((id, item) -> item + 1).build()) {
      IntStream.range(0, 20).forEach(i -> cache.getOrCreate(i, 0));
      Thread caller = Thread.currentThread();
      Worker<Void> stranger = Worker.start(() -> interruptOncePerRound(caller));
      for (int i = 1; i <= ROUNDS; i++) {
        round.set(i);
        boolean thrown = syncUntilInterrupted(cache, i);
        boolean kept = Thread.interrupted();
        assertThat(thrown || kept).as("the interruption of round %s was thrown or is there still", i).isTrue();
      }
      stranger.result();
    }
  }

  private boolean syncUntilInterrupted(AutoRefresh<Integer, Integer> cache, int number) {
    boolean thrown = false;
    while (!thrown && interrupted.get() < number) {
      try {
        cache.sync();
      } catch (InterruptedException e) {
        thrown = true;
      }
    }
    Await.spinUntil(() -> interrupted.get() >= number);
    return thrown;
  }

  private void interruptOncePerRound(Thread caller) {
    for (int i = 1; i <= ROUNDS; i++) {
      int number = i;
      Await.spinUntil(() -> round.get() >= number);
      long begin = System.nanoTime();
      long delay = ThreadLocalRandom.current().nextInt(MAX_DELAY_NANOS);
      Await.spinUntil(() -> System.nanoTime() - begin >= delay);
      caller.interrupt();
      interrupted.set(number);
    }
  }
}
