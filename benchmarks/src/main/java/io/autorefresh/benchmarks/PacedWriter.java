package io.autorefresh.benchmarks;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * Refreshes a peer that does not refresh by itself. One thread puts a new item under each id once per period, evenly,
 * in steps of ten milliseconds. It asks the same {@link Remote} in the same batches as the library, so that the items
 * have the same places in memory.
 */
final class PacedWriter implements Store.Refreshing {

  private static final long STEP = Duration.ofMillis(10).toNanos();

  private static final int BATCH = 100;

  private final Thread thread;
  private final Remote remote = new Remote(Answer.UPDATED, 0);
  private volatile long count;

  PacedWriter(String[] ids, Duration period, BiConsumer<String, Item> put) {
    thread = Thread.ofPlatform().daemon().name("paced-writer").start(() -> write(ids, period.toNanos(), put));
  }

  private void write(String[] ids, long period, BiConsumer<String, Item> put) {
    long start = System.nanoTime();
    long written = 0;
    while (!Thread.interrupted()) {
      long due = (long) ((double) (System.nanoTime() - start) / period * ids.length);
      while (written < due) {
        Map<String, Item> batch = HashMap.newHashMap(BATCH);
        for (int i = 0; i < BATCH; i++) {
          batch.put(ids[(int) (written++ % ids.length)], Item.FIRST);
        }
        remote.askAll(batch).forEach((id, outcome) -> {
          Item updated = outcome.value();
          if (updated != null) {
            put.accept(id, updated);
          }
        });
      }
      count = written;
      LockSupport.parkNanos(STEP);
    }
  }

  @Override
  public long count() {
    return count;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
