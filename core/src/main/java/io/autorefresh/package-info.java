/**
 * The API: {@link io.autorefresh.AutoRefresh} and its builder, the callbacks, the outcomes and events, and the
 * snapshots that show the state of the cache.
 *
 * <p>Neither ids nor items are ever null. A null argument causes a {@link NullPointerException} that names it.
 */
@NullMarked
package io.autorefresh;

import org.jspecify.annotations.NullMarked;
