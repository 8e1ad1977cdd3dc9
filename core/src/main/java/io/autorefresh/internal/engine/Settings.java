package io.autorefresh.internal.engine;

import io.autorefresh.BatchRefresher;
import io.autorefresh.Creator;
import io.autorefresh.Deleter;
import io.autorefresh.ItemEvent;
import io.autorefresh.Refresher;
import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Refresh;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a cache, complete and within their bounds. What each means is said at the builder.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public record Settings<K, V>(
    String name,
    Refresh<K, V> refresh,
    int batchSize,
    @Nullable Creator<? super K, ? extends V> creator,
    @Nullable Deleter<? super K, ? super V> deleter,
    Predicate<? super V> terminal,
    @Nullable BiFunction<? super K, ? super V, ?> batchBy,
    @Nullable Consumer<? super ItemEvent<K, V>> listener,
    long refreshEvery,
    long maximumSize,
    int maxConcurrency,
    @Nullable Double maxCallsPerSecond,
    boolean spread,
    boolean refreshOnCreate,
    long refreshTimeout,
    long backoffInitial,
    long backoffMax,
    long closeTimeout,
    boolean recordStats,
    Ticker ticker) {

  /** The predicate where none is set. */
  static final Predicate<Object> NOTHING_IS_TERMINAL = value -> false;

  /** The settings as they are being written down: anything goes until {@link #settings}. */
  public static final class Draft<K, V> {

    private static final Duration MIN_TIME = Duration.ofMillis(1);
    private static final Duration MAX_TIME = Duration.ofDays(365);
    private static final int MAX_BATCH = 1_000_000;
    private static final int MAX_CONCURRENCY = 1_000_000;
    private static final double MAX_CALLS = 1_000_000;
    private static final long MAX_SIZE = 1L << 30;
    private static final int DEFAULT_BATCH = 100;

    public String name = "autorefresh";
    public @Nullable Refresher<? super K, V> refresher;
    public @Nullable BatchRefresher<K, V> batchRefresher;
    public @Nullable Creator<? super K, ? extends V> creator;
    public @Nullable Deleter<? super K, ? super V> deleter;
    public Predicate<? super V> terminal = NOTHING_IS_TERMINAL;
    public @Nullable BiFunction<? super K, ? super V, ?> batchBy;
    public @Nullable Consumer<? super ItemEvent<K, V>> listener;
    public @Nullable Duration refreshEvery;
    public long maximumSize = 500_000;
    public @Nullable Integer batchSize;
    public int maxConcurrency = 16;
    public @Nullable Double maxCallsPerSecond;
    public boolean spread = true;
    public boolean refreshOnCreate = true;
    public Duration refreshTimeout = Duration.ofSeconds(30);
    public @Nullable Duration backoffInitial;
    public @Nullable Duration backoffMax;
    public Duration closeTimeout = Duration.ofSeconds(10);
    public boolean recordStats;
    public Ticker ticker = Ticker.systemTicker();

    /** Checks everything and returns it, or throws an exception that names all that is wrong. */
    public Settings<K, V> settings() {
      List<String> wrong = new ArrayList<>();
      if (name.isBlank()) {
        wrong.add("name must not be blank, but is '" + name + "'");
      }
      if (refresher == null && batchRefresher == null) {
        wrong.add("refresh or refreshBatch must be set, but neither is");
      } else if (refresher != null && batchRefresher != null) {
        wrong.add("one of refresh and refreshBatch must be set, but both are");
      }
      Duration period = refreshEvery;
      if (period == null) {
        wrong.add("refreshEvery must be set, from " + MIN_TIME + " to " + MAX_TIME + ", but is not");
      } else {
        checkTime("refreshEvery", period, MIN_TIME, wrong);
      }
      check("maximumSize", maximumSize, 1, MAX_SIZE, wrong);
      int batch = checkBatchSize(wrong);
      check("maxConcurrency", maxConcurrency, 1, MAX_CONCURRENCY, wrong);
      Double calls = maxCallsPerSecond;
      if (calls != null && !(calls > 0 && calls <= MAX_CALLS)) {
        wrong.add("maxCallsPerSecond must be more than 0 and at most " + MAX_CALLS + ", but is " + calls);
      }
      checkTime("refreshTimeout", refreshTimeout, MIN_TIME, wrong);
      checkTime("closeTimeout", closeTimeout, Duration.ZERO, wrong);
      Duration initial = backoffInitial;
      Duration max = backoffMax;
      if (initial != null && max != null) {
        checkTime("backoff initial", initial, MIN_TIME, wrong);
        checkTime("backoff max", max, isTime(initial, MIN_TIME) ? initial : MIN_TIME, wrong);
      }
      if (!wrong.isEmpty() || period == null) {
        throw new IllegalArgumentException(String.join("; ", wrong));
      }
      long every = period.toNanos();
      return new Settings<>(
          name,
          refresh(),
          batch,
          creator,
          deleter,
          terminal,
          batchRefresher == null ? null : batchBy,
          listener,
          every,
          maximumSize,
          maxConcurrency,
          calls,
          spread,
          refreshOnCreate,
          refreshTimeout.toNanos(),
          initial == null ? every : initial.toNanos(),
          max == null ? Math.min(every + every / 4 * 3, MAX_TIME.toNanos()) : max.toNanos(),
          closeTimeout.toNanos(),
          recordStats,
          ticker);
    }

    private Refresh<K, V> refresh() {
      Refresher<? super K, V> each = refresher;
      BatchRefresher<K, V> batch = batchRefresher;
      if (each != null) {
        return Refresh.each(each);
      }
      if (batch != null) {
        return Refresh.batch(batch);
      }
      throw new AssertionError("checked before");
    }

    private int checkBatchSize(List<String> wrong) {
      Integer given = batchSize;
      if (given == null) {
        return batchRefresher == null ? 1 : DEFAULT_BATCH;
      }
      check("batchSize", given, 1, MAX_BATCH, wrong);
      return batchRefresher == null ? 1 : given;
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
  }
}
