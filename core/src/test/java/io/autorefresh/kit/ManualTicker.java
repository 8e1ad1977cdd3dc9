package io.autorefresh.kit;

import io.autorefresh.internal.cycle.DrivenTicker;
import io.autorefresh.internal.cycle.Signal;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The ticker of the library's test kit for tests that move it at once, and wait for conditions. It knows which thread
 * belongs to which ticker, so that a {@link Gate} counts as rest.
 */
public final class ManualTicker implements DrivenTicker {

  private static final Map<Thread, ManualTicker> TICKERS = new ConcurrentHashMap<>();

  private volatile Runnable onRead = () -> {};
  private final io.autorefresh.testing.ManualTicker ticker = new io.autorefresh.testing.ManualTicker();

  /** Returns the ticker of the cache to which the calling thread belongs, or null. */
  static @Nullable ManualTicker ofThread() {
    return TICKERS.get(Thread.currentThread());
  }

  /** Sets what is run at each reading. */
  public ManualTicker onRead(Runnable action) {
    onRead = action;
    return this;
  }

  public ManualTicker advance(Duration duration) {
    ticker.jump(duration);
    return this;
  }

  /** Returns when the cache has done what is due by now, and all its threads wait. */
  public ManualTicker awaitNoticed() {
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
    return ticker.read();
  }

  @Override
  public void enter(Thread thread) {
    TICKERS.put(thread, this);
    ticker.enter(thread);
  }

  @Override
  public void leave() {
    TICKERS.remove(Thread.currentThread());
    ticker.leave();
  }

  @Override
  public void rest(Signal signal) {
    ticker.rest(signal);
  }

  @Override
  public void goOn() {
    ticker.goOn();
  }

  @Override
  public double random() {
    return ticker.random();
  }
}
