/**
 * Decides which things are called next, in which batch, when its call may begin, and when the next one. Plain
 * arithmetic over the readings of a ticker, for one thread at a time: no thread, no lock, no sleep, no user code except
 * {@code equals} and {@code hashCode} of group keys.
 *
 * <p>In reading order: {@code Due} is what the schedule asks of a thing. {@code Schedule} answers "what next, or wait
 * until when" with a {@code Call}, and takes in its result. A {@code Lane} has what waits of one group: {@code Line}
 * for things in order, {@code Calendar} for things that have their due times themselves, {@code DueQueue} for the due
 * times of failures and the like. {@code Lanes} says which group is next, {@code CallResults} what follows from a call,
 * and {@code Health} what is wrong with a group: suspects, outages, probes, pauses. {@code Turns} says which sort of
 * things is next, {@code Spread} spreads them over the period, {@code Pacer} bounds the calls a second. {@code Survey}
 * takes in a walk over all items. {@code Backoff}, {@code Failure} and {@code Cause} are what is kept of failures.
 *
 * <p>This package does not know what a thing is: an item implements {@code Due}. It knows no map, job or cycle.
 */
package io.autorefresh.internal.schedule;
