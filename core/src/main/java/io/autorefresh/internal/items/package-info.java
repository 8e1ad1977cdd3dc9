/**
 * Holds the items: a map with striped locks, a bounded size, and one check that keeps late results out.
 *
 * <p>In reading order: an {@code Item} is one generation of an id, and its {@code Condition} has its uncommon state.
 * {@code GroupedItem}, {@code DatedItem} and {@code SharedItem} are items with more fields: a group, a due time of
 * their own, a version. {@code Table} is the hash table, which is read without a lock. {@code Stripe} guards a part of
 * the items by a lock, with its {@code ItemQueue} and its part of the {@code Eviction}. {@code ItemMap} is the map of
 * all stripes. {@code Fence} applies the result of a job, if the job still has the item. {@code Creations} makes each
 * item once. {@code Orphans} are the running calls that have lost their item. {@code Waiters} wakes callers that wait,
 * {@code EventQueue} keeps events in order, {@code MapView} shows the map to users.
 *
 * <p>This package does not know cycles or jobs: a job is a {@code Token} here. Of the schedule, an item implements
 * {@code Due} and keeps a {@code Failure}.
 */
package io.autorefresh.internal.items;
