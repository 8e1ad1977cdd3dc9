package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;

/**
 * A cycle without threads: the cycle takes its steps, and its jobs their parts, when a test says so. All that the cycle
 * decides it decides as ever.
 */
public final class SteppedCycle<K, V> {

  /** R10: an owner yields after so many hand-outs in a row. */
  private static final int MOST_IN_A_ROW = 64;

  private final Cycle<K, V> cycle;
  private final Signal signal;
  private final Consumer<SteppedJob<K, V>> starter;
  private int started;

  /** Opens a cycle, which gives each job that it starts to the consumer. */
  public SteppedCycle(Cycle<K, V> cycle, Consumer<SteppedJob<K, V>> starter) {
    this.cycle = cycle;
    this.starter = starter;
    cycle.cycles.add(cycle);
    this.signal = cycle.signal;
    signal.ring();
  }

  /** For how long there is no step to take, as far as is known now. */
  public long left() {
    return signal.left();
  }

  /** Takes a step; returns false when the cycle has ended by that. */
  public boolean step() {
    signal.reset();
    started = 0;
    if (cycle.step(this::start, 0)) {
      return true;
    }
    cycle.cycles.remove(cycle);
    return false;
  }

  private void start(Job<K, V> job) {
    started++;
    assertThat(started).as("R10 (hand-outs in a row)").isLessThanOrEqualTo(MOST_IN_A_ROW);
    starter.accept(new SteppedJob<>(job, this));
  }

  /** Whether it has taken in what it is to do; not so again when it takes over the next cycle. */
  public boolean hasBegun() {
    return cycle.hasBegun();
  }

  @Override
  public String toString() {
    return cycle.name();
  }
}
