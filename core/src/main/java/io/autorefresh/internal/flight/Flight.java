package io.autorefresh.internal.flight;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Tells the Flight Recorder what a cache does, and does nothing where the module {@code jdk.jfr} is missing. Safe for
 * use by many threads, under locks too.
 *
 * <p>Events about ids and groups wait for {@link #flush}, since the user's code makes their text. They bear the time at
 * which they happened.
 */
public final class Flight {

  private static final boolean PRESENT = isPresent();

  private final String cache;
  private final Queue<FlightEvent.About> waiting = new ConcurrentLinkedQueue<>();

  public Flight(String cache) {
    this.cache = cache;
  }

  private static boolean isPresent() {
    try {
      Class.forName("jdk.jfr.Event", false, Flight.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** Begins a call, which the caller commits; returns null where calls are not recorded. */
  public FlightEvent.@Nullable Call beginCall() {
    return PRESENT && FlightEvent.Call.PROBE.isEnabled() ? new FlightEvent.Call(cache) : null;
  }

  /** Begins a cycle, which the caller commits; returns null where it cannot be recorded. */
  public FlightEvent.@Nullable Cycle beginCycle() { return PRESENT ? new FlightEvent.Cycle(cache) : null; }

  public void abandoned(String call) {
    if (PRESENT) {
      new FlightEvent.Abandoned(cache, call).commit();
    }
  }

  public void overrun(int backlog, long effectivePeriod) {
    if (PRESENT) {
      new FlightEvent.Overrun(cache, backlog, effectivePeriod).commit();
    }
  }

  public void created(Object id) {
    if (PRESENT && FlightEvent.Creation.PROBE.isEnabled()) {
      new FlightEvent.Creation(cache, id).waitIn(waiting);
    }
  }

  public void removed(Object id, Enum<?> cause) {
    if (PRESENT && FlightEvent.Removal.PROBE.isEnabled()) {
      new FlightEvent.Removal(cache, id, cause.name()).waitIn(waiting);
    }
  }

  /** A group is down, or up again, whose calls have failed for so many nanoseconds. */
  public void group(Object group, boolean down, long failing) {
    if (PRESENT && down) {
      new FlightEvent.GroupDown(cache, group, failing).waitIn(waiting);
    } else if (PRESENT) {
      new FlightEvent.GroupUp(cache, group, failing).waitIn(waiting);
    }
  }

  /** Records the events that wait; called with no lock held. */
  public void flush() {
    for (FlightEvent.About event; (event = waiting.poll()) != null; ) {
      event.tell();
    }
  }
}
