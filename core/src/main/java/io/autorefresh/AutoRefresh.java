package io.autorefresh;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A bounded set of remote things, kept fresh in memory: the status of jobs, orders, deployments, prices, feature flags.
 * A read costs as much as a read of a concurrent map. In the background, every live item is refreshed once per sync
 * cycle, in batches. Each batch is a job on a virtual thread of the cycle's {@code StructuredTaskScope}.
 *
 * <pre>{@code
 * try (AutoRefresh<String, Job> jobs = AutoRefresh.<String, Job>builder()
 *         .name("jobs")
 *         .refreshBatch(api::statuses)            // Map<String, Job> -> outcome per id
 *         .refreshEvery(Duration.ofSeconds(10))
 *         .terminal(Job::isDone)
 *         .onDelete((id, job) -> api.release(id))
 *         .start()) {
 *   jobs.getOrCreate("job-17", Job.submitted("job-17"));
 *   Job now = jobs.get("job-17");
 *   Job done = jobs.await("job-17", Job::isDone, Duration.ofMinutes(5));
 *   jobs.deleteDelayed("job-17");
 * }                                               // closing carries the deletion out
 * }</pre>
 *
 * <p>The cache is a replica with known freshness. It does not load on a miss: reads neither cause refreshes nor keep
 * items fresh. No method sets an item: values come from creation and from refreshes alone.
 *
 * <p><b>Life of an item.</b> An item is created by {@code getOrCreate}, refreshed at once, and then in every cycle
 * until it is <i>terminal</i>. It leaves the cache when it is deleted or forgotten, when the remote reports it as
 * deleted, when {@link AutoRefreshBuilder#keepTerminal} is over, or when it is evicted over the {@linkplain
 * AutoRefreshBuilder#maximumSize maximum size}.
 *
 * <p><b>Promises.</b> An id is never in two running refreshes, even if it was deleted and created anew meanwhile. A
 * refresh that was abandoned after its time-out does not count. An outcome has no effect if its item was marked,
 * deleted, evicted or created anew meanwhile. An exception of a callback costs its own items this cycle and nothing
 * else. At most {@link AutoRefreshBuilder#maxConcurrency} jobs run, not counting abandoned ones.
 *
 * <p><b>Not promised.</b> An item may be older than a period while the remote fails, while calls are too slow for the
 * limits, and while the item backs off. {@link #inspect} returns its age. Items do not outlive the process.
 *
 * <p>Safe for use by many threads. A null argument causes a {@link NullPointerException} that names the argument. Ids
 * need {@code equals} and {@code hashCode} as for any map. Both are called under a lock, so they must not call the
 * cache. The design follows {@code cache.AutoRefresh} of Flyte's Go standard library.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public interface AutoRefresh<K, V> extends AutoCloseable {

  /**
   * Returns a builder of a cache.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   * @return a new builder with every setting at its default
   */
  static <K, V> AutoRefreshBuilder<K, V> builder() { return new AutoRefreshBuilder<>(); }

  /**
   * Starts the background, on daemon threads. Items created before are kept, and get their first refresh now. The first
   * periodic cycle begins one period later. With {@link AutoRefreshBuilder#spread} the first call of each cycle is
   * delayed by a part of the first gap between calls. The cache draws that part at random, once.
   *
   * @throws IllegalStateException if this cache was started or closed before; the message says which
   */
  void start();

  /**
   * Runs the background in the calling thread, until that thread is interrupted or the cache is closed; otherwise like
   * {@link #start}. The cache's scope is nested in the caller's, so the whole cache can be a task of a {@code
   * StructuredTaskScope}. Callbacks on the cache's threads see the scoped values of the caller, except in the last
   * deletions of a {@link #close}. Creators run in the threads of their callers, and so do the functions that are
   * called with a created value. Only a {@linkplain AutoRefreshBuilder#createBatch batch creator} runs on the cache's
   * threads.
   *
   * <p>After an interrupt, no new job begins and the running jobs are interrupted. The method returns when the last job
   * has ended, however long that takes: the rule of structured concurrency. Pending deletions are not carried out, and
   * pending events are not delivered. The cache is not closed then, but cannot be started again. {@link #sync} still
   * works.
   *
   * @throws InterruptedException if the calling thread was interrupted; a return means that the cache was closed
   * @throws IllegalStateException if this cache was started or closed before, or if the background failed; the message
   *     says which
   */
  void run() throws InterruptedException;

  /**
   * Runs one whole sync cycle now, without spreading it. The cycle carries out the deletions. Then it refreshes every
   * item that is live, due, not marked and not in flight, new items first. The method returns when each job has ended
   * or was abandoned. {@link AutoRefreshBuilder#maxCallsPerSecond} still holds. For tests, and for callers with a
   * scheduler of their own.
   *
   * <p>Without a background, a thread of the cache owns the cycle, and the listener has its events when this method
   * returns. Beside a background, the cycle opens at once, between ticks. A tick is skipped if it comes before this
   * cycle has handed out its jobs. Concurrent calls queue. An interrupt ends the call but not the cycle.
   *
   * @return the figures of the cycle
   * @throws InterruptedException if the calling thread was interrupted
   * @throws IllegalStateException if the cache is closed, before or during the cycle, or if the caller is a creator,
   *     refresher, deleter or listener of the cache
   */
  CycleReport sync() throws InterruptedException;

  /**
   * Returns the item of an id: the very reference that was stored. Takes no lock, never waits, allocates nothing and
   * triggers no work. Works before the start and after the close.
   *
   * @param id the id
   * @return the item, or null if there is none
   */
  @Nullable V get(K id);

  /**
   * Returns the item of an id, like {@link #get}.
   *
   * @param id the id
   * @return the item
   * @throws ItemNotFoundException if there is none
   */
  V getOrThrow(K id);

  /**
   * Returns the item of an id, created from the argument if absent. An item that is marked for deletion counts as
   * present. One of several concurrent callers creates the item, and all of them get it. A hit takes no lock.
   *
   * <p>A new item is refreshed at once if the cache is started (see {@link AutoRefreshBuilder#refreshOnCreate}), unless
   * it is terminal. If the cache is over its maximum size then, another item is evicted before this method returns.
   *
   * @param id the id
   * @param item the first value, ignored if there is an item
   * @return the item
   * @throws CreationException if the caller is interrupted while it waits for another caller's creator, or if that
   *     creator throws a checked exception; an unchecked exception of the creator is thrown as it is
   * @throws IllegalStateException if the cache is closed, or if the creator of the id asks for it
   */
  V getOrCreate(K id, V item);

  /**
   * Returns the item of an id, created by the creator if absent. As {@link #getOrCreate(Object, Object)}. The creator
   * runs in the calling thread, outside every lock, so a slow creator delays only callers of its id. If the creator
   * throws, all waiting callers get the exception, nothing is stored, and the next call tries again. A creator may ask
   * for other ids. Two creators that ask for each other's ids wait for each other.
   *
   * @param id the id
   * @param creator makes the first value; not called if there is an item
   * @return the item
   * @throws CreationException if the creator throws a checked exception, or if the caller is interrupted while it
   *     waits for another caller's creator; an unchecked exception of the creator is thrown as it is
   * @throws NullPointerException if an argument is null, or the creator returns null
   * @throws IllegalStateException if the cache is closed, before or while the creator runs, or if the creator asks for
   *     its own id
   */
  V getOrCreate(K id, Creator<? super K, ? extends V> creator);

  /**
   * Returns the item of an id, created by the {@linkplain AutoRefreshBuilder#create builder's creator} if absent, or by
   * its {@linkplain AutoRefreshBuilder#createBatch batch creator}: then the caller waits for a job of the cycle, which
   * makes the items of several callers in one call. An interrupt ends the call; the item is created nevertheless.
   *
   * @param id the id
   * @return the item
   * @throws CreationException if the batch creator throws, does not return the item, or takes longer than {@link
   *     AutoRefreshBuilder#refreshTimeout}, or if the background ends first; otherwise as {@link #getOrCreate(Object,
   *     Creator)}
   * @throws IllegalStateException if the builder was given no creator; otherwise as
   *     {@link #getOrCreate(Object, Creator)}
   */
  V getOrCreate(K id);

  /**
   * Marks an item for deletion at the beginning of the next cycle. Until then {@code get} and {@code getOrCreate}
   * return it. A marked item does not change any more, even if a refresh of it is running. The deletion does not wait
   * for the end of such a refresh. An absent id has no effect.
   *
   * @param id the id
   * @return whether there was an item, marked already or not
   * @throws IllegalStateException if the cache is closed
   */
  boolean deleteDelayed(K id);

  /**
   * Removes an item at once, from this cache only. {@link AutoRefreshBuilder#onDelete} is not called, even if the item
   * is marked for deletion. A running refresh or deletion of the item has no effect any more. A later item of the id is
   * refreshed when that call has ended, since an id is never in two running calls.
   *
   * @param id the id
   * @return whether there was an item
   * @throws IllegalStateException if the cache is closed
   */
  boolean forget(K id);

  /**
   * Returns the items as a map: a live view of the cache, which works after the close, too. Every method that would
   * change the map throws {@link UnsupportedOperationException}; its entries are snapshots. Iterators and streams take
   * no lock and never throw {@link java.util.ConcurrentModificationException}. They show each item that is present from
   * their beginning to their end once. They may or may not show an item that comes or goes meanwhile. {@code get} is
   * that of the cache and counts as a read; no other method does. {@code size} takes constant time.
   *
   * @return a read-only view of this cache
   */
  Map<K, V> asMap();

  /**
   * Waits until the item of an id satisfies a condition, and returns the value that does. The present value is returned
   * at once if it satisfies the condition, otherwise the first later value that does. Values that are replaced before
   * the calling thread runs may be skipped; a value that stays is not missed. While a caller waits, the item is due in
   * every cycle.
   *
   * <p>The calling thread is parked, and runs the condition itself, outside every lock. An exception of the condition
   * is thrown to the caller. An item that leaves the cache is tested once more, with its last value; a new item of the
   * same id does not count. A waiting caller does not hasten refreshes otherwise: a value is at most a period and a
   * call old, as ever.
   *
   * @param id the id
   * @param condition tested with the present value, and with later ones
   * @param timeout the longest time to wait, by the cache's ticker; zero or less tests the present value alone, more
   *     than 365 days count as 365 days
   * @return the value that satisfies the condition
   * @throws ItemNotFoundException if there is no item, or the item leaves the cache
   * @throws TimeoutException if the time is over
   * @throws InterruptedException if the calling thread is interrupted
   * @throws IllegalStateException if the item is terminal and does not satisfy the condition, since it will not change;
   *     or if the cache is closed, before or meanwhile, or its background has failed
   */
  V await(K id, Predicate<? super V> condition, Duration timeout) throws InterruptedException, TimeoutException;

  /**
   * Refreshes an item now, and returns its value afterwards. The refresh begins after this call. If another refresh of
   * the item is running, the new one follows it, since the running one may miss a change that the caller knows. The
   * refresh goes ahead of periodic work, regardless of the item's back-off, in batches with other requests and with new
   * items. Callers of one id share one refresh: a thousand callers make one call. {@link
   * AutoRefreshBuilder#maxConcurrency} and {@link AutoRefreshBuilder#maxCallsPerSecond} hold. The calling thread is
   * parked meanwhile.
   *
   * <p>An item that is marked for deletion is returned as it is. A terminal item is refreshed once more. It is live
   * again if its value is not final then, and stays as it is if the refresh fails.
   *
   * @param id the id
   * @param timeout the longest time to wait, by the cache's ticker; more than 365 days count as 365 days. The refresh
   *     is not cancelled when the time is over
   * @return the value after the refresh
   * @throws RefreshFailedException if the refresh failed, timed out, or had an answer that does not mention the item.
   *     Thrown at once, without a call, while the remote wants no calls ({@link RetryAfterException}), and while the
   *     last call for this item alone hangs
   * @throws ItemNotFoundException if there is no item, or the item leaves the cache
   * @throws TimeoutException if the time is over
   * @throws InterruptedException if the calling thread is interrupted
   * @throws IllegalStateException if no background runs, if the caller is a job of this cache, or if the cache is
   *     closed, before or meanwhile, or its background ends
   */
  V refreshNow(K id, Duration timeout) throws InterruptedException, TimeoutException;

  /**
   * Returns an item whose age is at most the given one. The call does not wait if a refresh has confirmed the item that
   * recently, or if the item is terminal. Otherwise it is {@link #refreshNow}.
   *
   * @param id the id
   * @param maxAge the greatest age, as of {@link ItemState#age}
   * @param timeout the longest time to wait, as for {@link #refreshNow}
   * @return the value
   * @throws RefreshFailedException as {@link #refreshNow}, like all other exceptions
   * @throws TimeoutException if the time is over
   * @throws InterruptedException if the calling thread is interrupted
   */
  V getFresh(K id, Duration maxAge, Duration timeout) throws InterruptedException, TimeoutException;

  /**
   * Gives the hint that an item may have changed, for instance after a webhook or a queue message. The item is
   * refreshed as by {@link #refreshNow}, but the caller does not wait. The back-off of a failing item is skipped once
   * per period at most. Without a background, the next {@link #sync} refreshes the item. May be called from callbacks.
   *
   * @param id the id
   * @return whether there is an item
   * @throws IllegalStateException if the cache is closed
   */
  boolean refreshSoon(K id);

  /**
   * Gives the hint that all items may have changed, for instance after the loss of a queue. Every live item is due once
   * more from now on. A back-off is skipped once per period at most. Suspects, and items for which the remote asked for
   * a delay, keep their delay. With {@link AutoRefreshBuilder#spread} the refreshes take about a period, in addition to
   * those that are due anyway. Does not wait; takes the lock of each stripe for a walk over its items.
   *
   * @throws IllegalStateException if the cache is closed
   */
  void refreshAllSoon();

  /**
   * Waits until the cache is ready: each item that was there at the start has been confirmed by a refresh, has failed
   * once, is terminal, or is gone. A cache that has no items at the start is ready at once. No cache is ready before
   * its start. {@link Stats#isReady} returns the same without waiting.
   *
   * @param timeout the longest time to wait, by the cache's ticker; zero or less does not wait, more than 365 days
   *     count as 365 days
   * @return true if the cache is ready, false if the time is over
   * @throws InterruptedException if the calling thread is interrupted
   * @throws IllegalStateException if the cache is closed, before or meanwhile, or its background has failed
   */
  boolean awaitReady(Duration timeout) throws InterruptedException;

  /**
   * Returns the state of an item: its freshness and its next refresh or deletion. Takes the lock of the item's stripe
   * for a moment. Does not count as a read in the eviction policy. Works after the close.
   *
   * @param id the id
   * @return its state, or empty if there is no item
   */
  Optional<ItemState<V>> inspect(K id);

  /**
   * Returns the counters and gauges. Takes each lock of the items for a moment; constant time. Works after the close.
   *
   * @return a snapshot
   */
  Stats stats();

  /**
   * Returns the ages of the items. Takes no lock. Costs a walk over all items and the sorting of their ages: about 50
   * ms for 500,000 items. Works after the close.
   *
   * @return a snapshot
   */
  Freshness freshness();

  /**
   * Returns the number of items: at most {@link AutoRefreshBuilder#maximumSize} while no call is in progress. An item
   * that {@link #get} does not find is not counted. Works after the close. Constant time.
   *
   * @return the number of items
   */
  int size();

  /**
   * Stops the cache, in bounded time. No refresh begins any more, and the running ones are interrupted. {@link
   * AutoRefreshBuilder#onDelete}, if it is set, is called once for each marked item, regardless of its back-off, on a
   * thread of the cache. The bounds on concurrency and call rate hold. The listener gets the waiting events. After at
   * most {@link AutoRefreshBuilder#closeTimeout} the running calls are interrupted and logged with their stacks. The
   * log also names the number of items and events that were left. After a return in time no refresher, deleter or
   * listener runs.
   *
   * <p>A creator in its caller's own thread is neither interrupted nor waited for; its item is refused. A second call
   * waits for the same end. A call from a creator, refresher, deleter or listener returns at once, and the close goes
   * on. An interrupt of the caller does not shorten the close and is kept. Afterwards all methods that read still work;
   * all others throw {@link IllegalStateException}.
   */
  @Override
  void close();
}
