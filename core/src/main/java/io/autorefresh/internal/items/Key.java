package io.autorefresh.internal.items;

/** An id with its hash, known from its item, so that a look-up calls no {@code hashCode} of the user's. */
record Key<K>(K id, int hash) {

  @Override
  public int hashCode() { return hash; }

  @Override
  public boolean equals(Object other) {
    return other instanceof Key<?> key && hash == key.hash && (id == key.id || id.equals(key.id));
  }
}
