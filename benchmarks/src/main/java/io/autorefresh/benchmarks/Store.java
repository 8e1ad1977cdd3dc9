package io.autorefresh.benchmarks;

import java.util.function.Function;

/**
 * A peer as a map of items. A fork loads one implementation only, so that the JIT compiler binds and inlines calls
 * through this interface for each peer alike.
 */
interface Store extends AutoCloseable {

  /** Returns the item of an id, or null. */
  Item get(String id);

  /** Returns the item of an id, which is the given one if there was none. */
  Item getOrCreate(String id, Item item);

  /** Returns the item of an id, which the creator makes if there is none, once for all callers. */
  Item getOrCreate(String id, Function<String, Item> creator);

  void remove(String id);

  /** Carries out the peer's pending upkeep: removals, evictions, the ordering of its entries. */
  void settle();

  int size();

  /** Begins to give each of these ids a new item once per period, the period given when the store was opened. */
  Refreshing refresh(String[] ids);

  /** The cache itself, the root of all its memory. */
  Object root();

  @Override
  void close();

  /** A refresh that goes on in the background. */
  interface Refreshing extends AutoCloseable {

    /** Returns how many items were given so far. */
    long count();

    @Override
    void close();
  }
}
