package io.autorefresh.benchmarks;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiConsumer;

/**
 * Refreshes a peer that does not do so by itself: one thread that puts a new item under each id once per period,
 * evenly, in steps of ten milliseconds.
 */
final class PacedWriter implements Store.Refreshing {

  private static final long STEP = Duration.ofMillis(10).toNanos();

  private final Thread thread;
  private volatile long count;

  PacedWriter(String[] ids, Duration period, BiConsumer<String, Item> put) {
    thread = Thread.ofPlatform().daemon().name("paced-writer").start(() -> write(ids, period.toNanos(), put));
  }

  private void write(String[] ids, long period, BiConsumer<String, Item> put) {
    long start = System.nanoTime();
    long written = 0;
    Item item = Item.FIRST;
    while (!Thread.interrupted()) {
      long due = (long) ((double) (System.nanoTime() - start) / period * ids.length);
      for (; written < due; written++) {
        item = item.next();
        put.accept(ids[(int) (written % ids.length)], item);
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
