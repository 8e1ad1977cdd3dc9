package io.autorefresh.benchmarks;

/** The peers that refresh all of their items in one go: this library, and loops that its users would write instead. */
public enum SyncPeer implements Labelled {
  /** This library's {@code sync}. */
  AUTOREFRESH("AutoRefresh") {
    @Override
    SyncLoop open(String[] ids, int batch, int concurrency, Remote remote) {
      return new AutoRefreshLoop(ids, batch, concurrency, remote);
    }
  },
  /** A loop over a map, a semaphore and a virtual thread per job. */
  BARE_LOOP("bare loop") {
    @Override
    SyncLoop open(String[] ids, int batch, int concurrency, Remote remote) {
      return new BareLoop(ids, batch, concurrency, remote, false);
    }
  },
  /** The same, within one StructuredTaskScope. */
  BARE_SCOPE("bare scope loop") {
    @Override
    SyncLoop open(String[] ids, int batch, int concurrency, Remote remote) {
      return new BareLoop(ids, batch, concurrency, remote, true);
    }
  },
  /** Caffeine's {@code refreshAll} on an executor of virtual threads; it knows no batches. */
  CAFFEINE_REFRESH_ALL("Caffeine refreshAll") {
    @Override
    SyncLoop open(String[] ids, int batch, int concurrency, Remote remote) {
      if (batch != 1) {
        throw new IllegalArgumentException("Caffeine reloads one by one");
      }
      return new CaffeineLoop(ids, concurrency, remote);
    }
  };

  private final String label;

  SyncPeer(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  boolean knowsBatches() {
    return this != CAFFEINE_REFRESH_ALL;
  }

  /** Opens a loop over these ids that asks the remote in batches of that size, for so many at once at most. */
  abstract SyncLoop open(String[] ids, int batch, int concurrency, Remote remote);
}
