package io.autorefresh.internal.cycle;

/** Passes on what a ticker that is moved by hand is told. */
public abstract class ForwardingTicker extends DrivenTicker {

  private final DrivenTicker ticker;

  protected ForwardingTicker(DrivenTicker ticker) {
    this.ticker = ticker;
  }

  @Override
  public long read() {
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
