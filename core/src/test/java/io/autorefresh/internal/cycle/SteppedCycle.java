package io.autorefresh.internal.cycle;

import io.autorefresh.Outcome;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A cycle without threads: it takes its steps, and its jobs their parts, when whoever drives it says so. All that it
 * decides it decides as ever.
 */
public final class SteppedCycle<K, V> {

  private final Cycle<K, V> cycle;
  private final Alarm alarm;
  private final Gate.Line line;
  private final boolean urgent;
  private final long began;

  /** Begins a cycle, which hands the jobs that begin to the consumer. */
  public SteppedCycle(Cycle<K, V> cycle, boolean urgent, Consumer<SteppedJob<K, V>> starter) {
    this.cycle = cycle;
    this.urgent = urgent;
    this.alarm = new Alarm(cycle.context.ticker(), cycle.context.realTime());
    this.line = cycle.open(alarm, new Threads<>() {
      @Override
      public void start(Job<K, V> job) {
        starter.accept(new SteppedJob<>(job, SteppedCycle.this));
      }

      @Override
      public void runApart(String name, Runnable task, Runnable onInterrupt) {
        task.run();
      }
    });
    this.began = cycle.began();
    alarm.ring();
  }

  /** Makes a refresher of what the remote says of one item; with null it does not mention it. */
  public static <K, V> Refresh<K, V> answering(BiFunction<K, V, @Nullable Outcome<V>> remote) {
    return batch -> {
      for (int i = 0; i < batch.size(); i++) {
        Outcome<V> outcome = remote.apply(batch.item(i).id(), batch.value(i));
        if (outcome != null) {
          batch.set(i, outcome);
        }
      }
    };
  }

  /** For how long there is no step to take, as far as is known now. */
  public long left() {
    return alarm.left();
  }

  /** Takes a step; returns false when the cycle has ended by that. */
  public boolean step() {
    alarm.reset();
    boolean more = cycle.step(line, alarm);
    if (!more) {
      line.close();
    }
    return more;
  }

  /** Whether a job of it waits before the gate. */
  public boolean isWaiting() {
    return line.isWaiting();
  }

  /** Whether it is for first refreshes. */
  public boolean isUrgent() {
    return urgent;
  }

  @Override
  public String toString() {
    return cycle.name();
  }

  public long began() {
    return began;
  }

  /** How many items it has planned to refresh. */
  public long items() {
    return cycle.tally().sum(Tally.Count.ITEMS);
  }

  public long backlog() {
    return cycle.backlog();
  }
}
