package io.autorefresh.benchmarks;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A kind of load on a started cache, in a size of which {@link Limits} looks for the largest that the cache holds. */
enum Load {
  /** Items that are refreshed once a second, a hundred in a call. */
  BATCHES("refreshes a second, a hundred items in a call", 1, 100, 125_000),
  /** Items that are refreshed once a second, each by a call on a thread of its own. */
  CALLS("refreshes a second, one item in a call", 1, 1, 25_000),
  /** Items that are refreshed every ten seconds, a hundred in a call. */
  ITEMS("items, each refreshed every ten seconds, a hundred in a call", 10, 100, 1_000_000),
  /** Items that are created, each with a first refresh at once, in a full cache that evicts one for each of them. */
  CREATIONS("creations a second, beside 100,000 items refreshed every second", 1, 100, 12_500) {
    @Override
    boolean isHeldBy(int size) throws InterruptedException {
      try (AutoRefresh<String, Item> cache = open(LIVE, LIVE)) {
        Thread creator = Thread.ofPlatform().daemon().name("creator").start(() -> create(cache, size));
        try {
          return periodIsHeld(cache, LIVE) && creator.isAlive();
        } finally {
          creator.interrupt();
          creator.join();
        }
      }
    }
  };

  private static final int LIVE = 100_000;
  private static final int PERIODS_TO_SETTLE = 3;
  private static final int PERIODS_TO_HOLD = 5;
  private static final int NEWCOMERS = 2;
  private static final long STEP = Duration.ofMillis(5).toNanos();

  private final String unit;
  private final Duration period;
  private final int batch;
  private final int first;

  Load(String unit, int seconds, int batch, int first) {
    this.unit = unit;
    this.period = Duration.ofSeconds(seconds);
    this.batch = batch;
    this.first = first;
  }

  /** The unit of the load. */
  String unit() {
    return unit;
  }

  /** A size to begin with, which is certainly held. */
  int first() {
    return first;
  }

  /** Whether a cache keeps its period under that much of this load. */
  boolean isHeldBy(int size) throws InterruptedException {
    try (AutoRefresh<String, Item> cache = open(size, size)) {
      return periodIsHeld(cache, size);
    }
  }

  AutoRefresh<String, Item> open(int size, int maximumSize) {
    Remote remote = new Remote(Answer.UPDATED, 0);
    AutoRefreshBuilder<String, Item> builder = AutoRefresh.<String, Item>builder()
        .name("items")
        .refreshEvery(period)
        .maxConcurrency(1_000)
        .maximumSize(maximumSize);
    AutoRefresh<String, Item> cache = batch == 1
        ? builder.refresh(remote::ask).build()
        : builder.batchSize(batch).refreshBatch(remote::askAll).build();
    for (String id : Ids.of(size, 1)) {
      cache.getOrCreate(id, Item.FIRST);
    }
    return cache;
  }

  /**
   * Starts the cache and watches it over some periods: no cycle may overrun, no item may become two periods old, and
   * all items are there at the end.
   */
  boolean periodIsHeld(AutoRefresh<String, Item> cache, int size) throws InterruptedException {
    cache.start();
    TimeUnit.NANOSECONDS.sleep(period.toNanos() * PERIODS_TO_SETTLE);
    long overruns = cache.stats().overruns();
    for (int i = 0; i < PERIODS_TO_HOLD; i++) {
      TimeUnit.NANOSECONDS.sleep(period.toNanos());
      if (cache.stats().overruns() > overruns || cache.freshness().max().compareTo(period.multipliedBy(2)) > 0) {
        return false;
      }
    }
    return cache.size() == size;
  }

  /** Creates so many items a second, evenly, and ends when it is a second late. */
  private static void create(AutoRefresh<String, Item> cache, int perSecond) {
    String[] ids = Ids.of(perSecond * NEWCOMERS, 2);
    long start = System.nanoTime();
    long created = 0;
    while (!Thread.interrupted()) {
      long due = (long) ((System.nanoTime() - start) / 1e9 * perSecond);
      if (due - created > perSecond) {
        return;
      }
      for (; created < due; created++) {
        cache.getOrCreate(ids[(int) (created % ids.length)], Item.FIRST);
      }
      LockSupport.parkNanos(STEP);
    }
  }
}
