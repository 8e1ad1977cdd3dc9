package io.autorefresh;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The result of a refresh for one item. Made by {@link #updated}, {@link #unchanged}, {@link #deleted} and {@link
 * #failed}; {@link #aged} adds the age of the answer, and {@link #nextIn} the next due time. Immutable.
 *
 * @param <V> the type of items
 */
public sealed interface Outcome<V> permits Answer {

  /** The kinds of outcome. More may be added. */
  enum Kind {
    /** The item has a new value. */
    UPDATED,
    /** The item is as it was. */
    UNCHANGED,
    /** The remote no longer has the item. */
    DELETED,
    /** The refresh failed. */
    FAILED
  }

  /**
   * The item has a new value. A value that {@code equals} the previous one counts as {@link #unchanged}.
   *
   * @param value the new value; null is a {@link NullPointerException}
   * @param <V> the type of items
   * @return the outcome
   */
  static <V> Outcome<V> updated(V value) { return Answer.updated(value); }

  /**
   * The item is confirmed to be as it was, as by HTTP 304.
   *
   * @param <V> the type of items
   * @return the outcome, always the same instance
   */
  static <V> Outcome<V> unchanged() { return Answer.unchanged(); }

  /**
   * The remote no longer has the item: it is removed, and {@link Deleter} is not called. {@link
   * AutoRefreshBuilder#deletedAfter} may require several such outcomes in a row.
   *
   * @param <V> the type of items
   * @return the outcome, always the same instance
   */
  static <V> Outcome<V> deleted() { return Answer.deleted(); }

  /**
   * The refresh of the item failed: the item keeps its value and backs off.
   *
   * @param cause the reason; a {@link RetryAfterException} has its own delay; null is a {@link NullPointerException}
   * @param <V> the type of items
   * @return the outcome
   */
  static <V> Outcome<V> failed(Throwable cause) { return Answer.failed(cause); }

  /**
   * Returns this outcome with the age that the answer had when it came: HTTP's {@code Age}, or the lag of a replica.
   * The item's age includes it. Without effect on {@link #deleted} and {@link #failed}.
   *
   * <pre>{@code
   * Duration age = Duration.ofSeconds(response.headers().firstValueAsLong("Age").orElse(0));
   * return (response.statusCode() == 304 ? Outcome.<Price>unchanged() : Outcome.updated(parse(response))).aged(age);
   * }</pre>
   *
   * @param age the age of the answer; less than zero counts as zero, and more than 365 days as 365 days
   * @return a new outcome
   */
  Outcome<V> aged(Duration age);

  /**
   * Returns this outcome with the time after which the item is due next, sooner or later than the period: before a
   * token expires, or by {@code Cache-Control}. Less than a tenth of the period counts as a tenth, more than 365 days
   * as 365 days. Without effect on {@link #deleted} and {@link #failed}.
   *
   * <pre>{@code
   * Token token = issuer.issue(id);     // renewed a minute before it expires
   * return Outcome.updated(token).nextIn(Duration.between(Instant.now(), token.expiry()).minusMinutes(1));
   * }</pre>
   *
   * @param delay the time from the answer until the item is due
   * @return a new outcome
   */
  Outcome<V> nextIn(Duration delay);

  /**
   * Returns the kind of this outcome.
   *
   * @return the kind
   */
  Kind kind();

  /**
   * Returns the new value.
   *
   * @return the value of {@link #updated}, otherwise null
   */
  @Nullable V value();

  /**
   * Returns the cause of the failure.
   *
   * @return the cause of {@link #failed}, otherwise null
   */
  @Nullable Throwable cause();

  /**
   * Returns the age that the answer had when it came.
   *
   * @return the argument of {@link #aged}, otherwise zero
   */
  Duration age();

  /**
   * Returns the time from the answer until the item is due.
   *
   * @return the argument of {@link #nextIn}, or empty
   */
  Optional<Duration> nextIn();
}
