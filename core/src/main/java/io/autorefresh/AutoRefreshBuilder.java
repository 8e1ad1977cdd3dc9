package io.autorefresh;

import static java.util.Objects.requireNonNull;

import io.autorefresh.internal.engine.Engine;
import io.autorefresh.internal.engine.Settings;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Describes an {@link AutoRefresh} and builds it. {@link #refreshEvery} and one of {@link #refresh} and {@link
 * #refreshBatch} are required; everything else has a default.
 *
 * <p>Setters check for null only; {@link #build} checks the rest, and reports everything that is wrong at once. A
 * builder may build several caches. Not safe for use by several threads.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class AutoRefreshBuilder<K, V> {

  private final Settings.Draft<K, V> draft = new Settings.Draft<>();

  AutoRefreshBuilder() {}

  /**
   * Names the cache, in its threads, its log and its exceptions. Default: {@code autorefresh}.
   *
   * @param name the name, not blank
   * @return this
   */
  public AutoRefreshBuilder<K, V> name(String name) {
    draft.name = requireNonNull(name, "name");
    return this;
  }

  /**
   * Refreshes items one by one: every job is a call for one item.
   *
   * @param refresher asks the remote
   * @return this
   */
  public AutoRefreshBuilder<K, V> refresh(Refresher<? super K, V> refresher) {
    draft.refresher = requireNonNull(refresher, "refresher");
    return this;
  }

  /**
   * Refreshes items in batches of at most {@link #batchSize}: every job is a call for one batch.
   *
   * @param refresher asks the remote
   * @return this
   */
  public AutoRefreshBuilder<K, V> refreshBatch(BatchRefresher<K, V> refresher) {
    draft.batchRefresher = requireNonNull(refresher, "refresher");
    return this;
  }

  /**
   * Sets the creator of {@link AutoRefresh#getOrCreate(Object)}. Default: none.
   *
   * @param creator makes first values
   * @return this
   */
  public AutoRefreshBuilder<K, V> create(Creator<? super K, ? extends V> creator) {
    draft.creator = requireNonNull(creator, "creator");
    return this;
  }

  /**
   * Releases items at the remote when their delayed deletion is carried out. Default: none, they are just removed.
   *
   * @param deleter releases an item
   * @return this
   */
  public AutoRefreshBuilder<K, V> onDelete(Deleter<? super K, ? super V> deleter) {
    draft.deleter = requireNonNull(deleter, "deleter");
    return this;
  }

  /**
   * Says which values are final; such items are never refreshed again. Asked once for each value that is created or
   * confirmed, outside every lock. If it throws for an outcome, that is a failure of the item; if it throws for a
   * created item, the item is taken for live. Default: none is.
   *
   * @param predicate whether a value is final
   * @return this
   */
  public AutoRefreshBuilder<K, V> terminal(Predicate<? super V> predicate) {
    draft.terminal = requireNonNull(predicate, "predicate");
    return this;
  }

  /**
   * Groups items, so that a batch never mixes tenants or regions: only items with equal keys come into one batch.
   * If it throws or returns null, that is a failure of the item. Has no effect on {@link #refresh}. Default: one
   * group.
   *
   * @param key the group of an item, with {@code equals} and {@code hashCode}
   * @return this
   */
  public AutoRefreshBuilder<K, V> batchBy(BiFunction<? super K, ? super V, ?> key) {
    draft.batchBy = requireNonNull(key, "key");
    return this;
  }

  /**
   * Is told what happens to items: see {@link ItemEvent}. Called outside every lock, in the thread that brought the
   * event about: a job's thread, which keeps its slot meanwhile, or for an eviction that of a creating caller. A
   * slow listener therefore slows refreshing, but no read. Who brings an event about also delivers what others do
   * to that id meanwhile, and they do not wait for that, so that the listener may take locks that its callers hold.
   * Only when 1,024 events of one id wait, those wait as well who bring about more of them, unless they are callbacks
   * of this cache. A job that it keeps longer than the {@linkplain #refreshTimeout time-out} is interrupted, as in its
   * call, and what is left of its events is told by another thread; an item whose event it hangs in stays in flight.
   * What it throws is contained, counted and logged. It may use the cache, which it can be given through a field, as
   * it does not exist yet when this is called. Default: none.
   *
   * @param listener takes the events
   * @return this
   */
  public AutoRefreshBuilder<K, V> listener(Consumer<? super ItemEvent<K, V>> listener) {
    draft.listener = requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Sets the period of sync cycles. Required. An item that is in flight when its turn in a cycle comes is left to the
   * next one: if calls take longer than the period, but not twice as long, items are refreshed in every other cycle.
   *
   * @param period from 1 ms to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> refreshEvery(Duration period) {
    draft.refreshEvery = requireNonNull(period, "period");
    return this;
  }

  /**
   * Bounds the number of items. Over it, terminal items are evicted first, then those that are read least, by S3-FIFO
   * (Yang et al., SOSP 2023). Items marked for deletion go last, terminal or not, since an eviction calls no {@link
   * #onDelete}. Default: 500,000.
   *
   * @param maximumSize from 1 to 2<sup>30</sup>
   * @return this
   */
  public AutoRefreshBuilder<K, V> maximumSize(long maximumSize) {
    draft.maximumSize = maximumSize;
    return this;
  }

  /**
   * Bounds the number of items in one call of the {@linkplain #refreshBatch batch refresher}. Default: 100. Has no
   * effect on {@link #refresh}, whose jobs have one item each.
   *
   * @param batchSize from 1 to 1,000,000
   * @return this
   */
  public AutoRefreshBuilder<K, V> batchSize(int batchSize) {
    draft.batchSize = batchSize;
    return this;
  }

  /**
   * Bounds the number of jobs at any one time: calls of the refresher and the deleter, first refreshes included.
   * Default: 16.
   *
   * @param maxConcurrency from 1 to 1,000,000
   * @return this
   */
  public AutoRefreshBuilder<K, V> maxConcurrency(int maxConcurrency) {
    draft.maxConcurrency = maxConcurrency;
    return this;
  }

  /**
   * Bounds the calls of the refresher and the deleter by time. Short bursts, of the calls of 50 ms or one call, are
   * let through. Default: not bounded.
   *
   * @param calls calls per second, more than 0 and at most 1,000,000; may be a fraction
   * @return this
   */
  public AutoRefreshBuilder<K, V> maxCallsPerSecond(double calls) {
    draft.maxCallsPerSecond = calls;
    return this;
  }

  /**
   * Lays the jobs of a periodic cycle evenly over the period: in any second there begin at most 1.2 times the mean of
   * those planned, or the next whole number above the mean if that is more. The place of one whose items are still in
   * flight when its turn comes stays empty. Otherwise jobs begin as fast as {@link #maxConcurrency} and
   * {@link #maxCallsPerSecond} allow. Deletions and new items never wait for their turn in it. Default: true.
   *
   * @param spread whether to
   * @return this
   */
  public AutoRefreshBuilder<K, V> spread(boolean spread) {
    draft.spread = spread;
    return this;
  }

  /**
   * Refreshes new items at once, ahead of periodic work and coalesced into batches; otherwise in the next cycle. Where
   * slots or calls are scarce, three of four are theirs as long as there are new items, so that a storm of creations
   * does not starve the periodic work. Default: true.
   *
   * @param refreshOnCreate whether to
   * @return this
   */
  public AutoRefreshBuilder<K, V> refreshOnCreate(boolean refreshOnCreate) {
    draft.refreshOnCreate = refreshOnCreate;
    return this;
  }

  /**
   * Bounds the time of a job, and of a call of the deleter. Beyond it the callback is interrupted and its items
   * fail with a {@link java.util.concurrent.TimeoutException}. If it ignores the interruption, its slot is given
   * back and a late result discarded; there are never more such abandoned jobs than {@link #maxConcurrency}.
   * Default: 30 s.
   *
   * @param timeout from 1 ms to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> refreshTimeout(Duration timeout) {
    draft.refreshTimeout = requireNonNull(timeout, "timeout");
    return this;
  }

  /**
   * Sets the back-off of a failing item: after its k-th failure in a row it is left alone for {@code initial *
   * 2^(k-1)}, at most {@code max}, times a random factor from a half to one, which differs little among the items of a
   * call that failed as a whole; then it is due in the next cycle, or with {@link #spread} in the one that is going on.
   * Default: from one period to one and three quarters, so that all is back to normal within two periods after an
   * outage.
   *
   * @param initial from 1 ms to 365 days
   * @param max from {@code initial} to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> backoff(Duration initial, Duration max) {
    draft.backoffInitial = requireNonNull(initial, "initial");
    draft.backoffMax = requireNonNull(max, "max");
    return this;
  }

  /**
   * Bounds the time that {@link AutoRefresh#close} waits for callbacks to end. Default: 10 s.
   *
   * @param timeout from zero to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> closeTimeout(Duration timeout) {
    draft.closeTimeout = requireNonNull(timeout, "timeout");
    return this;
  }

  /**
   * Counts hits and misses in {@link AutoRefresh#stats}. Off by default, since the counting costs more than the read
   * itself; all other counters are always on.
   *
   * @return this
   */
  public AutoRefreshBuilder<K, V> recordStats() {
    draft.recordStats = true;
    return this;
  }

  /**
   * Sets the source of time of all decisions. Default: {@link Ticker#systemTicker()}. A cache on another ticker
   * looks at it every millisecond while it waits, so that it can be moved by hand.
   *
   * @param ticker nanoseconds, monotonic
   * @return this
   */
  public AutoRefreshBuilder<K, V> ticker(Ticker ticker) {
    draft.ticker = requireNonNull(ticker, "ticker");
    return this;
  }

  /**
   * Builds the cache. It does nothing by itself until it is started.
   *
   * @return a new cache
   * @throws IllegalArgumentException if settings are missing, out of bounds or contradict each other: all of them are
   *     named, each with its bounds and the value given
   */
  public AutoRefresh<K, V> build() {
    return Engine.create(draft.settings());
  }
}
