package io.autorefresh.internal.cycle;

/** A ticker that is moved by hand and runs an action of the test's at each reading. */
public final class WatchedTicker extends DrivenTicker {

  private final DrivenTicker ticker;
  private final Runnable onRead;

  public WatchedTicker(DrivenTicker ticker, Runnable onRead) {
    this.ticker = ticker;
    this.onRead = onRead;
  }

  @Override
  public long read() {
    onRead.run();
    return ticker.read();
  }

  @Override
  protected void enter(Thread thread) {
    ticker.enter(thread);
  }

  @Override
  protected void leave() {
    ticker.leave();
  }

  @Override
  protected void rest(Signal signal) {
    ticker.rest(signal);
  }

  @Override
  protected void goOn() {
    ticker.goOn();
  }

  @Override
  protected double random() {
    return ticker.random();
  }
}
