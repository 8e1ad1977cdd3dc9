package io.autorefresh.benchmarks;

import java.time.Duration;
import java.util.function.Function;
import org.cache2k.Cache;
import org.cache2k.Cache2kBuilder;

/** The cache of cache2k, as in its author's benchmarks: bounded by entries, eternal, without statistics. */
final class Cache2kStore implements Store {

  private final Cache<String, Item> cache;
  private final Duration period;

  Cache2kStore(int maximumSize, Duration period) {
    cache = Cache2kBuilder.of(String.class, Item.class)
        .entryCapacity(maximumSize)
        .eternal(true)
        .disableStatistics(true)
        .build();
    this.period = period;
  }

  @Override
  public Item get(String id) {
    return cache.peek(id);
  }

  @Override
  public Item getOrCreate(String id, Item item) {
    return cache.computeIfAbsent(id, absent -> item);
  }

  @Override
  public Item getOrCreate(String id, Function<String, Item> creator) {
    return cache.computeIfAbsent(id, creator);
  }

  @Override
  public void remove(String id) {
    cache.remove(id);
  }

  @Override
  public void settle() {}

  @Override
  public int size() {
    return cache.asMap().size();
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
  public void close() {
    cache.close();
  }
}
