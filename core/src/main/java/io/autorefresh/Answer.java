package io.autorefresh;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one implementation of {@link Outcome}.
 *
 * @param content the value or the cause, by kind
 * @param terms the age and the next due time, or null if the remote named neither
 */
record Answer<V>(Kind kind, @Nullable Object content, @Nullable Terms terms) implements Outcome<V> {

  private static final Duration MAX = Duration.ofDays(365);
  private static final Terms NONE = new Terms(Duration.ZERO, null);
  private static final Answer<?> UNCHANGED = new Answer<>(Kind.UNCHANGED, null, null);
  private static final Answer<?> DELETED = new Answer<>(Kind.DELETED, null, null);

  /** The arguments of {@link #aged} and {@link #nextIn}. */
  record Terms(Duration age, @Nullable Duration nextIn) {}

  static <V> Answer<V> updated(V value) { return new Answer<>(Kind.UPDATED, requireNonNull(value, "value"), null); }

  @SuppressWarnings("unchecked")
  static <V> Answer<V> unchanged() { return (Answer<V>) UNCHANGED; }

  @SuppressWarnings("unchecked")
  static <V> Answer<V> deleted() { return (Answer<V>) DELETED; }

  static <V> Answer<V> failed(Throwable cause) {
    return new Answer<>(Kind.FAILED, requireNonNull(cause, "cause"), null);
  }

  @Override
  public Outcome<V> aged(Duration age) {
    return new Answer<>(kind, content, new Terms(bounded(requireNonNull(age, "age")), known().nextIn));
  }

  @Override
  public Outcome<V> nextIn(Duration delay) {
    return new Answer<>(kind, content, new Terms(known().age, bounded(requireNonNull(delay, "delay"))));
  }

  private Terms known() { return terms == null ? NONE : terms; }

  private static Duration bounded(Duration duration) {
    if (duration.isNegative()) {
      return Duration.ZERO;
    }
    return duration.compareTo(MAX) > 0 ? MAX : duration;
  }

  @Override
  @SuppressWarnings("unchecked")
  public @Nullable V value() { return kind == Kind.UPDATED ? (V) content : null; }

  @Override
  public @Nullable Throwable cause() { return kind == Kind.FAILED ? (Throwable) content : null; }

  @Override
  public Duration age() { return known().age; }

  @Override
  public Optional<Duration> nextIn() { return Optional.ofNullable(known().nextIn); }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(kind.name().toLowerCase(java.util.Locale.ROOT));
    if (content != null) {
      text.append('(').append(content).append(')');
    }
    if (terms != null) {
      text.append(" aged ").append(terms.age);
      nextIn().ifPresent(delay -> text.append(" next in ").append(delay));
    }
    return text.toString();
  }
}
