package io.autorefresh.internal.cycle;

import io.autorefresh.Deleter;
import io.autorefresh.Ticker;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.schedule.Backoff;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What all cycles of a cache share.
 *
 * @param name the cache's name
 * @param map the items
 * @param fence the jobs' side of them
 * @param refresh asks the remote
 * @param deleter releases items, or null: then they are removed without a job
 * @param isTerminal the user's predicate as it is
 * @param batchBy the user's group key as it is, or null
 * @param batchSize items in a batch at most
 * @param backoff for failures
 * @param gate lets jobs begin
 * @param ticker time
 * @param realTime what jobs are given when they are to end, whatever the ticker says
 * @param timeout of a job, in nanoseconds
 * @param patience nanoseconds after which it is logged what a cancelled cycle still waits for
 * @param totals counts for all cycles
 * @param causes knows what was logged with its stack before
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public record Context<K, V>(
    String name,
    ItemMap<K, V> map,
    Fence<K, V> fence,
    Refresh<K, V> refresh,
    @Nullable Deleter<? super K, ? super V> deleter,
    Predicate<? super V> isTerminal,
    @Nullable BiFunction<? super K, ? super V, ?> batchBy,
    int batchSize,
    Backoff backoff,
    Gate gate,
    Ticker ticker,
    Ticker realTime,
    long timeout,
    long patience,
    Tally totals,
    CauseLog causes) {}
