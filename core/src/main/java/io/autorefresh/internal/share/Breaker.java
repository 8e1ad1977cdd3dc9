package io.autorefresh.internal.share;

/**
 * Says whether the exchange is in use. It opens at the first call of the exchange that fails or takes too long: from
 * then on this JVM works alone. Pings go out while it is open, and the first one that is answered in time closes it.
 * While it is closed, a ping goes out when nothing else was asked for a period, so that the clock stays true.
 *
 * <p>The owner of a cycle uses it; whether it is open and the epoch may be read by any thread.
 */
final class Breaker {

  private static final long LEAST = 100_000_000;

  private final long period;
  private volatile boolean open;
  private volatile int epoch = 1;
  private long pingAt;

  Breaker(long period) {
    this.period = period;
  }

  /** Time begins, with a ping. */
  void begin(long now) {
    pingAt = now;
  }

  boolean isOpen() { return open; }

  /** Returns a number that grows when entries may have been lost. */
  int epoch() { return epoch; }

  /** Entries may have been lost. Called by one thread at a time. */
  void lose() {
    epoch++;
  }

  void open() {
    if (!open) {
      open = true;
      lose();
    }
  }

  void close() {
    open = false;
  }

  /** A claim goes out. */
  void sent(long now) {
    pingAt = now + (open ? Math.max(period / 8, LEAST) : period);
  }

  /** Returns how long until the next ping, zero if it is due. */
  long delay(long now) { return Math.max(0, pingAt - now); }
}
