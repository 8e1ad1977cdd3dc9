package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import java.util.function.LongSupplier;

/**
 * When a job's call began, for who has let the job begin, a moment before, and cannot know how long that moment is.
 * Until the call begins its time is the present: it begins no sooner. A job that ends without a call has the time at
 * which it was let begin. A moment of more than {@value #MOST} ns counts as so long: where all calls are late, they are
 * no closer together by that, and need not become fewer. Told by the job's thread, and read by any other.
 */
final class CallTime implements LongSupplier {

  private static final long MOST = 150_000_000;

  private final Ticker ticker;
  private final long letBegin;
  private volatile long late = -1;

  CallTime(Ticker ticker, long letBegin) {
    this.ticker = ticker;
    this.letBegin = letBegin;
  }

  /** The call begins. */
  void isNow() {
    late = lateNow();
  }

  /** There will be no call, if there was none. */
  void settle() {
    if (late < 0) {
      late = 0;
    }
  }

  @Override
  public long getAsLong() {
    long known = late;
    return letBegin + (known < 0 ? lateNow() : known);
  }

  private long lateNow() {
    return Math.max(0, Math.min(ticker.read() - letBegin, MOST));
  }
}
