package io.autorefresh.benchmarks;

/** A peer that refreshes all of its items on demand. */
interface SyncLoop extends AutoCloseable {

  /** Asks the remote once for every item, and returns when all answers have been applied. */
  void cycle() throws InterruptedException;

  /** Returns the item of an id, or null. */
  Item get(String id);

  @Override
  void close();

  /** Runs one cycle, and fails if it was not one: the remote must be asked once for each of that many items. */
  static void requireWhole(SyncLoop loop, Remote remote, int items) throws InterruptedException {
    long before = remote.counted();
    remote.count(true);
    loop.cycle();
    remote.count(false);
    long asked = remote.counted() - before;
    if (asked != items) {
      throw new IllegalStateException("a cycle over " + items + " items asked for " + asked);
    }
  }
}
