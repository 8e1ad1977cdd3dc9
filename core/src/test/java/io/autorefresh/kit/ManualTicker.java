package io.autorefresh.kit;

import io.autorefresh.internal.cycle.ForwardingTicker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The ticker of the library's test kit, for tests that move it at once and wait for conditions. It knows which thread
 * belongs to which ticker, so that a {@link Gate} counts as rest.
 */
public final class ManualTicker extends ForwardingTicker {

  private static final Map<Thread, ManualTicker> TICKERS = new ConcurrentHashMap<>();

  private final io.autorefresh.testing.ManualTicker ticker;
  private volatile Runnable onRead = () -> {};

  public ManualTicker() {
    this(new io.autorefresh.testing.ManualTicker());
  }

  private ManualTicker(io.autorefresh.testing.ManualTicker ticker) {
    super(ticker);
    this.ticker = ticker;
  }

  /** Returns the ticker of the cache to which the calling thread belongs, or null. */
  static @Nullable ManualTicker ofThread() {
    return TICKERS.get(Thread.currentThread());
  }

  /** Sets what is run at each reading. */
  public ManualTicker onRead(Runnable action) {
    onRead = action;
    return this;
  }

  /** Moves the time at once. */
  public ManualTicker jump(Duration duration) {
    ticker.jump(duration);
    return this;
  }

  /** Moves the time from one due time to the next, and returns when the cache has done what was due. */
  public ManualTicker advance(Duration duration) {
    ticker.advance(duration);
    return this;
  }

  /** Returns when the cache has done what is due by now, and all its threads wait. */
  public ManualTicker settle() {
    ticker.settle();
    return this;
  }

  /** Runs what blocks for a reason of the test's; meanwhile the calling thread counts as at rest. */
  public <T> T outside(Callable<T> task) throws Exception {
    return ticker.outside(task);
  }

  @Override
  public long read() {
    onRead.run();
    return super.read();
  }

  @Override
  protected void enter(Thread thread) {
    TICKERS.put(thread, this);
    super.enter(thread);
  }

  @Override
  protected void leave() {
    TICKERS.remove(Thread.currentThread());
    super.leave();
  }
}
