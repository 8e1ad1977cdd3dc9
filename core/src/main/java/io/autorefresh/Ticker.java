package io.autorefresh;

/**
 * A source of time: nanoseconds from an arbitrary origin, which may be negative and may wrap around, so that only
 * differences mean something. It must be monotonic and safe for use by many threads.
 *
 * <p>All decisions of a cache are taken on its ticker; a test sets one that it moves by hand. The same notion,
 * under the same name, as in Caffeine and Guava.
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
