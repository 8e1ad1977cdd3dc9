package io.autorefresh.internal.items;

/** A terminal item that is kept for some time only, and since when it is terminal. */
record Kept<K, V>(Item<K, V> item, long since) implements Comparable<Kept<K, V>> {

  @Override
  public int compareTo(Kept<K, V> other) { return Long.signum(since - other.since); }
}
