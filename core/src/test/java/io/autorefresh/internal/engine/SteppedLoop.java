package io.autorefresh.internal.engine;

import io.autorefresh.internal.cycle.Alarm;
import io.autorefresh.internal.cycle.Context;
import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.SteppedJob;
import io.autorefresh.internal.cycle.Tally;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The background without threads: the loop and its cycles take their steps when whoever drives them says so. */
public final class SteppedLoop<K, V> {

  private record Running<K, V>(SteppedCycle<K, V> cycle, Runnable whenEnded) {}

  private final Loop<K, V> loop;
  private final Alarm alarm;
  private final Consumer<SteppedJob<K, V>> starter;
  private final Consumer<SteppedCycle<K, V>> onEnd;
  private final List<Running<K, V>> running = new ArrayList<>();
  private final List<SteppedCycle<K, V>> cycles = new ArrayList<>();

  /** Begins the background; its jobs are told when the gate lets them begin, and its cycles when they have ended. */
  public SteppedLoop(
      Context<K, V> context,
      long period,
      Consumer<SteppedJob<K, V>> starter,
      Consumer<SteppedCycle<K, V>> onEnd) {
    this.loop = new Loop<>(context, new Cycles<>(new Tally(), () -> {}, () -> {}, period), period, true);
    this.starter = starter;
    this.onEnd = onEnd;
    this.alarm = loop.open();
    loop.begin();
    alarm.ring();
  }

  /** There are new items. */
  public void wake() {
    loop.wake();
  }

  public List<SteppedCycle<K, V>> cycles() {
    return cycles;
  }

  /** For how long nobody has a step to take, as far as is known now. */
  public long left() {
    long left = alarm.left();
    for (Running<K, V> each : running) {
      left = Math.min(left, each.cycle.left());
    }
    return left;
  }

  /** Takes the steps that are due. */
  public void step() {
    if (alarm.left() <= 0) {
      alarm.reset();
      loop.step(alarm, this::start);
    }
    for (int i = 0; i < running.size(); i++) {
      Running<K, V> each = running.get(i);
      if (each.cycle.left() <= 0 && !each.cycle.step()) {
        running.remove(i);
        cycles.remove(i--);
        each.whenEnded.run();
        onEnd.accept(each.cycle);
      }
    }
  }

  private void start(Cycle<K, V> cycle, Runnable whenEnded) {
    boolean urgent = cycle.name().contains("/first-");
    SteppedCycle<K, V> stepped = new SteppedCycle<>(cycle, urgent, starter);
    running.add(new Running<>(stepped, whenEnded));
    cycles.add(stepped);
  }
}
