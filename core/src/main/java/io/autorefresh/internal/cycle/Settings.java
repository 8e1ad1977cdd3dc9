package io.autorefresh.internal.cycle;

import io.autorefresh.BatchCreator;
import io.autorefresh.BatchRefresher;
import io.autorefresh.CreationException;
import io.autorefresh.Creator;
import io.autorefresh.Deleter;
import io.autorefresh.ItemEvent;
import io.autorefresh.Refresher;
import io.autorefresh.Ticker;
import io.autorefresh.share.Codec;
import io.autorefresh.share.Exchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a cache: the builder writes them, {@link #checked} checks and copies them, and everything below reads
 * the copy, which does not change any more.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Settings<K, V> implements Cloneable {

  private static final Duration MIN_TIME = Duration.ofMillis(1);
  static final Duration MAX_TIME = Duration.ofDays(365);
  private static final int MAX_BATCH = 1_000_000;
  private static final int MAX_CONCURRENCY = 1_000_000;
  private static final double MAX_CALLS = 1_000_000;
  private static final long MAX_SIZE = 1L << 30;
  private static final int DEFAULT_BATCH = 100;

  public String name = "autorefresh";
  public @Nullable Refresher<? super K, V> refresher;
  public @Nullable BatchRefresher<K, V> batchRefresher;
  public @Nullable Creator<? super K, ? extends V> creator;
  public @Nullable BatchCreator<K, V> batchCreator;
  public @Nullable Deleter<? super K, ? super V> deleter;
  public @Nullable Predicate<? super V> terminal;
  public @Nullable BiFunction<? super K, ? super V, ?> batchBy;
  public @Nullable BiFunction<? super K, ? super V, Duration> interval;
  public BiPredicate<? super V, ? super V> unchangedWhen = Object::equals;
  public @Nullable Consumer<? super ItemEvent<K, V>> listener;
  public @Nullable Duration refreshEvery;
  public long maximumSize = 500_000;
  public @Nullable Integer givenBatchSize;
  public int maxConcurrency = 16;
  public @Nullable Double maxCallsPerSecond;
  public boolean spread = true;
  public boolean refreshOnCreate = true;
  public int deletedAfter = 1;
  public @Nullable Duration keepTerminal;
  public Duration refreshTimeout = Duration.ofSeconds(30);
  public @Nullable Duration givenBackoffInitial;
  public @Nullable Duration givenBackoffMax;
  public Duration closeTimeout = Duration.ofSeconds(10);
  public boolean recordStats;
  public @Nullable Exchange exchange;
  public @Nullable Codec<K, V> codec;
  public Ticker ticker = Ticker.systemTicker();

  // What follows from these, in nanoseconds; set in the copy.
  long period;
  long timeout;
  long backoffInitial;
  long backoffMax;
  int batchSize;
  int createBatchSize;
  @Nullable Refresh<K, V> refresh;
  /** The context class loader of the threads. */
  @Nullable ClassLoader loader;

  /** Tells this cache from the others that share its refreshes. */
  int node;

  /** Draws back-offs and the phase. */
  DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();
  /** For waits that a ticker moved by hand must not prolong. */
  Ticker realTime = Ticker.systemTicker();

  /** Checks everything and returns a copy, or throws an exception that names all that is wrong. */
  public Settings<K, V> checked() {
    List<String> wrong = new ArrayList<>();
    if (name.isBlank()) {
      wrong.add("name must not be blank, but is '" + name + "'");
    }
    if (refresher == null && batchRefresher == null) {
      wrong.add("refresh or refreshBatch must be set, but neither is");
    } else if (refresher != null && batchRefresher != null) {
      wrong.add("one of refresh and refreshBatch must be set, but both are");
    }
    if (creator != null && batchCreator != null) {
      wrong.add("one of create and createBatch may be set, but both are");
    }
    if (refreshEvery == null) {
      wrong.add("refreshEvery must be set, from " + MIN_TIME + " to " + MAX_TIME + ", but is not");
    } else {
      checkTime("refreshEvery", refreshEvery, MIN_TIME, wrong);
    }
    check("maximumSize", maximumSize, 1, MAX_SIZE, wrong);
    if (givenBatchSize != null) {
      check("batchSize", givenBatchSize, 1, MAX_BATCH, wrong);
      if (refresher != null && batchCreator == null) {
        wrong.add("batchSize must not be set beside refresh, whose jobs have one item, but is " + givenBatchSize);
      }
    }
    check("maxConcurrency", maxConcurrency, 1, MAX_CONCURRENCY, wrong);
    check("deletedAfter", deletedAfter, 1, Integer.MAX_VALUE, wrong);
    if (maxCallsPerSecond != null && !(maxCallsPerSecond > 0 && maxCallsPerSecond <= MAX_CALLS)) {
      wrong.add("maxCallsPerSecond must be more than 0 and at most " + MAX_CALLS + ", but is " + maxCallsPerSecond);
    }
    checkTime("refreshTimeout", refreshTimeout, MIN_TIME, wrong);
    if (keepTerminal != null) {
      checkTime("keepTerminal", keepTerminal, Duration.ZERO, wrong);
    }
    checkTime("closeTimeout", closeTimeout, Duration.ZERO, wrong);
    if (givenBackoffInitial != null && givenBackoffMax != null) {
      checkTime("backoff initial", givenBackoffInitial, MIN_TIME, wrong);
      Duration min = isTime(givenBackoffInitial, MIN_TIME) ? givenBackoffInitial : MIN_TIME;
      checkTime("backoff max", givenBackoffMax, min, wrong);
    }
    if (!wrong.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", wrong));
    }
    return copy();
  }

  @SuppressWarnings("unchecked")
  private Settings<K, V> copy() {
    Settings<K, V> copy;
    try {
      copy = (Settings<K, V>) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
    copy.period = refreshEvery == null ? 0 : refreshEvery.toNanos();
    copy.timeout = refreshTimeout.toNanos();
    // Times a factor from a half to one: a failed call is not repeated within its period.
    long twoPeriods = Math.min(2 * copy.period, MAX_TIME.toNanos());
    copy.backoffInitial = givenBackoffInitial == null ? twoPeriods : givenBackoffInitial.toNanos();
    copy.backoffMax = givenBackoffMax == null ? twoPeriods : givenBackoffMax.toNanos();
    copy.createBatchSize = givenBatchSize == null ? DEFAULT_BATCH : givenBatchSize;
    if (refresher != null) {
      copy.batchSize = 1;
      copy.refresh = Refresh.each(refresher);
    } else if (batchRefresher != null) {
      copy.batchSize = copy.createBatchSize;
      copy.refresh = Refresh.batch(batchRefresher);
    }
    if (ticker instanceof DrivenTicker driven) {
      copy.random = driven::random;
    }
    if (exchange != null) {
      copy.node = (int) (long) (copy.random.getAsDouble() * (1L << 32));
    }
    copy.loader = Thread.currentThread().getContextClassLoader();
    return copy;
  }

  private static void check(String setting, long value, long min, long max, List<String> wrong) {
    if (value < min || value > max) {
      wrong.add(setting + " must be from " + min + " to " + max + ", but is " + value);
    }
  }

  private static void checkTime(String setting, Duration value, Duration min, List<String> wrong) {
    if (!isTime(value, min)) {
      wrong.add(setting + " must be from " + min + " to " + MAX_TIME + ", but is " + value);
    }
  }

  private static boolean isTime(Duration value, Duration min) {
    return value.compareTo(min) >= 0 && value.compareTo(MAX_TIME) <= 0;
  }

  /** Returns the period of sync cycles in nanoseconds. */
  public long period() { return period; }

  /**
   * Makes the exception that the callers of an id get.
   *
   * @param cause why there is no item, or null if the answer does not mention it
   */
  public CreationException creationFailed(Object id, @Nullable Throwable cause) {
    String outcome = cause == null ? " did not return it" : " failed";
    return new CreationException("the creator of '" + FailureLog.text(id) + "' in " + name + outcome, cause);
  }

  /** Whether other caches share the refreshes. */
  public boolean isShared() { return exchange != null; }

  /** Returns a duration in nanoseconds, from zero to the longest time of a setting. */
  static long nanos(Duration duration) {
    Duration most = duration.compareTo(MAX_TIME) > 0 ? MAX_TIME : duration;
    return Math.max(0, duration.isNegative() ? 0 : most.toNanos());
  }

  /** Whether items have groups. */
  public boolean isGrouped() { return batchBy != null; }
}
