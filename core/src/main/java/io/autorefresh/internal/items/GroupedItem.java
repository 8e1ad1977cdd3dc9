package io.autorefresh.internal.items;

import org.jspecify.annotations.Nullable;

/** An item of a cache whose items have groups; a class of its own, since others need no reference to a group. */
sealed class GroupedItem<K, V> extends Item<K, V> permits DatedItem {

  /** The key of its group, asked for when it was created and at each new value. */
  @Nullable Object group;

  GroupedItem(K id, int hash, V value, long now, boolean terminal, Condition condition, @Nullable Object group) {
    super(id, hash, value, now, terminal, condition);
    this.group = group;
  }

  @Override
  public final @Nullable Object group() { return group; }
}
