package io.autorefresh.testing;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.BatchRefresher;
import io.autorefresh.ItemState;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How fresh a cache will be with given settings, and which calls that takes: a help to choose settings. A cache with
 * these settings really runs, against a {@link FakeRemote}, on a {@link ManualTicker}. It runs four periods to warm up,
 * and is then measured for ten; a period is the time in which each item can be called once. So the figures are exactly
 * those of the library, and the same for the same arguments. A forecast takes the time of the library's threads alone,
 * which make about ten thousand calls a second.
 *
 * <pre>{@code
 * Forecast forecast = Forecast.of(10_000, 42,
 *     remote -> remote.changesEvery(Duration.ofMinutes(5)).takes(Duration.ofMillis(50), Duration.ofMillis(400)),
 *     jobs -> jobs.refreshEvery(Duration.ofSeconds(10)).batchSize(50).maxCallsPerSecond(25));
 * }</pre>
 *
 * <p>Immutable.
 */
public final class Forecast {

  private static final int WARM_UP = 2;
  private static final int PERIODS = 10;
  private static final Duration LONG_AGO = Duration.ofDays(365);
  private static final int UNLIMITED = 1_000_000;

  /** What prevents that each item is called in each period. */
  public enum Limit {
    /** Nothing: each item is called in each period. */
    NONE,
    /** {@link AutoRefreshBuilder#maxConcurrency}: slots are scarce. */
    CONCURRENCY,
    /** {@link AutoRefreshBuilder#maxCallsPerSecond}. */
    CALL_RATE,
    /** The remote itself: some calls take longer than a period, or time-outs and Retry-After hold up too many. */
    REMOTE
  }

  /**
   * Percentiles of times.
   *
   * @param p50 the least time that half of them do not exceed
   * @param p99 the least time that 99 of 100 do not exceed
   * @param max the longest
   */
  public record Times(Duration p50, Duration p99, Duration max) {

    private static Times of(IntToLongFunction percentile) {
      return new Times(Duration.ofNanos(percentile.applyAsLong(50)), Duration.ofNanos(percentile.applyAsLong(99)),
          Duration.ofNanos(percentile.applyAsLong(100)));
    }
  }

  /** What one run of the cache has shown. */
  private record Run(Times age, Times delay, double callsPerSecond, double slots, boolean overruns, boolean slowCalls) {

    boolean relieves(Run other) { return !overruns || callsPerSecond > 1.01 * other.callsPerSecond; }
  }

  private final Run given;
  private final Run needed;
  private final Limit limit;

  private Forecast(Run given, Run needed, Limit limit) {
    this.given = given;
    this.needed = needed;
    this.limit = limit;
  }

  /**
   * Makes a forecast.
   *
   * @param items how many live items there are, with the ids from 0 on; the value of each is the number of its changes
   * @param seed of all random choices
   * @param remote describes the remote: how long calls take, how often items change, what goes wrong
   * @param settings sets what is to be tried, {@code batchSize(1)} for calls of one item; refresher and ticker are set
   *     already
   * @return the forecast
   * @throws IllegalArgumentException if a setting is missing or out of bounds
   */
  public static Forecast of(
      int items,
      long seed,
      Consumer<FakeRemote<Integer, Integer>> remote,
      Consumer<AutoRefreshBuilder<Integer, Integer>> settings) {
    Run given = run(items, seed, remote, settings);
    if (!given.overruns) {
      return new Forecast(given, given, given.slowCalls ? Limit.REMOTE : Limit.NONE);
    }
    Consumer<AutoRefreshBuilder<Integer, Integer>> withSlots =
        settings.andThen(jobs -> jobs.spread(true).maxConcurrency(UNLIMITED));
    Run more = run(items, seed, remote, withSlots);
    Run needed = run(items, seed, remote, withSlots.andThen(jobs -> jobs.maxCallsPerSecond(UNLIMITED)));
    Limit limit = more.relieves(given) ? Limit.CONCURRENCY : needed.relieves(more) ? Limit.CALL_RATE : Limit.REMOTE;
    return new Forecast(given, needed, limit);
  }

  private static Run run(
      int items,
      long seed,
      Consumer<FakeRemote<Integer, Integer>> description,
      Consumer<AutoRefreshBuilder<Integer, Integer>> settings) {
    ManualTicker ticker = new ManualTicker(seed, Duration.ofMinutes(1));
    FakeRemote<Integer, Integer> remote = new FakeRemote<>(ticker, seed, (id, version) -> version);
    IntStream.range(0, items).forEach(remote::create);
    ticker.jump(LONG_AGO);
    description.accept(remote);
    Meter meter = new Meter(ticker, remote, items);
    AutoRefreshBuilder<Integer, Integer> builder = AutoRefresh.<Integer, Integer>builder().name("forecast")
        .ticker(ticker).refreshBatch(meter);
    settings.accept(builder);
    try (AutoRefresh<Integer, Integer> cache = builder.build()) {
      IntStream.range(0, items).forEach(id -> cache.getOrCreate(id, remote));
      Duration period = cache.stats().period();
      cache.start();
      ticker.advance(period.multipliedBy(WARM_UP));
      ticker.advance(cache.stats().period().multipliedBy(WARM_UP));
      Stats before = cache.stats();
      Duration span = before.period().multipliedBy(PERIODS);
      long busy = remote.busy();
      meter.begin(cache);
      ticker.advance(span);
      meter.end();
      Stats stats = cache.stats().minus(before);
      double nanos = span.toNanos();
      double slots = (remote.busy() - busy) / nanos;
      boolean slowCalls = Math.max(remote.longest(), meter.longest) > period.toNanos();
      remote.heal();
      return new Run(Times.of(meter::age), Times.of(meter::delay), stats.refreshCalls() / (nanos / 1e9), slots,
          stats.overruns() > 0, slowCalls);
    }
  }

