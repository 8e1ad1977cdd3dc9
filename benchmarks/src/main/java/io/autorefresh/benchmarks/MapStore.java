package io.autorefresh.benchmarks;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** A {@link ConcurrentHashMap}, the measure of the others. */
final class MapStore implements Store {

  private final ConcurrentHashMap<String, Item> map = new ConcurrentHashMap<>();
  private final Duration period;

  MapStore(Duration period) {
    this.period = period;
  }

  @Override
  public Item get(String id) {
    return map.get(id);
  }

  @Override
  public Item getOrCreate(String id, Item item) {
    Item present = map.putIfAbsent(id, item);
    return present == null ? item : present;
  }

  @Override
  public Item getOrCreate(String id, Function<String, Item> creator) {
    return map.computeIfAbsent(id, creator);
  }

  @Override
  public void remove(String id) {
    map.remove(id);
  }

  @Override
  public void settle() {}

  @Override
  public int size() {
    return map.size();
  }

  @Override
  public Refreshing refresh(String[] ids) {
    return new PacedWriter(ids, period, map::put);
  }

  @Override
  public Object root() {
    return map;
  }

  @Override
  public void close() {}
}
