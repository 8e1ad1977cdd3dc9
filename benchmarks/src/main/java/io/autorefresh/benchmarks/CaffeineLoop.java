package io.autorefresh.benchmarks;

import com.github.benmanes.caffeine.cache.CacheLoader;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * Caffeine's {@code refreshAll} over all ids, with a virtual thread for each reload. Caffeine does not bound the number
 * of concurrent reloads, so each reload takes a permit.
 */
final class CaffeineLoop implements SyncLoop {

  private final List<String> ids;
  private final LoadingCache<String, Item> cache;

  CaffeineLoop(String[] ids, int concurrency, Remote remote) {
    this.ids = List.of(ids);
    this.cache = Caffeine.newBuilder()
        .maximumSize(ids.length + ids.length / 4)
        .executor(Thread::startVirtualThread)
        .build(new Reloader(remote, new Semaphore(concurrency)));
    for (String id : ids) {
      cache.put(id, Item.FIRST);
    }
    cache.cleanUp();
  }

  @Override
  public void cycle() {
    cache.refreshAll(ids).join();
  }

  @Override
  public Item get(String id) {
    return cache.getIfPresent(id);
  }

  @Override
  public void close() {}

  private record Reloader(Remote remote, Semaphore permits) implements CacheLoader<String, Item> {

    @Override
    public Item load(String id) {
      throw new IllegalStateException("no item " + id);
    }

    @Override
    public Item reload(String id, Item current) throws InterruptedException {
      permits.acquire();
      try {
        return remote.ask(id, current);
      } finally {
        permits.release();
      }
    }
  }
}
