package io.autorefresh;

/** The ticker of {@link System#nanoTime()}. */
enum SystemTicker implements Ticker {
  INSTANCE;

  @Override
  public long read() { return System.nanoTime(); }
}
