package io.autorefresh.internal.items;

import static java.util.Objects.requireNonNull;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The items as a map: live, weakly consistent, without state of its own. */
final class MapView<K, V> extends AbstractMap<K, V> {

  private final ItemMap<K, V> map;
  private final Table<K, V> table;

  MapView(ItemMap<K, V> map) {
    this.map = map;
    this.table = map.table;
  }

  @Override
  public int size() { return map.size(); }

  /** An id of another type equals none. */
  @Override
  @SuppressWarnings("unchecked")
  public @Nullable V get(@Nullable Object id) { return table.get((K) requireNonNull(id, "id")); }

  @Override
  public boolean containsKey(@Nullable Object id) {
    return table.find(requireNonNull(id, "id"), Table.hash(id)) != null;
  }

  @Override
  public boolean containsValue(@Nullable Object value) { return super.containsValue(requireNonNull(value, "value")); }

  @Override
  public Set<K> keySet() { return new Part<>(Item::id, this::containsKey); }

  @Override
  public Collection<V> values() { return new Part<>(Item::value, this::containsValue); }

  @Override
  public Set<Entry<K, V>> entrySet() {
    return new Part<>(
        item -> Map.entry(item.id(), item.value()),
        other -> other instanceof Entry<?, ?> entry && entry.getKey() != null
            && table.find(entry.getKey(), Table.hash(entry.getKey())) instanceof Item<K, V> item
            && item.value().equals(entry.getValue()));
  }

  /** The keys, values or entries. Their number may change at any time, so no stream may rely on it. */
  private final class Part<T> extends AbstractSet<T> {

    private final Function<Item<K, V>, T> part;
    private final Predicate<@Nullable Object> contains;

    Part(Function<Item<K, V>, T> part, Predicate<@Nullable Object> contains) {
      this.part = part;
      this.contains = contains;
    }

    @Override
    public int size() { return map.size(); }

    @Override
    public boolean contains(@Nullable Object element) { return contains.test(element); }

    @Override
    public Iterator<T> iterator() { return new Cursor<>(table, part); }

    @Override
    public Spliterator<T> spliterator() {
      return Spliterators.spliteratorUnknownSize(iterator(), Spliterator.NONNULL);
    }
  }
}
