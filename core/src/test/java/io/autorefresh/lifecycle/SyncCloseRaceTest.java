package io.autorefresh.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** L2 of a cycle on demand that races the close: when that has returned, nothing changes any more. */
@Timeout(300)
class SyncCloseRaceTest {

  private static final int ROUNDS = 400;
  private static final int ITEMS = 50;

  private static AutoRefreshBuilder<Integer, Integer> jobs(AtomicInteger callbacks) {
    return AutoRefresh.<Integer, Integer>builder().refreshEvery(Duration.ofHours(1)).refreshOnCreate(false)
        .terminal(item -> callbacks.incrementAndGet() < 0)
        .listener(event -> callbacks.incrementAndGet())
        .refresh((id, item) -> {
          callbacks.incrementAndGet();
          return item + 1;
        });
  }

  private static void dawdle() {
    for (int i = ThreadLocalRandom.current().nextInt(300); i > 0; i--) {
      Thread.onSpinWait();
    }
  }

  @Test
  void L2_aSyncThatRacesTheClose_changesNothingAfterItReturned() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      AtomicInteger callbacks = new AtomicInteger();
      AutoRefresh<Integer, Integer> cache = jobs(callbacks).build();
      IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate(i, 0));
      IntStream.range(0, ITEMS / 2).forEach(cache::deleteDelayed);
      List<Worker<Boolean>> racers = Worker.startTogether(2, racer -> {
        dawdle();
        if (racer == 0) {
          try {
            cache.sync();
          } catch (IllegalStateException e) {
            // It came too late, or was cut short.
          }
          return true;
        }
        cache.close();
        int size = cache.size();
        long marked = cache.stats().pendingDeletion();
        long updated = cache.stats().updated();
        int called = callbacks.get();
        linger(cache);
        return size == cache.size() && marked == cache.stats().pendingDeletion() && updated == cache.stats().updated()
            && called == callbacks.get();
      });
      assertThat(racers.get(0).result()).isTrue();
      assertThat(racers.get(1).result()).as("nothing changed after the close, in round %s", round).isTrue();
    }
  }

  @Test
  void L2_deletionsOfASyncThatRacesTheClose_areCarriedOutOnceEach() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      Queue<Integer> deleted = new ConcurrentLinkedQueue<>();
      AutoRefresh<Integer, Integer> cache = jobs(new AtomicInteger()).onDelete((id, item) -> deleted.add(id)).build();
      IntStream.range(0, ITEMS).forEach(i -> cache.getOrCreate(i, 0));
      IntStream.range(0, ITEMS / 2).forEach(cache::deleteDelayed);
      List<Worker<Void>> racers = Worker.startTogether(3, racer -> {
        dawdle();
        if (racer > 0) {
          try {
            cache.sync();
          } catch (IllegalStateException e) {
            // It came too late, or was cut short.
          }
          return null;
        }
        cache.close();
        assertThat(cache.stats().pendingDeletion()).as("items not deleted").isZero();
        return null;
      });
      for (Worker<Void> racer : racers) {
        racer.result();
      }
      assertThat(deleted).as("in round %s", round).hasSize(ITEMS / 2).doesNotHaveDuplicates();
    }
  }

  /** Gives the threads that still run the time to do what they must not. */
  private static void linger(AutoRefresh<Integer, Integer> cache) {
    for (int i = 0; i < 100; i++) {
      Thread.yield();
      cache.size();
    }
  }
}
