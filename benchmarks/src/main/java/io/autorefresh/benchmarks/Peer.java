package io.autorefresh.benchmarks;

import java.time.Duration;

/** The peers that hold items: this library, and the maps and caches that its users would pick instead. */
public enum Peer implements Labelled {
  /** This library. */
  AUTOREFRESH("AutoRefresh") {
    @Override
    Store open(int maximumSize, Duration period) {
      return new AutoRefreshStore(maximumSize, period);
    }
  },
  /** The limit: neither bounded nor refreshed by itself. */
  CONCURRENT_HASH_MAP("ConcurrentHashMap") {
    @Override
    Store open(int maximumSize, Duration period) {
      return new MapStore(period);
    }
  },
  /** Caffeine, bounded by size. */
  CAFFEINE("Caffeine") {
    @Override
    Store open(int maximumSize, Duration period) {
      return CaffeineStore.bounded(maximumSize, period);
    }
  },
  /** Caffeine, bounded by size and with a refresh that is due when an item has missed its period. */
  CAFFEINE_REFRESH("Caffeine refreshAfterWrite") {
    @Override
    Store open(int maximumSize, Duration period) {
      return CaffeineStore.refreshing(maximumSize, period);
    }
  },
  /** Guava, bounded by size. */
  GUAVA("Guava") {
    @Override
    Store open(int maximumSize, Duration period) {
      return new GuavaStore(maximumSize, period);
    }
  },
  /** The cache of cache2k, bounded by size. */
  CACHE2K("cache2k") {
    @Override
    Store open(int maximumSize, Duration period) {
      return new Cache2kStore(maximumSize, period);
    }
  };

  private static final Duration SELDOM = Duration.ofHours(1);
  private static final int FOREIGN_SALT = 7;

  private final String label;

  Peer(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  boolean isBounded() {
    return this != CONCURRENT_HASH_MAP;
  }

  /** Opens an empty store of at most that many items, if it is bounded, to be refreshed once per period on demand. */
  abstract Store open(int maximumSize, Duration period);

  /** Opens an empty store whose items are never refreshed. */
  Store open(int maximumSize) {
    return open(maximumSize, SELDOM);
  }

  /**
   * Opens a store that holds exactly these ids. A bounded store was over-full before, as some peers do no bookkeeping
   * until then. A fourth of its room is free, so that peers that bound each segment keep all items. Each id has an item
   * of its own, and all have survived a garbage collection.
   */
  Store openFilled(String[] ids, Duration period) {
    int maximumSize = ids.length + ids.length / 4;
    Store store = open(maximumSize, period);
    if (isBounded()) {
      String[] foreign = Ids.of(maximumSize + maximumSize / 2, FOREIGN_SALT);
      for (String id : foreign) {
        store.getOrCreate(id, Item.FIRST);
      }
      store.settle();
      for (String id : foreign) {
        store.remove(id);
      }
      store.settle();
    }
    for (String id : ids) {
      store.getOrCreate(id, Item.FIRST.next());
    }
    store.settle();
    requireFilled(store, ids);
    System.gc();
    return store;
  }

  /** Fails if a store does not hold all of these ids, since its work would differ from that of its peers. */
  void requireFilled(Store store, String[] ids) {
    for (String id : ids) {
      if (store.get(id) == null) {
        throw new IllegalStateException(label + " has lost the id " + id + " of " + ids.length);
      }
    }
  }
}
