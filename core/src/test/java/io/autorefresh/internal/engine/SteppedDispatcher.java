package io.autorefresh.internal.engine;

import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.Cycles;
import io.autorefresh.internal.cycle.Signal;
import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.SteppedJob;
import io.autorefresh.internal.schedule.Schedule.Extent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The background without threads: the dispatcher and its cycles take their steps when a test says so. */
public final class SteppedDispatcher<K, V> {

  /** What a test sees of the background, and does meanwhile. */
  public interface Observer<K, V> {

    /**
     * A cycle is about to take in what it is to do.
     *
     * @param renewed whether it takes over another one
     */
    void begins(SteppedCycle<K, V> cycle, Extent extent, boolean renewed);

    /** A job was handed out, and is to be run. */
    void starts(SteppedJob<K, V> job);

    /** A cycle and all its jobs have ended. */
    void ended(SteppedCycle<K, V> cycle);
  }

  private static final class Running<K, V> {

    final Cycle<K, V> cycle;
    final Extent extent;
    final SteppedCycle<K, V> steps;
    boolean begun;

    Running(Cycle<K, V> cycle, Extent extent, SteppedCycle<K, V> steps) {
      this.cycle = cycle;
      this.extent = extent;
      this.steps = steps;
    }
  }

  private final String name;
  private final Cycles<K, V> cycles;
  private final Dispatcher<K, V> dispatcher;
  private final Observer<K, V> observer;
  private final Signal signal;
  private final Consumer<SteppedJob<K, V>> starter;
  private final List<Running<K, V>> running = new ArrayList<>();
  private boolean closed;

  /** Begins the background. */
  public SteppedDispatcher(Cycles<K, V> cycles, Observer<K, V> observer) {
    this.name = cycles.settings.name;
    this.cycles = cycles;
    this.observer = observer;
    this.starter = observer::starts;
    this.dispatcher = new Dispatcher<>(cycles);
    this.signal = dispatcher.signal();
    cycles.onEnd(signal::ring);
    dispatcher.begin();
    dispatcher.openPeriodic(Extent.START, 0, cycle -> start(cycle, Extent.START));
    signal.ring();
  }

  private void start(Cycle<K, V> cycle, Extent extent) {
    running.add(new Running<>(cycle, extent, new SteppedCycle<>(cycle, starter)));
  }

  /** Asks for a cycle on demand. */
  public void demand() {
    long number = cycles.nextNumber();
    dispatcher.demand(new Cycle<>(cycles, name + "/cycle-" + number, number, Extent.DEMAND));
    signal.ring();
  }

  /** The cache is closed. */
  public void close() {
    closed = true;
    cycles.close();
    cycles.handOut.openPeriodic(null);
    Cycle<K, V> last = new Cycle<>(cycles, name + "/close", 0, Extent.CLOSE);
    cycles.handOut.openSpecial(last);
    start(last, Extent.CLOSE);
  }

  /** How many cycles run, also those that only wait for a job. */
  public int running() {
    return running.size();
  }

  /** For how long there is no step to take, as far as is known now. */
  public long left() {
    long left = closed ? Signal.NEVER : signal.left();
    for (Running<K, V> each : running) {
      left = Math.min(left, each.steps.left());
    }
    return left;
  }

  /** Takes the steps that are due. */
  public void step() {
    if (!closed && signal.left() <= 0) {
      signal.reset();
      dispatcher.step(cycle -> start(cycle, cycles.handOut.isSpecialOpen() ? Extent.DEMAND : Extent.PERIOD));
    }
    for (int i = 0; i < running.size(); i++) {
      Running<K, V> each = running.get(i);
      if (each.steps.left() <= 0 && !step(each)) {
        running.remove(i--);
        dispatcher.ended(each.cycle);
        observer.ended(each.steps);
      }
    }
  }

  private boolean step(Running<K, V> each) {
    boolean special = each.extent == Extent.DEMAND || each.extent == Extent.CLOSE;
    if (!each.steps.hasBegun() && special == cycles.handOut.isSpecialOpen()) {
      observer.begins(each.steps, each.begun ? Extent.PERIOD : each.extent, each.begun);
      each.begun = true;
    }
    return each.steps.step();
  }
}
