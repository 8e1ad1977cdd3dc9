/**
 * Puts the parts together: the implementation behind the interface, the life of the background, and the calls of
 * users that wait.
 *
 * <p>In reading order: {@code Engine} implements {@link io.autorefresh.AutoRefresh}; a {@code RecordingEngine} counts
 * hits, too. {@code Dispatcher} opens a cycle at each tick, and {@code Shutdown} ends what runs at the close. {@code
 * Waiting} has the calls that wait for an item. {@code Callbacks} calls the user's code that runs in callers' threads.
 * {@code ItemView}, {@code Snapshots} and {@code Ages} show the state to users. {@code Negligence} notices a cache that
 * nobody started.
 *
 * <p>This package knows all the others. No other package knows it, except the builder, which makes an engine.
 */
package io.autorefresh.internal.engine;