  /** Reads the state of items before each of their calls, and at the end. Guarded by its lock while the cache runs. */
  private static final class Meter implements BatchRefresher<Integer, Integer> {

    private final ManualTicker ticker;
    private final FakeRemote<Integer, Integer> remote;
    private final ReentrantLock lock = new ReentrantLock();
    /** When each item was confirmed last, as far as this was read. */
    private final long[] confirmed;
    private final int[] versions;
    /** By how much the number of items at this age differs from the number at the age before. */
    private final NavigableMap<Long, Integer> ages = new TreeMap<>();
    private double total;
    private final List<Long> delays = new ArrayList<>();
    private @Nullable AutoRefresh<Integer, Integer> cache;
    private long began;
    /** For how long calls were running when this was read, at most. */
    private long longest;

    Meter(ManualTicker ticker, FakeRemote<Integer, Integer> remote, int items) {
      this.ticker = ticker;
      this.remote = remote;
      this.confirmed = new long[items];
      this.versions = new int[items];
    }

    void begin(AutoRefresh<Integer, Integer> measured) {
      cache = measured;
      began = now();
      IntStream.range(0, confirmed.length).forEach(this::look);
      ages.clear();
      total = 0;
      delays.clear();
    }

    void end() {
      for (int id = 0; id < confirmed.length; id++) {
        if (look(id)) {
          addAges(id, now());
        }
      }
      delays.sort(null);
    }

    @Override
    public Map<Integer, Outcome<Integer>> refresh(Map<Integer, Integer> items) throws Exception {
      lock.lock();
      try {
        items.keySet().forEach(this::look);
      } finally {
        lock.unlock();
      }
      return remote.refresh(items);
    }

    private long now() { return ticker.elapsed().toNanos(); }

    /** Reads the state of an item; returns false if it is not in the cache. */
    private boolean look(int id) {
      ItemState<Integer> item = cache == null ? null : cache.inspect(id).orElse(null);
      if (item == null) {
        return false;
      }
      long since = now() - item.age().toNanos();
      if (since != confirmed[id]) {
        addAges(id, since);
        confirmed[id] = since;
      }
      while (versions[id] < item.value()) {
        delays.add(remote.sinceVersion(id, ++versions[id]) - item.age().toNanos());
      }
      longest = item.inFlight() ? Math.max(longest, item.inFlightFor().toNanos()) : longest;
      return true;
    }

    private void addAges(int id, long until) {
      long from = Math.max(began, confirmed[id]);
      ages.merge(from - confirmed[id], 1, Integer::sum);
      ages.merge(until - confirmed[id], -1, Integer::sum);
      total += until - from;
    }

    /** Returns a percentile of the ages of all items at all times. */
    long age(int percent) {
      double left = total * percent / 100;
      long age = 0;
      int items = 0;
      for (Map.Entry<Long, Integer> change : ages.entrySet()) {
        double span = (double) items * (change.getKey() - age);
        if (items > 0 && left <= span) {
          return age + (long) Math.ceil(left / items);
        }
        left -= span;
        age = change.getKey();
        items += change.getValue();
      }
      return age;
    }

    long delay(int percent) {
      return delays.isEmpty() ? 0 : delays.get(Math.ceilDiv(delays.size() * percent, 100) - 1);
    }
  }

  /**
   * Returns how old items are.
   *
   * @return percentiles of the ages of all items at all times
   */
  public Times age() { return given.age; }

  /**
   * Returns the time from a change at the remote until the cache has it.
   *
   * @return percentiles over all changes that the cache got; zero if there was none
   */
  public Times delay() { return given.delay; }

  /**
   * Returns how many calls are made.
   *
   * @return calls a second
   */
  public double callsPerSecond() { return given.callsPerSecond; }

  /**
   * Returns how many calls it takes to call each item once in each period, whatever the limits.
   *
   * @return calls a second
   */
  public double callsPerSecondNeeded() { return needed.callsPerSecond; }

  /**
   * Returns how many of these calls run at once in the mean.
   *
   * @return the least {@link AutoRefreshBuilder#maxConcurrency} that can do, without reserve
   */
  public int slotsNeeded() { return (int) Math.ceil(needed.slots); }

  /**
   * Returns whether the load fits.
   *
   * @return whether each item is called in each period
   */
  public boolean fits() { return limit == Limit.NONE; }

  /**
   * Returns which limit binds. If both slots and call rate are too low, it is the one that helps if it alone is raised.
   *
   * @return the limit
   */
  public Limit limit() { return limit; }

  @Override
  public String toString() {
    return "Forecast[age " + age() + ", delay " + delay() + ", calls/s " + callsPerSecond() + " of "
        + callsPerSecondNeeded() + " needed, slots needed " + slotsNeeded() + ", limit " + limit + "]";
  }
}
