package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import java.util.function.LongSupplier;

/**
 * How long after its job was let begin a call began: for who let it and cannot know that beforehand. It grows until the
 * call begins. A job that ends without a call was not late. Told by the job's thread, and read by any other.
 */
final class Lateness implements LongSupplier {

  private final Ticker ticker;
  private final long letBegin;
  private volatile long known = -1;

  Lateness(Ticker ticker, long letBegin) {
    this.ticker = ticker;
    this.letBegin = letBegin;
  }

  /** The call begins. */
  void callBegins() {
    known = untilNow();
  }

  /** There will be no call, if there was none. */
  void jobEnds() {
    if (known < 0) {
      known = 0;
    }
  }

  @Override
  public long getAsLong() {
    long seen = known;
    return seen < 0 ? untilNow() : seen;
  }

  private long untilNow() {
    return Math.max(0, ticker.read() - letBegin);
  }
}
