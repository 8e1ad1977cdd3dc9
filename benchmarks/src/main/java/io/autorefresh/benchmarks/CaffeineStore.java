package io.autorefresh.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.function.Function;

/**
 * Caffeine as in its own benchmarks: bounded by size, everything else at its default. The second form also has {@code
 * refreshAfterWrite}, so that its reads look at the clock. The writer comes once per period and a refresh is due after
 * two: no read loads, and this form does the same work as its peers.
 */
final class CaffeineStore implements Store {

  private final Cache<String, Item> cache;
  private final Duration period;

  private CaffeineStore(Cache<String, Item> cache, Duration period) {
    this.cache = cache;
    this.period = period;
  }

  static CaffeineStore bounded(int maximumSize, Duration period) {
    return new CaffeineStore(Caffeine.newBuilder().maximumSize(maximumSize).build(), period);
  }

  static CaffeineStore refreshing(int maximumSize, Duration period) {
    return new CaffeineStore(
        Caffeine.newBuilder()
            .maximumSize(maximumSize)
            .refreshAfterWrite(period.multipliedBy(2))
            .build(id -> Item.FIRST),
        period);
  }

  @Override
  public Item get(String id) {
    return cache.getIfPresent(id);
  }

  @Override
  public Item getOrCreate(String id, Item item) {
    return cache.get(id, absent -> item);
  }

  @Override
  public Item getOrCreate(String id, Function<String, Item> creator) {
    return cache.get(id, creator);
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
    return Math.toIntExact(cache.estimatedSize());
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
