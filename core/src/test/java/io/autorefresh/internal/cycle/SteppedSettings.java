package io.autorefresh.internal.cycle;

import io.autorefresh.Ticker;
import java.util.function.DoubleSupplier;

/** Settings whose chance and real time are a test's. */
public final class SteppedSettings {

  private SteppedSettings() {}

  /** Returns the settings, checked; their real time is that of their ticker. */
  public static <K, V> Settings<K, V> of(Settings<K, V> settings, DoubleSupplier random) {
    Ticker realTime = settings.ticker;
    settings.random = random;
    settings.realTime = realTime;
    return settings.checked();
  }
}
