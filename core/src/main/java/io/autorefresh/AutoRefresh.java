package io.autorefresh;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A bounded set of remote things, kept fresh in memory: the status of jobs, orders, deployments, prices, feature
 * flags. Reads cost what they cost in a concurrent map; in the background every live item is refreshed once per
 * sync cycle, in batches, each job on a virtual thread of the cycle's {@code StructuredTaskScope}.
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
 * <p>It is a replica with known freshness, not a cache that loads on a miss: nothing is refreshed because somebody
 * read it, and nothing goes stale because nobody did. There is no way to set an item: values come from creation and
 * from refreshes alone.
 *
 * <p><b>Life of an item.</b> It is created by {@code getOrCreate}, refreshed once at once and then in every cycle
 * until it is <i>terminal</i>. It leaves by a delayed deletion, when the remote reports it as deleted, or by
 * eviction when there are more than {@link AutoRefreshBuilder#maximumSize}.
 *
 * <p><b>Promises.</b> An id is never in two running refreshes, not even when it was deleted and created anew
 * meanwhile; only one that was abandoned after its time-out does not count. An outcome that comes late, after its
 * item was marked, deleted, evicted or created anew, has no effect. Whatever a callback throws costs its own items
 * this cycle and nothing else. There are never more than {@link AutoRefreshBuilder#maxConcurrency} jobs.
 *
 * <p><b>Not promised.</b> An item may be older than a period: while the remote fails, while calls are slower than the
 * limits allow, or when it backs off; {@link #inspect} tells its age. Nothing is kept beyond the life of the process.
 *
 * <p>Safe for use by many threads. Null arguments are answered with a {@link NullPointerException} that names the
 * argument. Ids need {@code equals} and {@code hashCode} as for any map; they are called under a lock, so they must
 * not call back into the cache. The design follows {@code cache.AutoRefresh} of Flyte's Go standard library.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public interface AutoRefresh<K, V> extends AutoCloseable {

  /**
   * Begins to describe a cache.
   *
   * @param <K> the type of ids
   * @param <V> the type of items
   * @return a new builder with every setting at its default
   */
  static <K, V> AutoRefreshBuilder<K, V> builder() { return new AutoRefreshBuilder<>(); }

  /**
   * Begins to refresh in the background, on daemon threads. Items created before are kept, and get their first refresh
   * now. The first periodic cycle begins one period later; with {@link AutoRefreshBuilder#spread} the first call of
   * each cycle comes after a part of the first gap between calls that this cache chose at random, once.
   *
   * @throws IllegalStateException if this cache was started or closed before; the message says which
   */
  void start();

  /**
   * Does what {@link #start} does, in the calling thread, until that is interrupted or the cache is closed. The cache's
   * scope is then nested in the caller's, so that the whole of it can be a task of a {@code StructuredTaskScope}. Every
   * callback that runs on the cache's threads sees the scoped values that are bound by the caller, except those of the
   * last deletions at a {@link #close}. Creators, and what is asked about the values that they make, run in the threads
   * of their callers, except for a {@linkplain AutoRefreshBuilder#createBatch batch creator}.
   *
   * <p>Interrupted, it begins no new job, interrupts the running ones, and returns when the last has ended, as the law
   * of structured concurrency has it: however long that takes. Pending deletions and events are not carried out. The
   * cache is then not closed, but cannot be started again; {@link #sync} goes on to work.
   *
   * @throws InterruptedException if the calling thread was interrupted; a return means that the cache was closed
   * @throws IllegalStateException if this cache was started or closed before, or if the background failed; the message
   *     says which
   */
  void run() throws InterruptedException;

  /**
   * Runs one whole sync cycle now, not spread: carries out the deletions, then refreshes every item that is live, not
   * marked, not in flight and due, new items first; and returns when each of its jobs has ended or been abandoned.
   * {@link AutoRefreshBuilder#maxCallsPerSecond} still holds. For tests, and for callers with a scheduler of their own.
   *
   * <p>Where no background runs, a thread of the cache owns the cycle, and the listener has got its events when this
   * returns. Beside a background the cycle opens at once, off its ticks; a tick that comes before it has handed out its
   * jobs is left out. Concurrent calls queue. An interrupted caller leaves alone, and the cycle goes on.
   *
   * @return what the cycle did
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
   * present. Of any number of concurrent callers one creates, and all get the same item. A hit takes no lock.
   *
   * <p>A new item is refreshed at once if the cache is started (see {@link AutoRefreshBuilder#refreshOnCreate}),
   * unless it is terminal. If the cache is over its maximum size then, another item is evicted before this returns.
   *
   * @param id the id
   * @param item the first value, ignored if there is an item
   * @return the item
   * @throws CreationException if the caller is interrupted while it waits for another caller's creator, or if that
   *     throws a checked exception; what it throws unchecked comes as it is
   * @throws IllegalStateException if the cache is closed, or if the creator of the id asks for it
   */
  V getOrCreate(K id, V item);

  /**
   * Returns the item of an id, created by the creator if absent. As {@link #getOrCreate(Object, Object)}; the
   * creator runs in the calling thread, outside every lock, so that a slow one delays only callers of its id. If it
   * throws, all callers that wait for it get the exception, nothing is stored, and the next call tries again. A creator
   * may ask for other ids; creators of two threads that ask for each other's ids wait for each other.
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
   * makes the items of several callers in one call. An interrupted caller leaves alone; the item is created all the
   * same.
   *
   * @param id the id
   * @return the item
   * @throws CreationException if the batch creator throws, does not return the item, or takes longer than {@link
   *     AutoRefreshBuilder#refreshTimeout}, or if the background ends before; otherwise as
   *     {@link #getOrCreate(Object, Creator)}
   * @throws IllegalStateException if the builder was given no creator; otherwise as
   *     {@link #getOrCreate(Object, Creator)}
   */
  V getOrCreate(K id);

  /**
   * Marks an item for deletion at the beginning of the next cycle. Until then {@code get} and {@code getOrCreate}
   * return it as it is: no refresh changes it any more, one that is running included. The deletion does not wait
   * for the end of such a refresh. An absent id has no effect at all.
   *
   * @param id the id
   * @return whether there was an item, marked already or not
   * @throws IllegalStateException if the cache is closed
   */
  boolean deleteDelayed(K id);

  /**
   * Removes an item at once, here only: {@link AutoRefreshBuilder#onDelete} is not called, also if the item is marked
   * for deletion, and a refresh or deletion of it that runs has no effect any more. An item that is created under the
   * id afterwards is refreshed when that call has ended, since an id is never in two running calls.
   *
   * @param id the id
   * @return whether there was an item
   * @throws IllegalStateException if the cache is closed
   */
  boolean forget(K id);

  /**
   * Returns the items as a map: a live view that shows what is in the cache at any time, also after the close. Every
   * method that would change it throws {@link UnsupportedOperationException}; entries that it hands out are snapshots.
   * Iterators and streams take no lock and never throw {@link java.util.ConcurrentModificationException}: they show
   * each item that is there from their beginning to their end once, and may or may not show one that comes or goes
   * meanwhile. {@code get} is that of the cache, and counts as a read; everything else does not. {@code size} is
   * constant time.
   *
   * @return a read-only view of this cache
   */
  Map<K, V> asMap();

  /**
   * Waits until the item of an id satisfies a condition, and returns its value: the present one at once if the
   * condition holds for it, otherwise the first later one that it holds for. Values that are replaced before the
   * calling thread runs may be skipped; one that stays is not missed. Meanwhile the item is due in every cycle.
   *
   * <p>The calling thread is parked, and runs the condition itself, outside every lock; what that throws is thrown
   * here. An item that leaves the cache is tested once more with its last value; a new item of the same id is another
   * one. A waiting caller does not hasten refreshes beyond that: what it sees is at most a period and a call old, as
   * ever.
   *
   * @param id the id
   * @param condition tested with the present value, and with what follows
   * @param timeout the longest time to wait, by the cache's ticker; zero or less tests the present value alone, more
   * than
   *     365 days count as 365 days
   * @return the value that satisfies the condition
   * @throws ItemNotFoundException if there is no item, or it leaves the cache
   * @throws TimeoutException if the time is over
   * @throws InterruptedException if the calling thread is interrupted
   * @throws IllegalStateException if the item is terminal and does not satisfy the condition, as it will not change;
   * or if
   *     the cache is closed, before or meanwhile, or its background has failed
   */
  V await(K id, Predicate<? super V> condition, Duration timeout) throws InterruptedException, TimeoutException;

  /**
   * Refreshes an item now, and returns its value afterwards. The refresh begins after this call: one that runs already
   * is waited for, since it may not have seen what the caller knows. It goes ahead of periodic work, whatever the
   * item's back-off, and in batches with other requests and with new items; callers of one id share one refresh, so
   * that a thousand callers make one call. {@link AutoRefreshBuilder#maxConcurrency} and {@link
   * AutoRefreshBuilder#maxCallsPerSecond} hold. The calling thread is parked meanwhile.
   *
   * <p>An item that is marked for deletion is returned as it is. A terminal one is refreshed once more, and is live
   * again if its value is not final then.
   *
   * @param id the id
   * @param timeout the longest time to wait, by the cache's ticker; more than 365 days count as 365 days. When it is
   * over,
   *     the refresh is not called off
   * @return the value after the refresh
   * @throws RefreshFailedException if the refresh failed, timed out, or had an answer that does not mention the item;
   * at once, and without a call, while the remote wants no calls ({@link RetryAfterException}), or while the last call
   * for
   *     this item alone hangs
   * @throws ItemNotFoundException if there is no item, or it leaves the cache
   * @throws TimeoutException if the time is over
   * @throws InterruptedException if the calling thread is interrupted
   * @throws IllegalStateException if no background runs, if the caller is a job of this cache, or if the cache is
   * closed,
   *     before or meanwhile, or its background ends
   */
  V refreshNow(K id, Duration timeout) throws InterruptedException, TimeoutException;

  /**
   * Returns an item that is at most that old: without waiting if a refresh confirmed it so lately, or if it is
   * terminal; otherwise as {@link #refreshNow}.
   *
   * @param id the id
   * @param maxAge the greatest age, as {@link ItemState#age} tells it
   * @param timeout the longest time to wait, as for {@link #refreshNow}
   * @return the value
   * @throws RefreshFailedException as {@link #refreshNow}, and so the others
   * @throws TimeoutException if the time is over
   * @throws InterruptedException if the calling thread is interrupted
   */
  V getFresh(K id, Duration maxAge, Duration timeout) throws InterruptedException, TimeoutException;

  /**
   * Says that an item may have changed, as a webhook or a queue message tells: it is refreshed as by {@link
   * #refreshNow}, but the caller does not wait. The back-off of a failing item is skipped once per period at most.
   * Where no background runs, the next {@link #sync} refreshes it. May be called from callbacks.
   *
   * @param id the id
   * @return whether there is an item
   * @throws IllegalStateException if the cache is closed
   */
  boolean refreshSoon(K id);

  /**
   * Says that everything may have changed, as after the loss of a queue: every live item is due once more from now on,
   * also one that backs off, once a period at most; except suspects, and those for which the remote asked for a delay.
   * With {@link AutoRefreshBuilder#spread} that takes about a period, beside what is due anyway. Does not wait; takes
   * the lock of each stripe for a walk over its items.
   *
   * @throws IllegalStateException if the cache is closed
   */
  void refreshAllSoon();

  /**
   * Waits until each item that was there at the start has been confirmed by a refresh, has failed once, is terminal,
   * or is gone. If nothing was there, that is at once after the start; before the start it is never. {@link
   * Stats#isReady} tells the same without waiting.
   *
   * @param timeout the longest time to wait, by the cache's ticker; zero or less does not wait, more than 365 days
   * count as
   *     365 days
   * @return true if that is so, false if the time is over
   * @throws InterruptedException if the calling thread is interrupted
   * @throws IllegalStateException if the cache is closed, before or meanwhile, or its background has failed
   */
  boolean awaitReady(Duration timeout) throws InterruptedException;

  /**
   * Returns an item with its freshness and what is to happen to it next. Takes the lock of the item's stripe for a
   * moment; it is no read in the sense of the eviction policy. Works after the close.
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
   * Returns how old the items are. Takes no lock; costs a walk over all items and the sorting of their ages: about 50
   * ms for 500,000 items. Works after the close.
   *
   * @return a snapshot
   */
  Freshness freshness();

  /**
   * Returns the number of items. Never more than {@link AutoRefreshBuilder#maximumSize} while no call is in
   * progress. Counts no item that {@link #get} does not find. Works after the close. Constant time.
   *
   * @return the number of items
   */
  int size();

  /**
   * Stops everything, in bounded time. No refresh begins any more, and the running ones are interrupted. Items that are
   * marked are deleted by {@link AutoRefreshBuilder#onDelete}, if there is one: each once, whatever its back-off, under
   * the bounds on concurrency and call rate, on a thread of the cache. The listener gets the events that wait. After at
   * most {@link AutoRefreshBuilder#closeTimeout} what still runs is interrupted and named in the log, with its stack;
   * so is the number of items and events that were left. After a return in time no refresher, deleter or listener runs.
   *
   * <p>What runs in a caller's own thread, as a creator does, is neither interrupted nor waited for; its item is
   * refused. Called again, this waits for the same end. Called from a creator, refresher, deleter or listener, it
   * returns at once, and the rest goes on. An interrupt of the caller does not shorten it and is kept. Afterwards
   * everything that reads still answers; everything else throws {@link IllegalStateException}.
   */
  @Override
  void close();
}
