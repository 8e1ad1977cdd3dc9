package io.autorefresh.testing;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.Stats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * What a user sees of the running cache for which a forecast was made: by a listener, by looks at its items in short
 * steps of time, and at the remote. An item is confirmed between two looks once at most.
 */
final class Observation {

  private static final int LOOKS = 100;

  private final ManualTicker ticker;
  private final FakeRemote<Integer, Integer> remote;
  private final long[] confirmed;
  private final int[] versions;
  /** The ages that items went through: from one, to another. */
  private final List<long[]> stretches = new ArrayList<>();
  private final List<Long> delays = new CopyOnWriteArrayList<>();
  /** Calls, from begin to end. */
  private final List<long[]> calls = new CopyOnWriteArrayList<>();
  private final long began;
  private final double seconds;
  private final Stats stats;

  Observation(
      int items,
      long seed,
      Consumer<FakeRemote<Integer, Integer>> description,
      Consumer<AutoRefreshBuilder<Integer, Integer>> settings) {
    ticker = new ManualTicker(seed, Duration.ofSeconds(30));
    remote = new FakeRemote<>(ticker, seed, (id, version) -> version);
    confirmed = new long[items];
    versions = new int[items];
    IntStream.range(0, items).forEach(remote::create);
    ticker.jump(Duration.ofDays(365));
    description.accept(remote);
    AutoRefreshBuilder<Integer, Integer> builder = AutoRefresh.<Integer, Integer>builder().name("forecast")
        .ticker(ticker).refreshBatch(this::call).listener(this::hear);
    settings.accept(builder);
    try (AutoRefresh<Integer, Integer> cache = builder.build()) {
      IntStream.range(0, items).forEach(id -> cache.getOrCreate(id, remote));
      cache.start();
      ticker.advance(cache.stats().period().multipliedBy(2));
      ticker.advance(cache.stats().period().multipliedBy(2));
      Stats before = cache.stats();
      began = ticker.elapsed().toNanos();
      look(cache);
      stretches.clear();
      delays.clear();
      Duration span = before.period().multipliedBy(10);
      seconds = span.toNanos() / 1e9;
      for (int step = 1; step <= LOOKS; step++) {
        Duration next = Duration.ofNanos(began).plus(span.multipliedBy(step).dividedBy(LOOKS));
        ticker.advance(next.minus(ticker.elapsed()));
        look(cache);
      }
      for (long since : confirmed) {
        addAges(since, ticker.elapsed().toNanos());
      }
      stats = cache.stats().minus(before);
      remote.heal();
    }
  }

  private Map<Integer, Outcome<Integer>> call(Map<Integer, Integer> items) throws Exception {
    long[] call = {ticker.elapsed().toNanos(), Long.MAX_VALUE};
    calls.add(call);
    try {
      return remote.refresh(items);
    } finally {
      call[1] = ticker.elapsed().toNanos();
    }
  }

  boolean overruns() { return stats.overruns() > 0; }

  /** How many calls ran at once, in the mean. */
  int slots() {
    double end = began + seconds * 1e9;
    return (int) Math.ceil(calls.stream().mapToDouble(
        call -> Math.max(0, Math.min(end, call[1]) - Math.max(began, call[0]))).sum() / seconds / 1e9);
  }

  long longest() { return calls.stream().mapToLong(call -> call[1] - call[0]).max().orElse(0); }

  double callsPerSecond() { return stats.refreshCalls() / seconds; }

  private void hear(ItemEvent<Integer, Integer> event) {
    if (event instanceof ItemEvent.Updated<Integer, Integer>) {
      for (int id = event.id(); versions[id] < event.item(); ) {
        delays.add(remote.sinceVersion(id, ++versions[id]));
      }
    }
  }

  private void look(AutoRefresh<Integer, Integer> cache) {
    for (int id = 0; id < confirmed.length; id++) {
      long since = ticker.elapsed().minus(cache.inspect(id).orElseThrow().age()).toNanos();
      if (since != confirmed[id]) {
        addAges(confirmed[id], since);
        confirmed[id] = since;
      }
    }
  }

  private void addAges(long since, long until) {
    stretches.add(new long[] {Math.max(0, began - since), until - since});
  }

  Forecast.Times age() { return new Forecast.Times(age(50), age(99), age(100)); }

  /** The least age that so many of the ages do not exceed. */
  private Duration age(int percent) {
    long all = agesUpTo(Long.MAX_VALUE);
    long least = -1;
    long most = stretches.stream().mapToLong(stretch -> stretch[1]).max().orElse(0);
    while (most - least > 1) {
      long age = (least + most) / 2;
      if (agesUpTo(age) * 100 < all * percent) {
        least = age;
      } else {
        most = age;
      }
    }
    return Duration.ofNanos(most);
  }

  private long agesUpTo(long age) {
    return stretches.stream().mapToLong(stretch -> Math.max(0, Math.min(age, stretch[1]) - stretch[0])).sum();
  }

  Forecast.Times delay() { return new Forecast.Times(delay(50), delay(99), delay(100)); }

  private Duration delay(int percent) {
    List<Long> sorted = delays.stream().sorted().toList();
    return Duration.ofNanos(sorted.isEmpty() ? 0 : sorted.get(Math.ceilDiv(sorted.size() * percent, 100) - 1));
  }
}
