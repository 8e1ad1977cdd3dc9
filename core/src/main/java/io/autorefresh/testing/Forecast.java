package io.autorefresh.testing;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import io.autorefresh.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.LongStream;

/**
 * How fresh a cache will be with given settings, and what that costs: for choosing settings by figures. A cache with
 * these settings really runs, against a {@link FakeRemote}, on a {@link ManualTicker}: for four periods to get into its
 * stride, and then for ten, or for as long as it takes to call each item as often. So the figures are those of the
 * library, in the time of its threads alone: some ten thousand calls a second. For the same arguments they are the
 * same.
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

  /** What keeps a load from fitting. */
  public enum Limit {
    /** Nothing: each item is called in each period. */
    NONE,
    /** {@link AutoRefreshBuilder#maxConcurrency}: slots are scarce. */
    CONCURRENCY,
    /** {@link AutoRefreshBuilder#maxCallsPerSecond}. */
    CALL_RATE,
    /** Calls take longer than a period. */
    CALL_TIME
  }

  /**
   * Percentiles of times.
   *
   * @param p50 the time that half of them do not exceed
   * @param p99 the time that 99 of 100 do not exceed
   * @param max the longest
   */
  public record Times(Duration p50, Duration p99, Duration max) {

    private static Times of(LongStream times) {
      long[] sorted = times.sorted().toArray();
      return new Times(percentile(sorted, 50), percentile(sorted, 99), percentile(sorted, 100));
    }

    private static Duration percentile(long[] sorted, int percent) {
      int rank = Math.max(1, (int) Math.ceilDiv((long) sorted.length * percent, 100L));
      return Duration.ofNanos(sorted.length == 0 ? 0 : sorted[rank - 1]);
    }
  }

  /** What one run of the cache has shown. */
  private record Run(Times age, Times delay, double callsPerSecond, double slots, long overruns, boolean slowCalls) {}

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
   * @param items how many live items there are, with the ids from 0 on; each counts its changes
   * @param seed of all that is drawn by chance
   * @param remote describes the remote: how long calls take, how often items change, what goes wrong
   * @param settings sets what is to be tried; refresher and ticker are set already
   * @return the forecast
   * @throws IllegalArgumentException if a setting is missing or out of bounds
   */
  public static Forecast of(
      int items,
      long seed,
      Consumer<FakeRemote<Integer, Integer>> remote,
      Consumer<AutoRefreshBuilder<Integer, Integer>> settings) {
    Run given = run(items, seed, remote, settings);
    if (given.overruns == 0) {
      return new Forecast(given, given, given.slowCalls ? Limit.CALL_TIME : Limit.NONE);
    }
    Consumer<AutoRefreshBuilder<Integer, Integer>> withSlots =
        jobs -> settings.andThen(lifted -> lifted.spread(true).maxConcurrency(1_000_000)).accept(jobs);
    Run more = run(items, seed, remote, withSlots);
    Run needed = run(items, seed, remote, withSlots.andThen(jobs -> jobs.maxCallsPerSecond(1_000_000)));
    boolean slots = more.callsPerSecond > 1.01 * given.callsPerSecond;
    return new Forecast(given, needed, slots ? Limit.CONCURRENCY : Limit.CALL_RATE);
  }

  private static Run run(
      int items,
      long seed,
      Consumer<FakeRemote<Integer, Integer>> description,
      Consumer<AutoRefreshBuilder<Integer, Integer>> settings) {
    ManualTicker ticker = new ManualTicker(seed, Duration.ofMinutes(1));
    FakeRemote<Integer, Integer> remote = new FakeRemote<>(ticker, seed, (id, version) -> version);
    description.accept(remote);
    Meter meter = new Meter(ticker, remote, items);
    AutoRefreshBuilder<Integer, Integer> builder = AutoRefresh.<Integer, Integer>builder().name("forecast")
        .ticker(ticker).refreshBatch(meter::refresh);
    settings.accept(builder);
    try (AutoRefresh<Integer, Integer> cache = builder.build()) {
      for (int id = 0; id < items; id++) {
        cache.getOrCreate(id, remote);
      }
      Duration period = cache.stats().period();
      cache.start();
      ticker.advance(period.multipliedBy(WARM_UP));
      ticker.advance(cache.stats().period().multipliedBy(WARM_UP));
      Stats before = cache.stats();
      meter.begin();
      int calls = remote.calls();
      Duration span = before.period().multipliedBy(PERIODS);
      ticker.advance(span);
      double seconds = span.toNanos() / 1e9;
      Run run = new Run(meter.ages(), Times.of(meter.delays.build()), (remote.calls() - calls) / seconds,
          meter.busy / seconds / 1e9, cache.stats().minus(before).overruns(), meter.longest > period.toNanos());
      remote.heal();
      return run;
    }
  }

  /** Measures between cache and remote. Guarded by its lock while the cache runs. */
  private static final class Meter {

    private final Ticker ticker;
    private final FakeRemote<Integer, Integer> remote;
    private final ReentrantLock lock = new ReentrantLock();
    private final long[] confirmed;
    private long began;
    private LongStream.Builder delays = LongStream.builder();
    /** The ages that items went through: from one, to another. */
    private final List<long[]> stretches = new ArrayList<>();
    private long busy;
    private long longest;

    Meter(Ticker ticker, FakeRemote<Integer, Integer> remote, int items) {
      this.ticker = ticker;
      this.remote = remote;
      this.confirmed = new long[items];
      this.began = ticker.read();
      Arrays.fill(confirmed, began);
    }

    void begin() {
      began = ticker.read();
      delays = LongStream.builder();
      stretches.clear();
      busy = 0;
    }

    Map<Integer, Outcome<Integer>> refresh(Map<Integer, Integer> items) throws Exception {
      long call = ticker.read();
      Map<Integer, Outcome<Integer>> outcomes = new HashMap<>();
      try {
        outcomes = remote.refresh(items);
      } finally {
        lock.lock();
        try {
          ended(call, items, outcomes);
        } finally {
          lock.unlock();
        }
      }
      return outcomes;
    }

    private void ended(long call, Map<Integer, Integer> items, Map<Integer, Outcome<Integer>> outcomes) {
      long now = ticker.read();
      busy += now - Math.max(call, began);
      longest = Math.max(longest, now - call);
      outcomes.forEach((id, outcome) -> {
        Integer version = outcome.value();
        for (int seen = items.get(id) + 1; version != null && seen <= version; seen++) {
          delays.add(remote.sinceVersion(id, seen));
        }
        if (version != null) {
          addAges(id, now);
          confirmed[id] = now;
        }
      });
    }

    private void addAges(int id, long now) {
      stretches.add(new long[] {Math.max(0, began - confirmed[id]), now - confirmed[id]});
    }

    /** The percentiles of all ages at all times. */
    Times ages() {
      for (int id = 0; id < confirmed.length; id++) {
        addAges(id, ticker.read());
      }
      return new Times(ageOf(50), ageOf(99), ageOf(100));
    }

    private Duration ageOf(int percent) {
      double all = stretches.stream().mapToDouble(stretch -> stretch[1] - stretch[0]).sum();
      long least = 0;
      long most = stretches.stream().mapToLong(stretch -> stretch[1]).max().orElse(0);
      while (percent < 100 && most - least > 1) {
        long age = (least + most) / 2;
        double younger = stretches.stream().mapToDouble(
            stretch -> Math.max(0, Math.min(age, stretch[1]) - stretch[0])).sum();
        if (younger * 100 < all * percent) {
          least = age;
        } else {
          most = age;
        }
      }
      return Duration.ofNanos(most);
    }
  }

  /**
   * Returns how old items are.
   *
   * @return percentiles of the ages of all items at all times
   */
  public Times age() { return given.age; }

  /**
   * Returns how long it takes until a change at the remote is seen in the cache.
   *
   * @return percentiles over all changes that were seen
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
   * Returns how many slots that takes in the mean, by Little's law: calls a second times the mean time of a call.
   *
   * @return a number for {@link AutoRefreshBuilder#maxConcurrency}, without reserve
   */
  public int slotsNeeded() { return (int) Math.ceil(needed.slots); }

  /**
   * Returns whether the load fits: each item is called in each period.
   *
   * @return whether no limit binds
   */
  public boolean fits() { return limit == Limit.NONE; }

  /**
   * Returns which limit binds: where both slots and call rate are too small, the one that would not help alone is not
   * named.
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
