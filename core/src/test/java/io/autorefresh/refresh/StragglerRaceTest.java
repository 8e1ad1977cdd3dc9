package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Worker;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * R1: an item that is taken from its job, at any moment, leaves nothing behind: when all is quiet again, each
 * cycle refreshes what there is under its id.
 */
@Timeout(300)
class StragglerRaceTest {

  private static final int ITEMS = 64;
  private static final int ROUNDS = 1_200;

  private final ManualTicker ticker = new ManualTicker();
  private final Remote remote = new Remote(ticker);

  private AutoRefreshBuilder<String, Integer> jobs() {
    return AutoRefresh.<String, Integer>builder().name("jobs").refreshEvery(Duration.ofSeconds(10)).ticker(ticker)
        .refreshBatch(remote);
  }

  private static void create(AutoRefresh<String, Integer> cache, int from, int to) {
    IntStream.range(from, to).forEach(i -> cache.getOrCreate("id-" + i, 0));
  }

  private static void mark(AutoRefresh<String, Integer> cache, int from, int to) {
    IntStream.range(from, to).forEach(i -> cache.deleteDelayed("id-" + i));
  }

  private static void emptyOut(AutoRefresh<String, Integer> cache) throws Exception {
    mark(cache, 0, ITEMS);
    cache.sync();
    assertThat(cache.size()).as("items after the deletion of all").isZero();
  }

  @Test
  void R1_anItemEvictedWhileItIsDeletedIsRefreshedWhenItIsBack() throws Exception {
    int maximumSize = ITEMS / 8;
    remote.answersAll(Outcome.unchanged());
    AtomicBoolean over = new AtomicBoolean();
    try (AutoRefresh<String, Integer> cache = jobs().maximumSize(maximumSize).build()) {
      for (int round = 0; round < ROUNDS / 60; round++) {
        over.set(false);
        Worker<Void> other = Worker.start(() -> {
          for (int i = 0; !over.get(); i = (i + 1) % ITEMS) {
            create(cache, i, i + 1);
            mark(cache, i, i + 1);
          }
        });
        for (int i = 0; i < 50; i++) {
          cache.sync();
        }
        over.set(true);
        other.result();
        for (int from = 0; from < ITEMS; from += maximumSize) {
          emptyOut(cache);
          create(cache, from, from + maximumSize);
          assertThat(cache.sync().unchanged()).as("round %s", round).isEqualTo(maximumSize);
        }
      }
    }
  }

  /** Says when its failure is about to be applied. */
  private static final class Telling extends Exception {
    private static final long serialVersionUID = 1;
    private final transient Runnable told;
    private boolean asked;

    Telling(Runnable told) {
      super("refused", null, false, false);
      this.told = told;
    }

    @Override
    public synchronized Throwable getCause() {
      // Once: the log asks, too.
      if (!asked) {
        asked = true;
        told.run();
      }
      return null;
    }
  }

  @Test
  void R1_anItemMarkedWhileItsFailureIsAppliedIsRefreshedWhenItIsBack() throws Exception {
    AtomicBoolean failing = new AtomicBoolean();
    int[] pause = {0};
    SplittableRandom random = new SplittableRandom(1);
    CyclicBarrier barrier = new CyclicBarrier(2);
    try (AutoRefresh<String, Integer> cache = jobs().build()) {
      remote.answers(items -> {
        Map<String, Outcome<Integer>> outcomes = new HashMap<>();
        items.forEach((id, item) -> outcomes.put(id, failing.get() && id.equals("id-0")
            ? Outcome.failed(new Telling(() -> meet(barrier))) : Outcome.unchanged()));
        return outcomes;
      });
      Worker<Void> marker = Worker.start(() -> {
        for (int round = 0; round < ROUNDS; round++) {
          barrier.await();
          for (int i = pause[0]; i > 0; i--) {
            Thread.onSpinWait();
          }
          cache.deleteDelayed("id-0");
          barrier.await();
        }
      });
      for (int round = 0; round < ROUNDS; round++) {
        remote.forget();
        create(cache, 0, 1);
        pause[0] = random.nextInt(64);
        failing.set(true);
        cache.sync();
        failing.set(false);
        barrier.await();
        ticker.jump(Duration.ofHours(1));
        cache.sync();
        create(cache, 0, 1);
        assertThat(cache.sync().unchanged()).as("refreshes in round %s", round).isOne();
        emptyOut(cache);
      }
      marker.result();
    }
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
