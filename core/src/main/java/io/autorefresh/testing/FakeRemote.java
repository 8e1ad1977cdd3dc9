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
 * A remote that a cache can be tested against: its items change by themselves, its calls take time, and it gets into
 * trouble when a test says so. It serves as every callback of a cache. Its time is that of its ticker: one that a test
 * moves by hand, or {@linkplain Ticker#systemTicker() real time}.
 *
 * <p>What it draws by chance comes from a seed, the id and the number of the id's call: for the same calls it is the
 * same, in whichever order they come. Each item is born with its first creation or call, at version 0. A new remote
 * takes no time, is never in trouble, and changes nothing by itself.
 *
 * <p>A creation takes no time and has no trouble, since it runs in the thread of the cache's caller, which may be the
 * one that moves the time. Safe for use by many threads; settings may change at any time, and hold for the calls that
 * follow.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class FakeRemote<K, V>
    implements BatchRefresher<K, V>, Refresher<K, V>, Creator<K, V>, Deleter<K, V> {

  /** What may go wrong with a call. */
  public enum Trouble {
    /** It throws; in a batch, an id in such trouble fails alone. */
    FAILS,
    /** It throws a {@link RetryAfterException}; likewise. */
    THROTTLES,
    /** It goes on until it is interrupted, or the remote has healed. */
    HANGS,
    /** It goes on until the remote has healed, and ignores interruptions. */
    HANGS_ON
  }

  /** One item. */
  private static final class Life {

    final SplittableRandom random;
    final SplittableRandom ofCalls;
    /** When each of its versions came, the first one at its birth. */
    final List<Long> since = new ArrayList<>();
    /** When it changes by itself, if that is not negative. */
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
  private long least;
  private long most;
  private long mean;
  private long lag;
  private Duration retryAfter = Duration.ofSeconds(1);

  /**
   * Creates a remote.
   *
   * @param ticker its time
   * @param seed of all that it draws by chance
   * @param values the value of an id at each of its versions, which count from 0; null once the remote no longer has it
   */
  public FakeRemote(Ticker ticker, long seed, BiFunction<? super K, Integer, ? extends @Nullable V> values) {
    this.ticker = Objects.requireNonNull(ticker, "ticker");
    this.origin = ticker.read();
    this.seed = seed;
    this.values = Objects.requireNonNull(values, "values");
  }

  // How it behaves

  /**
   * Sets how long calls take, evenly distributed.
   *
   * @param least from
   * @param most to
   * @return this
   */
  public FakeRemote<K, V> takes(Duration least, Duration most) {
    return set(() -> {
      this.least = least.toNanos();
      this.most = Math.max(this.least, most.toNanos());
    });
  }

  /**
   * Sets how often items change by themselves: each at moments of its own, at exponentially distributed distances.
   * Holds for each item from its next change on.
   *
   * @param mean the mean time from one change of an item to the next; zero for never
   * @return this
   */
  public FakeRemote<K, V> changesEvery(Duration mean) { return set(() -> this.mean = mean.toNanos()); }

  /**
   * Lets each call be answered by a replica that lags behind, evenly distributed: it may know less than the one before,
   * and of a new item nothing.
   *
   * @param most the greatest lag
   * @return this
   */
  public FakeRemote<K, V> lags(Duration most) { return set(() -> this.lag = most.toNanos()); }

  /**
   * Gets a part of all calls into trouble.
   *
   * @param trouble which
   * @param rate of the calls, from 0 to 1; replaces the rate before
   * @return this
   */
  public FakeRemote<K, V> trouble(Trouble trouble, double rate) { return set(() -> rates.put(trouble, rate)); }

  /**
   * Gets every call with an id into trouble, until the remote has healed.
   *
   * @param trouble which
   * @param id whose calls
   * @return this
   */
  public FakeRemote<K, V> trouble(Trouble trouble, K id) { return set(() -> troubled.put(id, trouble)); }

  /**
   * Sets what throttled calls ask for.
   *
   * @param delay the delay of the {@link RetryAfterException}; one second at first
   * @return this
   */
  public FakeRemote<K, V> retryAfter(Duration delay) { return set(() -> retryAfter = delay); }

  /**
   * Ends all trouble: calls that hang go on, and answer.
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
   * @param id which
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

  // What it does

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

  /** What a call answers, by the state of the remote at a time; called with the lock held. */
  private interface Answer<T extends @Nullable Object> {
    T at(long asOf) throws Exception;
  }

  private <T extends @Nullable Object> T call(Set<K> ids, Answer<T> answer) throws Exception {
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
      locked(() -> end(ids));
    }
  }

  private SplittableRandom begin(Set<K> ids) {
    atOnce = Math.max(atOnce, ++running);
    calls++;
    for (K id : ids) {
      Life life = life(id);
      life.calls++;
      life.atOnce = Math.max(life.atOnce, ++life.running);
    }
    return life(ids.iterator().next()).ofCalls.split();
  }

  private @Nullable Void end(Set<K> ids) {
    running--;
    ids.forEach(id -> life(id).running--);
    return null;
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

  /** Returns the life of an id until now, which may begin now. */
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

  // What a test asks

  /**
   * Returns how many calls have begun, creations aside.
   *
   * @return the number of calls
   */
  public int calls() { return locked(() -> calls); }

  /**
   * Returns how many calls with an id have begun.
   *
   * @param id which
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
   * @param id which
   * @return the number of calls
   */
  public int atOnce(K id) { return locked(() -> lives.containsKey(id) ? life(id).atOnce : 0); }

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
