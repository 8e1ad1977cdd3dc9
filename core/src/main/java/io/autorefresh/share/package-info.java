/**
 * Several JVMs that keep the same items share the refresh work: an {@link io.autorefresh.share.Exchange} tells each of
 * them which items to ask the remote for, and takes the answers to the others. A {@link io.autorefresh.share.Codec}
 * makes bytes of values.
 *
 * <p>Reads stay local, and no bound on staleness depends on the exchange: where it is slow, down or wrong, each JVM
 * refreshes its items by itself.
 */
@NullMarked
package io.autorefresh.share;

import org.jspecify.annotations.NullMarked;
