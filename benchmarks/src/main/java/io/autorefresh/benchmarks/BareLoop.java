package io.autorefresh.benchmarks;

import io.autorefresh.internal.cycle.JobScope;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * The loop of twenty lines that a user would write by hand. It walks over a map, takes a permit, starts a virtual
 * thread for the job, and at the end takes all permits. It has no deletions, back-off, time-outs, counters or names. In
 * its second form one StructuredTaskScope forks the threads, and its join is the end.
 */
final class BareLoop implements SyncLoop {

  private final ConcurrentHashMap<String, Item> map = new ConcurrentHashMap<>();
  private final int batch;
  private final int concurrency;
  private final Semaphore permits;
  private final Remote remote;
  private final boolean scoped;

  BareLoop(String[] ids, int batch, int concurrency, Remote remote, boolean scoped) {
    this.batch = batch;
    this.concurrency = concurrency;
    this.permits = new Semaphore(concurrency);
    this.remote = remote;
    this.scoped = scoped;
    for (String id : ids) {
      map.put(id, Item.FIRST);
    }
  }

  @Override
  public void cycle() throws InterruptedException {
    if (scoped) {
      try (JobScope scope = JobScope.open("items", Thread.ofVirtual().factory())) {
        forkAll(scope::fork);
        scope.join();
      }
    } else {
      forkAll(Thread::startVirtualThread);
      permits.acquire(concurrency);
      permits.release(concurrency);
    }
  }

  private void forkAll(Consumer<Job> forker) {
    if (batch == 1) {
      map.forEach((id, item) -> fork(forker, () -> refresh(id, item)));
    } else {
      forkBatches(forker);
    }
  }

  private void forkBatches(Consumer<Job> forker) {
    Map<String, Item> open = HashMap.newHashMap(batch);
    for (Map.Entry<String, Item> entry : map.entrySet()) {
      open.put(entry.getKey(), entry.getValue());
      if (open.size() == batch) {
        Map<String, Item> full = open;
        fork(forker, () -> refreshAll(full));
        open = HashMap.newHashMap(batch);
      }
    }
    if (!open.isEmpty()) {
      Map<String, Item> last = open;
      fork(forker, () -> refreshAll(last));
    }
  }

  private void fork(Consumer<Job> forker, Runnable refresh) {
    permits.acquireUninterruptibly();
    forker.accept(() -> {
      try {
        refresh.run();
      } finally {
        permits.release();
      }
    });
  }

  private void refresh(String id, Item current) {
    Item answer = remote.ask(id, current);
    if (answer != current) {
      map.replace(id, answer);
    }
  }

  private void refreshAll(Map<String, Item> items) {
    remote.askAll(items).forEach((id, outcome) -> {
      Item updated = outcome.value();
      if (updated != null) {
        map.replace(id, updated);
      }
    });
  }

  @Override
  public Item get(String id) {
    return map.get(id);
  }

  @Override
  public void close() {}

  /** A job as threads take it (Runnable) and as scopes take it (Callable). */
  private interface Job extends Runnable, Callable<Void> {

    @Override
    default Void call() {
      run();
      return null;
    }
  }
}
