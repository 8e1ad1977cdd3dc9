package io.autorefresh;

import static java.util.Objects.requireNonNull;

import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.engine.Engine;
import io.autorefresh.internal.engine.Snapshots;
import io.autorefresh.share.Codec;
import io.autorefresh.share.Exchange;
import java.time.Duration;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Describes an {@link AutoRefresh} and builds it. {@link #refreshEvery} and one of {@link #refresh} and {@link
 * #refreshBatch} are required; everything else has a default.
 *
 * <p>Setters check for null only. {@link #build} checks all other rules, and reports all errors at once. A builder may
 * build several caches. Not safe for use by several threads.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class AutoRefreshBuilder<K, V> {

  private final Settings<K, V> settings = new Settings<>();

  AutoRefreshBuilder() {}

  /**
   * Names the cache, in its threads, its log and its exceptions. Default: {@code autorefresh}.
   *
   * @param name the name, not blank
   * @return this
   */
  public AutoRefreshBuilder<K, V> name(String name) {
    settings.name = requireNonNull(name, "name");
    return this;
  }

  /**
   * Refreshes items one by one: every job is a call for one item.
   *
   * @param refresher asks the remote
   * @return this
   */
  public AutoRefreshBuilder<K, V> refresh(Refresher<? super K, V> refresher) {
    settings.refresher = requireNonNull(refresher, "refresher");
    return this;
  }

  /**
   * Refreshes items in batches of at most {@link #batchSize}: every job is a call for one batch.
   *
   * @param refresher asks the remote
   * @return this
   */
  public AutoRefreshBuilder<K, V> refreshBatch(BatchRefresher<K, V> refresher) {
    settings.batchRefresher = requireNonNull(refresher, "refresher");
    return this;
  }

  /**
   * Sets the creator of {@link AutoRefresh#getOrCreate(Object)}. Default: none.
   *
   * @param creator makes first values
   * @return this
   */
  public AutoRefreshBuilder<K, V> create(Creator<? super K, ? extends V> creator) {
    settings.creator = requireNonNull(creator, "creator");
    return this;
  }

  /**
   * Sets the creator of {@link AutoRefresh#getOrCreate(Object)} where the remote creates many items in one call; an
   * error beside {@link #create}. While the background runs, the ids of concurrent callers are joined into batches of
   * up to {@link #batchSize}. Each batch is a job of the cycle, so slots, call rate and {@link #refreshTimeout} hold
   * for it. A call begins as soon as these allow, and does not wait for more ids. While slots or calls are scarce,
   * creations take turns with first and requested refreshes. Default: none.
   *
   * @param creator makes first values
   * @return this
   */
  public AutoRefreshBuilder<K, V> createBatch(BatchCreator<K, V> creator) {
    settings.batchCreator = requireNonNull(creator, "creator");
    return this;
  }

  /**
   * Releases items at the remote when their delayed deletion is carried out. Default: none; items are removed from the
   * cache only.
   *
   * @param deleter releases an item
   * @return this
   */
  public AutoRefreshBuilder<K, V> onDelete(Deleter<? super K, ? super V> deleter) {
    settings.deleter = requireNonNull(deleter, "deleter");
    return this;
  }

  /**
   * Sets the predicate that says which values are final. An item with a final value is terminal: it is refreshed no
   * more, except on request. The predicate is called once for each value that is created or confirmed, outside every
   * lock. If it throws for an outcome, the refresh of the item fails. If it throws for a created item, the item is
   * live. Default: no value is final.
   *
   * @param predicate whether a value is final
   * @return this
   */
  public AutoRefreshBuilder<K, V> terminal(Predicate<? super V> predicate) {
    settings.terminal = requireNonNull(predicate, "predicate");
    return this;
  }

  /**
   * Groups items, so that a batch never mixes tenants or regions: only items with equal keys come into one batch. The
   * function is called for each value that is created or that a refresh returns, outside every lock. If it throws or
   * returns null for an outcome, the refresh of the item fails. If it does so for a created item, the item is a group
   * of its own until its next value. Default: one group.
   *
   * <p>A group also fails as one, beside {@link #refresh}, too. Slots are shared fairly among groups. A call that
   * throws {@link RetryAfterException} pauses its group, for an hour at most. A group whose calls fail one after the
   * other is down until a call succeeds. Where the remote limits each item separately, the key may be the id: a group
   * without trouble takes no memory.
   *
   * @param key the group of an item, with {@code equals} and {@code hashCode}
   * @return this
   */
  public AutoRefreshBuilder<K, V> batchBy(BiFunction<? super K, ? super V, ?> key) {
    settings.batchBy = requireNonNull(key, "key");
    return this;
  }

  /**
   * Sets the listener that gets the {@linkplain ItemEvent events} of items, one at a time, in the order in which they
   * took effect, on a virtual thread of the cache. A slow listener delays nothing except later events. At most 65,536
   * events wait, 1,024 of them with an exception; further ones are dropped, counted in {@link Stats#droppedEvents} and
   * logged, and further exceptions are summarized. Events wait until the cache is started, synced or closed. An
   * exception of the listener is contained, counted and logged. The listener may use the cache once the cache is built.
   * Default: none.
   *
   * @param listener takes the events
   * @return this
   */
  public AutoRefreshBuilder<K, V> listener(Consumer<? super ItemEvent<K, V>> listener) {
    settings.listener = requireNonNull(listener, "listener");
    return this;
  }

  /**
   * Sets the period of sync cycles. Required. An item that is in flight at its turn in a cycle waits for the next
   * cycle. So if calls take longer than one period and less than two, items are refreshed in every other cycle.
   *
   * @param period from 1 ms to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> refreshEvery(Duration period) {
    settings.refreshEvery = requireNonNull(period, "period");
    return this;
  }

  /**
   * Sets the time from an item's confirmation to its next refresh, where one period does not fit all items: new jobs
   * every few seconds, old jobs every few minutes.
   *
   * <pre>{@code
   * .refreshEvery(Duration.ofSeconds(5))
   * .interval((id, job) -> job.isQueued() ? Duration.ofMinutes(1) : Duration.ofSeconds(5))
   * }</pre>
   *
   * <p>The function is called once for each live value that is created, in the creating thread, and once for each that
   * a refresh confirms, outside every lock. With {@link #refreshOnCreate} the first refresh does not wait for the
   * interval. Less than the period counts as the period, and more than 365 days as 365 days. If the function throws, or
   * returns null or less than zero, the item is due in the next cycle, and the error is counted and logged. {@link
   * Outcome#nextIn} takes precedence. A failing item backs off instead. An item for which a caller {@linkplain
   * AutoRefresh#await waits} is due in every cycle. Default: every item is due in every cycle.
   *
   * @param interval the time from an item's confirmation to its next refresh
   * @return this
   */
  public AutoRefreshBuilder<K, V> interval(BiFunction<? super K, ? super V, Duration> interval) {
    settings.interval = requireNonNull(interval, "interval");
    return this;
  }

  /**
   * Sets the predicate that says which new values count as {@linkplain Outcome#unchanged unchanged}: the item then
   * keeps its value, and there is no event. For values that have no {@code equals}, or that differ in irrelevant
   * fields:
   *
   * <pre>{@code
   * .unchangedWhen((before, now) -> before.version() == now.version())
   * }</pre>
   *
   * <p>The predicate is not called for the same instance, which is unchanged. If it throws, the refresh of the item
   * fails. Default: {@code equals}.
   *
   * @param same whether the value before and the new one count as the same
   * @return this
   */
  public AutoRefreshBuilder<K, V> unchangedWhen(BiPredicate<? super V, ? super V> same) {
    settings.unchangedWhen = requireNonNull(same, "same");
    return this;
  }

  /**
   * Removes each terminal item this long after it became terminal, at the beginning of the next cycle. A later
   * confirmation by {@link AutoRefresh#refreshNow} does not extend the time. The age of the answer that made the item
   * terminal, as of {@link Outcome#aged}, counts. {@link #onDelete} is not called. Default: terminal items are kept
   * until they are deleted or evicted.
   *
   * @param time from zero to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> keepTerminal(Duration time) {
    settings.keepTerminal = requireNonNull(time, "time");
    return this;
  }

  /**
   * Bounds the number of items. Beyond it, terminal items are evicted first, then items that are read least, by S3-FIFO
   * (Yang et al., SOSP 2023). Items marked for deletion are evicted last, terminal or not, since an eviction does not
   * call {@link #onDelete}. Default: 500,000.
   *
   * @param maximumSize from 1 to 2<sup>30</sup>
   * @return this
   */
  public AutoRefreshBuilder<K, V> maximumSize(long maximumSize) {
    settings.maximumSize = maximumSize;
    return this;
  }

  /**
   * Sets how many answers in a row must report an item as deleted before it is removed. Until then such an outcome
   * counts as no answer: the item is kept, and its age runs on. Only a confirmation resets the count. For a remote that
   * is eventually consistent, or that loses items for a moment when it restarts:
   *
   * <pre>{@code
   * .refreshBatch(ids -> index.search(ids.keySet()))   // knows a new document after a second or two
   * .refreshEvery(Duration.ofSeconds(1))
   * .deletedAfter(5)                                   // gone when five answers in a row say so
   * }</pre>
   *
   * Default: 1.
   *
   * @param times from 1 to 2<sup>31</sup> - 1
   * @return this
   */
  public AutoRefreshBuilder<K, V> deletedAfter(int times) {
    settings.deletedAfter = times;
    return this;
  }

  /**
   * Bounds the number of items in one call of the {@linkplain #refreshBatch batch refresher} and of the {@linkplain
   * #createBatch batch creator}. Default: 100. An error without either of them, since jobs of {@link #refresh} have one
   * item each.
   *
   * @param batchSize from 1 to 1,000,000
   * @return this
   */
  public AutoRefreshBuilder<K, V> batchSize(int batchSize) {
    settings.givenBatchSize = batchSize;
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
    settings.maxConcurrency = maxConcurrency;
    return this;
  }

  /**
   * Bounds the calls of the refresher and the deleter by time. Short bursts are allowed: the calls of 50 ms, or one
   * call. Default: not bounded.
   *
   * @param calls calls per second, more than 0 and at most 1,000,000; may be a fraction
   * @return this
   */
  public AutoRefreshBuilder<K, V> maxCallsPerSecond(double calls) {
    settings.maxCallsPerSecond = calls;
    return this;
  }

  /**
   * Spreads the jobs of a periodic cycle evenly over nine tenths of its period: with r jobs a second on average, at
   * most {@code 1 + (w + 0.05) r} begin in any w seconds. Delayed jobs are caught up no faster. Items that become due
   * in the course of the cycle have a second bound of the same kind, at the rate of all live items. Without spreading,
   * jobs begin as fast as {@link #maxConcurrency} and {@link #maxCallsPerSecond} allow. Deletions and new items wait
   * for neither bound. Default: true.
   *
   * @param spread whether to spread the jobs
   * @return this
   */
  public AutoRefreshBuilder<K, V> spread(boolean spread) {
    settings.spread = spread;
    return this;
  }

  /**
   * Refreshes new items at once, ahead of periodic work and coalesced into batches; otherwise in the next cycle. While
   * slots or calls are scarce, new items get three of four. So a storm of creations does not starve the periodic work.
   * Default: true.
   *
   * @param refreshOnCreate whether new items are refreshed at once
   * @return this
   */
  public AutoRefreshBuilder<K, V> refreshOnCreate(boolean refreshOnCreate) {
    settings.refreshOnCreate = refreshOnCreate;
    return this;
  }

  /**
   * Bounds the time of a call of the refresher or the deleter. Beyond it the callback is interrupted, and its items
   * fail with a {@link java.util.concurrent.TimeoutException} that has the stack of the hanging thread. A callback that
   * ignores the interruption for a tenth of a second is abandoned. Its slot is given back, a late result is discarded,
   * and its items are retried in halves, like those of a call that threw. An item that was alone in the call is retried
   * after one period, two, and so on up to sixteen, while that call runs. Time in which the process stood still does
   * not count in full: calls get a tenth of the time-out, at least 100 ms, each time the cache notices it. Default: 30
   * s.
   *
   * @param timeout from 1 ms to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> refreshTimeout(Duration timeout) {
    settings.refreshTimeout = requireNonNull(timeout, "timeout");
    return this;
  }

  /**
   * Sets the back-off of a failing item: after the k-th failure in a row the item is not called for {@code initial *
   * 2^(k-1)}, at most {@code max}, times a random factor from a half to one. The items of a call that failed as a whole
   * share the factor. Then the item is due at once, also in the course of a cycle. Default: two periods each. So a
   * failed call is not repeated within its period, and all items are refreshed normally four periods after an outage.
   *
   * @param initial from 1 ms to 365 days
   * @param max from {@code initial} to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> backoff(Duration initial, Duration max) {
    settings.givenBackoffInitial = requireNonNull(initial, "initial");
    settings.givenBackoffMax = requireNonNull(max, "max");
    return this;
  }

  /**
   * Bounds the time of a {@link AutoRefresh#close}, its deletions included. Default: 10 s.
   *
   * @param timeout from zero to 365 days
   * @return this
   */
  public AutoRefreshBuilder<K, V> closeTimeout(Duration timeout) {
    settings.closeTimeout = requireNonNull(timeout, "timeout");
    return this;
  }

  /**
   * Shares the refresh work with other caches, mostly of other JVMs, that keep the same items. One cache at a time
   * refreshes an item from the remote, and the others take the answer. Ids, values and settings such as {@link
   * #refreshEvery} should be the same in all.
   *
   * <p>Reads stay local. An item's age runs from the time at which a cache asked for the answer. Every item has a due
   * time of its own: one period, or its {@link #interval}, after an answer of this cache's own, and a little later
   * after that of another cache. Where the exchange is slow, down or wrong, each cache refreshes its items by itself.
   * So no bound on staleness depends on the exchange.
   *
   * <p>An answer of another cache counts as a refresh: it changes values, makes items terminal or removes them, with
   * the same events. An older answer never replaces a newer one. {@link AutoRefresh#refreshNow} always calls the
   * remote. Deletions stay local: {@link #onDelete} runs only in the cache whose {@code deleteDelayed} was called.
   * Terminal items and items marked for deletion ignore the answers of other caches, and answers for absent ids have no
   * effect.
   *
   * <p><b>Security.</b> Write access to the exchange is write access to the values of all caches that share it.
   *
   * <p>The exchange belongs to one cache, which closes it: a builder with an exchange should build one cache. Default:
   * not shared.
   *
   * @param exchange connects this cache with the others
   * @param codec makes text of ids and bytes of values
   * @return this
   */
  public AutoRefreshBuilder<K, V> share(Exchange exchange, Codec<K, V> codec) {
    settings.exchange = requireNonNull(exchange, "exchange");
    settings.codec = requireNonNull(codec, "codec");
    return this;
  }

  /**
   * Counts hits and misses in {@link AutoRefresh#stats}. Off by default, since the counting costs more than the read
   * itself. All other counters are always on.
   *
   * @return this
   */
  public AutoRefreshBuilder<K, V> recordStats() {
    settings.recordStats = true;
    return this;
  }

  /**
   * Sets the source of time of all decisions. Default: {@link Ticker#systemTicker()}. A test sets a {@link
   * io.autorefresh.testing.ManualTicker} and moves it by hand.
   *
   * @param ticker nanoseconds, monotonic
   * @return this
   */
  public AutoRefreshBuilder<K, V> ticker(Ticker ticker) {
    settings.ticker = requireNonNull(ticker, "ticker");
    return this;
  }

  /**
   * Builds the cache. The cache does nothing by itself until it is started. The context class loader of the calling
   * thread becomes that of the cache's threads, which inherit nothing else.
   *
   * @return a new cache
   * @throws IllegalArgumentException if settings are missing, out of bounds or contradict each other; the message names
   *     all of them, each with its bounds and the value given
   */
  public AutoRefresh<K, V> build() {
    return Engine.create(
        settings.checked(), new Snapshots<>(Stats::new, Freshness::new, ItemState::new, CycleReport::new));
  }

  /**
   * Builds the cache and {@linkplain AutoRefresh#start starts} it.
   *
   * @return a new cache that is started
   * @throws IllegalArgumentException as {@link #build}
   */
  public AutoRefresh<K, V> start() {
    AutoRefresh<K, V> cache = build();
    cache.start();
    return cache;
  }
}
