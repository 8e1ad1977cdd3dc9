package io.autorefresh.internal.engine;

import io.autorefresh.internal.cycle.Settings;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** An engine that counts how many reads found an item: a class of its own, so that the common one need not ask. */
final class RecordingEngine<K, V> extends Engine<K, V> {

  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();

  RecordingEngine(Settings<K, V> settings, Snapshots<V> snapshots) {
    super(settings, snapshots);
  }

  @Override
  public @Nullable V get(K id) {
    V item = super.get(id);
    (item == null ? misses : hits).increment();
    return item;
  }

  @Override
  long hits() { return hits.sum(); }

  @Override
  long misses() { return misses.sum(); }
}
