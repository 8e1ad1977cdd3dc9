package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.schedule.Backoff;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Builds the context of a cycle under test. What the test does not give is the simplest there is: jobs of one item that
 * ask nobody, one slot, and time that stands still.
 */
final class ContextBuilder {

  private static final long NEVER = Long.MAX_VALUE / 2;

  private final ItemMap<Integer, Integer> map;
  private @Nullable BiFunction<Integer, Integer, Object> batchBy;
  private int batchSize = 1;
  private Gate gate = new Gate(1, null);
  private Ticker ticker = () -> 0;
  private Ticker realTime = () -> 0;
  private long timeout = NEVER;
  private Tally totals = new Tally();

  ContextBuilder(ItemMap<Integer, Integer> map) {
    this.map = map;
  }

  ContextBuilder batchBy(BiFunction<Integer, Integer, Object> batchBy) {
    this.batchBy = batchBy;
    return this;
  }

  ContextBuilder batchSize(int batchSize) {
    this.batchSize = batchSize;
    return this;
  }

  ContextBuilder gate(Gate gate) {
    this.gate = gate;
    return this;
  }

  ContextBuilder ticker(Ticker ticker) {
    this.ticker = ticker;
    return this;
  }

  ContextBuilder realTime(Ticker realTime) {
    this.realTime = realTime;
    return this;
  }

  /** Nanoseconds. */
  ContextBuilder timeout(long timeout) {
    this.timeout = timeout;
    return this;
  }

  ContextBuilder totals(Tally totals) {
    this.totals = totals;
    return this;
  }

  Context<Integer, Integer> build() {
    return new Context<>(
        "c", map, new Fence<>(map), batch -> {}, null, value -> false, batchBy, batchSize,
        new Backoff(1, 1, () -> 0.5), gate, ticker, realTime, timeout, NEVER, totals, new CauseLog("c"));
  }
}
