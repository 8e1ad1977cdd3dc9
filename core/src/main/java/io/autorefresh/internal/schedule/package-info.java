/**
 * Decides which things are called next, in which batches, and when each call may begin. Plain arithmetic over the
 * readings of a ticker, for one thread at a time: no thread, no lock, no sleep, no user code except {@code equals} and
 * {@code hashCode} of group keys.
 *
 * <p>In reading order: a thing to schedule implements {@code Due}. {@code Schedule} returns the next {@code Call}, or
 * the time to wait, and takes in the result of each call. A {@code Lane} has the waiting things of one group: a {@code
 * Line} has them in order, a {@code Calendar} by due times of their own, and a {@code DueQueue} has an {@code Entry}
 * for each due time of failures and the like. {@code Lanes} chooses the next group. {@code CallResults} applies the
 * result of a call to its lane, and {@code Health} has the troubles of a group: suspects, outages, probes, pauses.
 * {@code Turns} chooses the next sort of things, {@code Spread} spreads them over the period, {@code Pacer} bounds the
 * calls a second. {@code Claims} holds things back until the exchange grants them. {@code Survey} takes in a walk over
 * all items. {@code Backoff} computes the delay of a failed item; {@code Failure}, {@code Cause} and {@code Tally} are
 * the records of failures.
 *
 * <p>This package knows a thing as a {@code Due} only, which an item implements. It knows no map, job or cycle.
 */
package io.autorefresh.internal.schedule;
