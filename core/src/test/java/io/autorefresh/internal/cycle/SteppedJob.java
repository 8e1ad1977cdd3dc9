package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.schedule.Schedule;
import java.util.ArrayList;
import java.util.List;

/** A job without a thread: it begins, and ends with the call of user code, when a test says so. */
public final class SteppedJob<K, V> {

  /** What an interrupted job may use up before it is abandoned, in nanoseconds. */
  public static final long GRACE = JobMonitor.GRACE;

  private final Job<K, V> job;
  private final SteppedCycle<K, V> cycle;

  SteppedJob(Job<K, V> job, SteppedCycle<K, V> cycle) {
    this.job = job;
    this.cycle = cycle;
  }

  public SteppedCycle<K, V> cycle() {
    return cycle;
  }

  public Schedule.Kind kind() {
    return job.kind();
  }

  public boolean isDeletion() {
    return job.isDeletion();
  }

  /** The ids of what it is to take or, once it has begun, of what it has taken. */
  public List<K> ids() {
    List<K> ids = new ArrayList<>();
    for (Item<K, V> item : job.items()) {
      ids.add(item.id());
    }
    return ids;
  }

  /** Begins and takes its items; if there are none it has ended by that, and false is returned. */
  public boolean begin() {
    boolean asks = job.begin();
    if (!asks) {
      job.finish();
    }
    return asks;
  }

  /** Whether its result still counts: it has neither taken too long nor been cancelled. */
  public boolean isAwaited() {
    return job.isRunning();
  }

  public boolean isAbandoned() {
    return job.isAbandoned();
  }

  /** Asks, applies the answer and ends. */
  public void end() {
    job.ask();
    job.end();
    job.finish();
  }

  @Override
  public String toString() {
    return job.name();
  }
}
