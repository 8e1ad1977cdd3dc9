package io.autorefresh;

/**
 * A source of time: nanoseconds from an arbitrary origin, which may be negative and may wrap around, so that only
 * differences mean something. It must be monotonic and safe for use by many threads.
 *
 * <p>All decisions of a cache are taken on its ticker. Its nanoseconds count as real time: a thread of the cache that
 * waits for a reading parks for the whole difference, and does not read the ticker in between. So a ticker may run a
 * little fast or slow, but one that stands still or jumps is noticed late. The one exception is {@link
 * io.autorefresh.testing.ManualTicker}, which a test moves by hand, and which wakes the threads that wait for it.
 *
 * <p>The same notion, under the same name, as in Caffeine and Guava.
 */
@FunctionalInterface
public interface Ticker {

  /**
   * Returns the nanoseconds since the ticker's origin.
   *
   * @return the present reading
   */
  long read();

  /**
   * Returns the ticker that reads {@link System#nanoTime()}.
   *
   * @return the default ticker, always the same instance
   */
  static Ticker systemTicker() { return SystemTicker.INSTANCE; }
}
