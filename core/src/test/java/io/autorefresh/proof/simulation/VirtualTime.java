package io.autorefresh.proof.simulation;

import io.autorefresh.Ticker;
import java.util.Comparator;
import java.util.PriorityQueue;

/** Time that passes only when there is nothing left to do in it, and what is to happen at which moment of it. */
final class VirtualTime implements Ticker {

  static final long MILLI = 1_000_000;
  static final long SECOND = 1_000 * MILLI;
  static final long MINUTE = 60 * SECOND;
  static final long HOUR = 60 * MINUTE;

  /** The readings wrap around after an hour and a half, which must not matter. */
  private static final long ORIGIN = Long.MAX_VALUE - 3 * HOUR / 2;

  private record Event(long at, long number, Runnable what) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
  private long now;
  private long numbers;

  @Override
  public long read() {
    return ORIGIN + now;
  }

  /** Nanoseconds since the beginning. */
  long now() {
    return now;
  }

  /** The moment of a reading, in nanoseconds since the beginning. */
  static long momentOf(long reading) {
    return reading - ORIGIN;
  }

  void at(long moment, Runnable what) {
    events.add(new Event(moment, numbers++, what));
  }

  void after(long delay, Runnable what) {
    at(now + delay, what);
  }

  /** Lets all happen whose moment has come; returns whether there was any. */
  boolean happen() {
    boolean any = false;
    while (!events.isEmpty() && events.peek().at <= now) {
      events.remove().what.run();
      any = true;
    }
    return any;
  }

  /** Passes to the next event, or for so long if that is less. */
  void pass(long atMost) {
    long next = events.isEmpty() ? Long.MAX_VALUE : events.peek().at - now;
    long way = Math.min(atMost, next);
    if (way <= 0 || way == Long.MAX_VALUE) {
      throw new AssertionError("time stands still at " + now);
    }
    now += way;
  }
}
