package io.autorefresh.benchmarks;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import java.time.Duration;

/** This library, not started: its cycles are those of {@code sync}. */
final class AutoRefreshLoop implements SyncLoop {

  private final AutoRefresh<String, Item> cache;

  AutoRefreshLoop(String[] ids, int batch, int concurrency, Remote remote) {
    AutoRefreshBuilder<String, Item> builder = AutoRefresh.<String, Item>builder()
        .name("items")
        .refreshEvery(Duration.ofHours(1))
        .refreshOnCreate(false)
        .maximumSize(ids.length + ids.length / 4)
        .maxConcurrency(concurrency);
    cache = (batch == 1
            ? builder.refresh(remote::ask)
            : builder.refreshBatch(remote::askAll).batchSize(batch))
        .build();
    for (String id : ids) {
      cache.getOrCreate(id, Item.FIRST);
    }
  }

  @Override
  public void cycle() throws InterruptedException {
    cache.sync();
  }

  @Override
  public Item get(String id) {
    return cache.get(id);
  }

  @Override
  public void close() {
    cache.close();
  }
}
