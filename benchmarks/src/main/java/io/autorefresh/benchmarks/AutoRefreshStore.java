package io.autorefresh.benchmarks;

import io.autorefresh.AutoRefresh;
import java.time.Duration;
import java.util.function.Function;

/** This library, with the default settings except size and period. */
final class AutoRefreshStore implements Store {

  private final AutoRefresh<String, Item> cache;

  AutoRefreshStore(int maximumSize, Duration period) {
    cache = AutoRefresh.<String, Item>builder()
        .name("items")
        .refreshBatch(new Remote(Answer.UPDATED, 0)::askAll)
        .refreshEvery(period)
        .refreshOnCreate(false)
        .maximumSize(maximumSize)
        .build();
  }

  @Override
  public Item get(String id) {
    return cache.get(id);
  }

  @Override
  public Item getOrCreate(String id, Item item) {
    return cache.getOrCreate(id, item);
  }

  @Override
  public Item getOrCreate(String id, Function<String, Item> creator) {
    return cache.getOrCreate(id, creator::apply);
  }

  @Override
  public void remove(String id) {
    cache.deleteDelayed(id);
  }

  @Override
  public void settle() {
    try {
      cache.sync();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public int size() {
    return cache.size();
  }

  @Override
  public Refreshing refresh(String[] ids) {
    long before = cache.stats().updated();
    cache.start();
    return new Refreshing() {
      @Override
      public long count() {
        return cache.stats().updated() - before;
      }

      @Override
      public void close() {
        cache.close();
      }
    };
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
