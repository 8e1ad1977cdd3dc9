package io.autorefresh.internal.share;

import org.jspecify.annotations.Nullable;

/**
 * Ties the time of the engine behind an exchange to the ticker of this JVM. A claim was sent at one reading of the
 * ticker and answered at another, and the engine read its clock in between. So a time of the engine is known to within
 * that round trip and a millisecond. It is taken for as early as it may have been: ages are overstated and never
 * understated. Wall clocks are never compared.
 *
 * <p>Safe for use by many threads.
 */
public final class ExchangeClock {

  private static final long MILLI = 1_000_000;
  /** In milliseconds: nothing is older, and times beyond are wrong. */
  private static final long CENTURY = 3_155_760_000_000L;

  private record Tie(long sent, long answered, long millis) {}

  private volatile @Nullable Tie tie;

  /** Whether a claim was answered so far; before, no time is known. */
  public boolean isSet() { return tie != null; }

  /**
   * A claim was answered.
   *
   * @param sent the ticker's reading before the claim
   * @param answered the ticker's reading after the answer
   * @param millis the time of the engine in between
   */
  public void tie(long sent, long answered, long millis) {
    tie = new Tie(sent, answered, Math.clamp(millis, Long.MIN_VALUE + CENTURY, Long.MAX_VALUE - CENTURY));
  }

  /** Returns a time of the engine as a reading of the ticker, at the latest now. */
  public long toLocal(long millis, long now) {
    Tie known = known();
    long near = Math.clamp(millis, known.millis - CENTURY, known.millis + CENTURY);
    long local = known.sent - (known.millis - near + 1) * MILLI;
    return local - now > 0 ? now : local;
  }

  /** Returns a reading of the ticker as the earliest time of the engine that it may have been. */
  public long toEngine(long reading) {
    Tie known = known();
    return known.millis + Math.floorDiv(reading - known.answered, MILLI);
  }

  private Tie known() {
    Tie known = tie;
    if (known == null) {
      throw new IllegalStateException("the exchange has not told its time");
    }
    return known;
  }
}
