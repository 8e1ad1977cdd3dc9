package io.autorefresh.benchmarks;

import com.google.common.cache.Cache;
import com.google.common.cache.CacheBuilder;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;

/** Guava, bounded by size, with the concurrency level that Caffeine's benchmarks give it. */
final class GuavaStore implements Store {

  private static final int CONCURRENCY_LEVEL = 64;

  private final Cache<String, Item> cache;
  private final Duration period;

  GuavaStore(int maximumSize, Duration period) {
    cache = CacheBuilder.newBuilder().concurrencyLevel(CONCURRENCY_LEVEL).maximumSize(maximumSize).build();
    this.period = period;
  }

  @Override
  public Item get(String id) {
    return cache.getIfPresent(id);
  }

  @Override
  public Item getOrCreate(String id, Item item) {
    return getOrCreate(id, absent -> item);
  }

  @Override
  public Item getOrCreate(String id, Function<String, Item> creator) {
    try {
      return cache.get(id, () -> creator.apply(id));
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void remove(String id) {
    cache.invalidate(id);
  }

  @Override
  public void settle() {
    cache.cleanUp();
  }

  @Override
  public int size() {
    return Math.toIntExact(cache.size());
  }

  @Override
  public Refreshing refresh(String[] ids) {
    return new PacedWriter(ids, period, cache::put);
  }

  @Override
  public Object root() {
    return cache;
  }

  @Override
  public void close() {}
}
