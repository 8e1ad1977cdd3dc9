package io.autorefresh;

import java.util.Objects;

/**
 * What a refresh says of one item. Immutable; {@link #unchanged()} and {@link #deleted()} are shared instances.
 *
 * @param <V> the type of items
 */
public sealed interface Outcome<V> {

  /**
   * The item has a new value.
   *
   * @param value the new value; null is a {@link NullPointerException}
   * @param <V> the type of items
   * @return the outcome
   */
  static <V> Outcome<V> updated(V value) {
    return new Updated<>(value);
  }

  /**
   * The item is confirmed to be as it was.
   *
   * @param <V> the type of items
   * @return the outcome, always the same instance
   */
  @SuppressWarnings("unchecked")
  static <V> Outcome<V> unchanged() {
    return (Outcome<V>) Unchanged.INSTANCE;
  }

  /**
   * The remote no longer has the item: it is removed, and {@link Deleter} is not called.
   *
   * @param <V> the type of items
   * @return the outcome, always the same instance
   */
  @SuppressWarnings("unchecked")
  static <V> Outcome<V> deleted() {
    return (Outcome<V>) Deleted.INSTANCE;
  }

  /**
   * Nothing could be found out of this item: its value is kept, and it is backed off.
   *
   * @param cause why; a {@link RetryAfterException} brings its own delay; null is a {@link NullPointerException}
   * @param <V> the type of items
   * @return the outcome
   */
  static <V> Outcome<V> failed(Throwable cause) {
    return new Failed<>(cause);
  }

  /**
   * The item has a new value.
   *
   * @param value the new value
   * @param <V> the type of items
   */
  record Updated<V>(V value) implements Outcome<V> {
    /** Refuses null. */
    public Updated {
      Objects.requireNonNull(value, "value");
    }
  }

  /**
   * The item is confirmed to be as it was.
   *
   * @param <V> the type of items
   */
  record Unchanged<V>() implements Outcome<V> {
    private static final Unchanged<?> INSTANCE = new Unchanged<>();
  }

  /**
   * The remote no longer has the item.
   *
   * @param <V> the type of items
   */
  record Deleted<V>() implements Outcome<V> {
    private static final Deleted<?> INSTANCE = new Deleted<>();
  }

  /**
   * Nothing could be found out of the item.
   *
   * @param cause why
   * @param <V> the type of items
   */
  record Failed<V>(Throwable cause) implements Outcome<V> {
    /** Refuses null. */
    public Failed {
      Objects.requireNonNull(cause, "cause");
    }
  }
}
