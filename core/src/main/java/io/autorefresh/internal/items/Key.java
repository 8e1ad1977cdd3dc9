package io.autorefresh.internal.items;

/** An id with its hash, known from its item: looking it up calls none of the user's code but {@code equals}. */
record Key<K>(K id, int hash) {

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Key<?> key && hash == key.hash && (id == key.id || id.equals(key.id));
  }

  /** Returns what is equal to this very key alone: by it a map finds the key, and calls none of the user's code. */
  Object itself() {
    return new Itself(this);
  }

  private record Itself(Key<?> key) {

    @Override
    public int hashCode() {
      return key.hash;
    }

    @Override
    public boolean equals(Object other) {
      return other == key;
    }
  }
}
