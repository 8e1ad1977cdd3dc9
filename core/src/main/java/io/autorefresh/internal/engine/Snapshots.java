package io.autorefresh.internal.engine;

import io.autorefresh.CycleReport;
import io.autorefresh.Freshness;
import io.autorefresh.ItemState;
import io.autorefresh.Stats;
import io.autorefresh.internal.cycle.Counters;
import io.autorefresh.internal.cycle.Cycle;
import java.time.Duration;
import java.util.function.Function;

/**
 * Makes what users see of the state of a cache. The constructors are not public, so the builder hands them in.
 *
 * @param <V> the type of items
 */
public record Snapshots<V>(
    StatsMaker stats,
    Function<Ages, Freshness> freshness,
    Function<ItemView<V>, ItemState<V>> itemState,
    Function<Cycle<?, ?>, CycleReport> cycleReport) {

  /** Makes the counters and gauges of a cache at one moment. */
  public interface StatsMaker {
    Stats make(Counters counters, Duration period, boolean isReady, boolean hasFailed);
  }
}
