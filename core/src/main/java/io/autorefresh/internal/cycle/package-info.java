/**
 * One sync cycle: its scope, its jobs, their time, and the application of their outcomes.
 *
 * <p>In reading order: {@code Cycle} is the loop of an owner, which hands out and waits at one place. {@code HandOut}
 * says which cycle hands out, and gives it the schedule. {@code Job} is one call of user code, with its states; {@code
 * RefreshJob}, {@code DeleteJob} and {@code CreateJob} are its kinds. {@code JobMonitor} enforces the time-outs, and
 * {@code Slots} counts the jobs. {@code Signal} is the waiting place. {@code JobScope} hides the shapes of
 * StructuredTaskScope. {@code Batch} and {@code Refresh} call the refresher. {@code Cycles} has what the cycles of one
 * cache share: {@code Settings}, {@code Counters}, {@code Log} and {@code FailureLog}. {@code Listening} delivers the
 * events. {@code Publication} makes the entries of a call for other caches, and {@code Arrivals} applies theirs.
 *
 * <p>This package does not know when cycles open or that callers wait. The schedule alone says which items are due.
 */
package io.autorefresh.internal.cycle;
