package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Item;
import java.util.ArrayList;
import java.util.List;

/** A job without a thread: begins, and ends with the call of user code, when whoever drives it says so. */
public final class SteppedJob<K, V> {

  /** What an interrupted job may use up before it counts as abandoned, in nanoseconds. */
  public static final long GRACE = Watch.GRACE;

  private final Job<K, V> job;
  private final SteppedCycle<K, V> cycle;

  SteppedJob(Job<K, V> job, SteppedCycle<K, V> cycle) {
    this.job = job;
    this.cycle = cycle;
  }

  public SteppedCycle<K, V> cycle() {
    return cycle;
  }

  @Override
  public String toString() {
    return job.name();
  }

  /** Whether it calls the remote at all. */
  public boolean isCall() {
    return !(job instanceof DeliveryJob);
  }

  public boolean isDeletion() {
    return job instanceof DeleteJob;
  }

  /** Runs it from the beginning to the end, as its thread would. */
  public void runAll() {
    job.call();
  }

  /** Begins and takes its items; if there are none it has ended by that, and false is returned. */
  public boolean begin() {
    boolean asks = job.begin();
    if (!asks) {
      job.finish();
    }
    return asks;
  }

  /** The ids of what it has taken. */
  public List<K> ids() {
    List<K> ids = new ArrayList<>();
    if (job instanceof RefreshJob<K, V> refresh) {
      Batch<K, V> batch = refresh.taken();
      for (int i = 0; i < batch.size(); i++) {
        ids.add(batch.item(i).id());
      }
    } else if (job instanceof DeleteJob<K, V> delete) {
      Item<K, V> item = delete.item;
      if (item != null) {
        ids.add(item.id());
      }
    }
    return ids;
  }

  /** Whether its result is still awaited: it has neither taken too long nor been cancelled. */
  public boolean isAwaited() {
    return job.isRunning();
  }

  /** Asks, applies the answer and ends. */
  public void end() {
    job.ask();
    job.apply();
    job.finish();
  }
}
