package io.autorefresh.testing;

import io.autorefresh.BatchRefresher;
import io.autorefresh.Creator;
import io.autorefresh.Deleter;
import io.autorefresh.Outcome;
import io.autorefresh.Refresher;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A remote for tests of a cache: its items change by themselves, its calls take time, and they fail, hang or are
 * throttled when a test says so. It serves as each callback of a cache. Its time is that of its ticker: a
 * {@link ManualTicker}, or {@linkplain Ticker#systemTicker() real time}.
 *
 * <p>Random choices depend on the seed, the id and the number of the id's call, but not on the order of the calls. An
 * item is born by its first creation or call, at version 0. The calls of a new remote take no time and succeed, and its
 * items do not change by themselves.
 *
 * <p>A creation takes no time and succeeds, since it runs in the caller's thread, which may be the one that moves the
 * time. Safe for use by many threads. Settings may change at any time, and hold for the calls that follow.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class FakeRemote<K, V>
    implements BatchRefresher<K, V>, Refresher<K, V>, Creator<K, V>, Deleter<K, V> {

  /** How a call goes wrong. */
  public enum Trouble {
    /** It throws. An id with this trouble fails alone in its batch. */
    FAILS,
    /** It throws a {@link RetryAfterException}. An id with this trouble is throttled alone in its batch. */
    THROTTLES,
    /** It hangs until it is interrupted or the remote heals. */
    HANGS,
    /** It hangs until the remote heals, and ignores interruptions. */
    HANGS_ON
  }

  /** The state of one item. */
  private static final class Life {

    final SplittableRandom random;
    final SplittableRandom ofCalls;
    /** The time of each version, the first one that of its birth. */
    final List<Long> since = new ArrayList<>();
    /** The time of its next change by itself; negative if there is none. */
    long next = -1;
    boolean deleted;
    int calls;
    int running;
    int atOnce;

    Life(SplittableRandom random) {
      this.random = random;
      this.ofCalls = random.split();
    }
  }

  private final Ticker ticker;
  private final long origin;
  private final long seed;
  private final BiFunction<? super K, Integer, ? extends @Nullable V> values;

  private final ReentrantLock lock = new ReentrantLock();
  // Guarded by the lock.
  private final Map<K, Life> lives = new HashMap<>();
  private final Map<K, Trouble> troubled = new HashMap<>();
  private final Map<Trouble, Double> rates = new EnumMap<>(Trouble.class);
  private final List<Signal> hanging = new ArrayList<>();
  private int heals;
  private int calls;
  private int running;
  private int atOnce;
  private long counted;
  private long busy;
  private long longest;
  private long least;
  private long most;
  private long mean;
  private long lag;
  private Duration retryAfter = Duration.ofSeconds(1);

  /**
   * Creates a remote.
   *
   * @param ticker its time
   * @param seed of all random choices
   * @param values the value of an id at each of its versions, which count from 0; null if the remote no longer has it
   */
  public FakeRemote(Ticker ticker, long seed, BiFunction<? super K, Integer, ? extends @Nullable V> values) {
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    this.origin = ticker.read();
    this.seed = seed;
    this.values = Objects.requireNonNull(values, "values");
  }

  // Settings

  /**
   * Sets how long calls take, evenly distributed.
   *
   * @param least the shortest time
   * @param most the longest time
   * @return this
   */
  public FakeRemote<K, V> takes(Duration least, Duration most) {
    return set(() -> {
      this.least = least.toNanos();
      this.most = Math.max(this.least, most.toNanos());
    });
  }

  /**
   * Sets how often items change by themselves, each on its own, after exponentially distributed times. Holds for each
   * item from its next change on.
   *
   * @param mean the mean time from one change of an item to the next; zero for never
   * @return this
   */
  public FakeRemote<K, V> changesEvery(Duration mean) { return set(() -> this.mean = mean.toNanos()); }

  /**
   * Sets how far behind the replica of each call is, evenly distributed: it may know less than the replica of the call
   * before, and may not know a new item.
   *
   * @param most the greatest lag
   * @return this
   */
  public FakeRemote<K, V> lags(Duration most) { return set(() -> this.lag = most.toNanos()); }

  /**
   * Makes a share of all calls go wrong.
   *
   * @param trouble how
   * @param rate the share of the calls, from 0 to 1; replaces the rate before
   * @return this
   */
  public FakeRemote<K, V> trouble(Trouble trouble, double rate) { return set(() -> rates.put(trouble, rate)); }

  /**
   * Makes all calls with an id go wrong, until the remote heals.
   *
   * @param trouble how
   * @param id the id
   * @return this
   */
  public FakeRemote<K, V> trouble(Trouble trouble, K id) { return set(() -> troubled.put(id, trouble)); }

  /**
   * Sets the delay of each {@link RetryAfterException}, which is one second by default.
   *
   * @param delay the delay
   * @return this
   */
  public FakeRemote<K, V> retryAfter(Duration delay) { return set(() -> retryAfter = delay); }

  /**
   * Ends all trouble: calls that hang return their answers.
   *
   * @return this
   */
  public FakeRemote<K, V> heal() {
    return set(() -> {
      heals++;
      troubled.clear();
      rates.clear();
      hanging.forEach(Signal::ring);
    });
  }

  /**
   * Changes an item now.
   *
   * @param id the id of the item
   * @return this
   */
  public FakeRemote<K, V> change(K id) {
    return set(() -> life(id).since.add(now()));
  }

  private FakeRemote<K, V> set(Runnable setting) {
    locked(() -> {
      setting.run();
      return null;
    });
    return this;
  }

  // Callbacks

  @Override
  public Map<K, Outcome<V>> refresh(Map<K, V> items) throws Exception {
    return call(items.keySet(), asOf -> {
      Map<K, Outcome<V>> outcomes = new HashMap<>();
      for (K id : items.keySet()) {
        try {
          V value = value(id, asOf);
          outcomes.put(id, value == null ? Outcome.deleted() : Outcome.updated(value));
        } catch (Exception e) {
          outcomes.put(id, Outcome.failed(e));
        }
      }
      return outcomes;
    });
  }

  @Override
  public @Nullable V refresh(K id, V current) throws Exception { return call(Set.of(id), asOf -> value(id, asOf)); }

  @Override
  public void delete(K id, V item) throws Exception {
    call(Set.of(id), asOf -> {
      value(id, asOf);
      life(id).deleted = true;
      return id;
    });
  }

  @Override
  public V create(K id) {
    return locked(() -> {
      Life life = life(id);
      if (life.deleted) {
        life.deleted = false;
        life.since.clear();
        life.since.add(now());
      }
      return Objects.requireNonNull(valueOf(id, life, now()), "the item has ended");
    });
  }

  /** The answer of a call from the state of the remote at a time; called with the lock held. */
  private interface Answer<T extends @Nullable Object> {
    T at(long asOf) throws Exception;
  }

  private <T extends @Nullable Object> T call(Set<K> ids, Answer<T> answer) throws Exception {
    long began = now();
    SplittableRandom random = locked(() -> begin(ids));
    try {
      long asOf = locked(() -> now() - (lag == 0 ? 0 : random.nextLong(lag + 1)));
      Trouble trouble = locked(() -> trouble(ids, random));
      if (trouble == Trouble.HANGS || trouble == Trouble.HANGS_ON) {
        hang(trouble == Trouble.HANGS_ON);
      }
      ManualTicker.sleep(ticker, locked(() -> most == 0 ? 0 : random.nextLong(least, most + 1)));
      return locked(() -> {
        throwIf(trouble);
        return answer.at(asOf);
      });
    } finally {
      locked(() -> end(ids, began));
    }
  }

  private SplittableRandom begin(Set<K> ids) {
    count(1);
    calls++;
    for (K id : ids) {
      Life life = life(id);
      life.calls++;
      life.atOnce = Math.max(life.atOnce, ++life.running);
    }
    return life(ids.iterator().next()).ofCalls.split();
  }

  private @Nullable Void end(Set<K> ids, long began) {
    count(-1);
    longest = Math.max(longest, now() - began);
    ids.forEach(id -> life(id).running--);
    return null;
  }

  private long count(int more) {
    long now = now();
    busy += running * (now - counted);
    counted = now;
    running += more;
    atOnce = Math.max(atOnce, running);
    return busy;
  }

  /** The trouble of a whole call. */
  private @Nullable Trouble trouble(Set<K> ids, SplittableRandom random) {
    for (K id : ids) {
      Trouble trouble = troubled.get(id);
      if (trouble == Trouble.HANGS || trouble == Trouble.HANGS_ON) {
        return trouble;
      }
    }
    double draw = random.nextDouble();
    for (Map.Entry<Trouble, Double> rate : rates.entrySet()) {
      draw -= rate.getValue();
      if (draw < 0) {
        return rate.getKey();
      }
    }
    return null;
  }

  private void hang(boolean on) throws InterruptedException {
    Signal signal = new Signal(ticker);
    int healed = locked(() -> {
      hanging.add(signal);
      return heals;
    });
    try {
      while (locked(() -> heals) == healed) {
        signal.await();
        if (Thread.interrupted() && !on) {
          throw new InterruptedException();
        }
      }
    } finally {
      locked(() -> hanging.remove(signal));
    }
  }

  private void throwIf(@Nullable Trouble trouble) throws RetryAfterException {
    if (trouble == Trouble.FAILS) {
      throw new IllegalStateException("the fake remote fails");
    } else if (trouble == Trouble.THROTTLES) {
      throw new RetryAfterException(retryAfter);
    }
  }

  // Lives

  private long now() { return ticker.read() - origin; }

  /** Returns the life of an id until now; it is born now if it is new. */
  private Life life(K id) {
    Life life = lives.computeIfAbsent(id, key -> new Life(new SplittableRandom(seed ^ (long) key.hashCode() << 32)));
    long now = now();
    if (life.since.isEmpty()) {
      life.since.add(now);
    }
    for (; mean > 0 && life.next <= now; life.next = (life.next < 0 ? now : life.next) + distance(life)) {
      if (life.next >= 0) {
        life.since.add(life.next);
      }
    }
    return life;
  }

  private long distance(Life life) { return 1 + (long) (-Math.log(1 - life.random.nextDouble()) * mean); }

  private @Nullable V value(K id, long asOf) throws RetryAfterException {
    throwIf(troubled.get(id));
    return valueOf(id, life(id), asOf);
  }

  /** Returns the value of an item at that time, or null if the remote did not have it. */
  private @Nullable V valueOf(K id, Life life, long asOf) {
    int version = life.since.size() - 1;
    while (version >= 0 && life.since.get(version) > asOf) {
      version--;
    }
    return version < 0 || life.deleted ? null : values.apply(id, version);
  }

  // Counts

  /**
   * Returns how many calls have begun, creations aside.
   *
   * @return the number of calls
   */
  public int calls() { return locked(() -> calls); }

  /**
   * Returns how many calls with an id have begun.
   *
   * @param id the id
   * @return the number of calls
   */
  public int calls(K id) { return locked(() -> lives.containsKey(id) ? life(id).calls : 0); }

  /**
   * Returns how many calls ran at once, at most.
   *
   * @return the number of calls
   */
  public int atOnce() { return locked(() -> atOnce); }

  /**
   * Returns how many calls with an id ran at once, at most.
   *
   * @param id the id
   * @return the number of calls
   */
  public int atOnce(K id) { return locked(() -> lives.containsKey(id) ? life(id).atOnce : 0); }

  /** Returns the sum of the times of all calls until now. */
  long busy() { return locked(() -> count(0)); }

  /** Returns the longest time of a call that has ended. */
  long longest() { return locked(() -> longest); }

  /** Returns how long ago an item got that version. */
  long sinceVersion(K id, int version) { return locked(() -> now() - life(id).since.get(version)); }

  private <T extends @Nullable Object, E extends Exception> T locked(Locked<T, E> action) throws E {
    lock.lock();
    try {
      return action.run();
    } finally {
      lock.unlock();
    }
  }

  private interface Locked<T extends @Nullable Object, E extends Exception> {
    T run() throws E;
  }
}
