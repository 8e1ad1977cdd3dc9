package io.autorefresh.internal.items;

import org.jspecify.annotations.Nullable;

/**
 * An item whose refreshes several caches share; a class of its own, since others need no version. Every one has a due
 * time of its own. The version is guarded by the lock of the item's stripe, and peeked at without.
 */
public final class SharedItem<K, V> extends DatedItem<K, V> {

  /** The version of a value that was created here: no other cache is known to have it. */
  public static final long NO_VERSION = Long.MIN_VALUE;

  private final @Nullable String text;
  long version = NO_VERSION;
  /** Whether an item of the same id was removed not long ago: what other caches found out then is not of this one. */
  boolean isRecreated;
  /** Whether its last confirmation came from a call of this cache. */
  boolean own;
  private volatile int publishedIn;

  SharedItem(
      K id,
      int hash,
      V value,
      long now,
      boolean terminal,
      Condition condition,
      @Nullable Object group,
      long dueAt,
      @Nullable String text) {
    super(id, hash, value, now, terminal, condition, group, dueAt);
    this.text = text;
  }

  /** Returns the text of its id, or null if that could not be had: then the item is not shared. */
  public @Nullable String text() { return text; }

  /** Returns the version of its value. */
  public long version() { return version; }

  /** Returns the epoch in which its value was published last, or zero. */
  public int publishedIn() { return publishedIn; }

  /** Its value is in the exchange since that epoch, or is not if that is zero. */
  public void setPublishedIn(int epoch) {
    publishedIn = epoch;
  }

  public int hash() { return hash; }

  @Override
  public boolean isOwn() { return own; }
}
