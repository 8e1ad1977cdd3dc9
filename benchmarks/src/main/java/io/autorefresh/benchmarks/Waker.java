package io.autorefresh.benchmarks;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Outcome;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/** The peers that wake waiting threads: this library, and a map of futures that its users would write by hand. */
public enum Waker implements Labelled {
  /** This library. */
  AUTOREFRESH("AutoRefresh") {
    @Override
    Updates open(String[] ids) {
      return new Cache(ids);
    }
  },
  /** A future in a map for each id that is waited for. It knows no conditions. */
  FUTURES("CompletableFuture by id") {
    @Override
    Updates open(String[] ids) {
      return new Futures(ids);
    }
  };

  private static final int BATCH = 100;
  private static final int CONCURRENCY = 16;
  private static final Duration LONG = Duration.ofHours(1);

  private final String label;

  Waker(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  abstract Updates open(String[] ids);

  /** Items whose values are the times at which the remote returned them. */
  interface Updates extends AutoCloseable {

    /** Waits for the next value of an item. */
    long await(String id);

    /** Updates all items. */
    void apply() throws InterruptedException;

    @Override
    void close();
  }

  private static final class Cache implements Updates {

    private final AutoRefresh<String, Long> cache = AutoRefresh.<String, Long>builder()
        .refreshBatch(Cache::returned)
        .refreshEvery(LONG)
        .batchSize(BATCH)
        .maxConcurrency(CONCURRENCY)
        .build();
    private final long opened = System.nanoTime();
    /** Whether a value is newer than the last update; shared by all waiters. */
    private volatile Predicate<Long> isNew = newerThan(opened);

    Cache(String[] ids) {
      for (String id : ids) {
        cache.getOrCreate(id, opened);
      }
    }

    private static Predicate<Long> newerThan(long time) {
      return value -> value - time > 0;
    }

    private static Map<String, Outcome<Long>> returned(Map<String, Long> items) {
      Map<String, Outcome<Long>> outcomes = HashMap.newHashMap(items.size());
      Outcome<Long> now = Outcome.updated(System.nanoTime());
      items.keySet().forEach(id -> outcomes.put(id, now));
      return outcomes;
    }

    @Override
    public long await(String id) {
      try {
        return cache.await(id, isNew, LONG);
      } catch (InterruptedException | TimeoutException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void apply() throws InterruptedException {
      cache.sync();
      isNew = newerThan(System.nanoTime());
    }

    @Override
    public void close() {
      cache.close();
    }
  }

  private static final class Futures implements Updates {

    private final Map<String, CompletableFuture<Long>> futures = new ConcurrentHashMap<>();
    private final List<String> ids;
    private final Semaphore permits = new Semaphore(CONCURRENCY);

    Futures(String[] ids) {
      this.ids = Arrays.asList(ids);
    }

    @Override
    public long await(String id) {
      try {
        CompletableFuture<Long> next = futures.computeIfAbsent(id, absent -> new CompletableFuture<>());
        return next.get(LONG.toNanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException | ExecutionException | TimeoutException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void apply() throws InterruptedException {
      for (int from = 0; from < ids.size(); from += BATCH) {
        List<String> batch = ids.subList(from, from + BATCH);
        permits.acquire();
        Thread.startVirtualThread(() -> {
          Long returned = System.nanoTime();
          batch.forEach(id -> futures.remove(id).complete(returned));
          permits.release();
        });
      }
    }

    @Override
    public void close() {}
  }
}
