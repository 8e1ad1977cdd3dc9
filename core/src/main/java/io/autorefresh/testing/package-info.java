/**
 * For tests of code that has a cache in it, and for choosing settings: a ticker that a test moves by hand, a remote
 * that misbehaves, and a forecast. Nothing of it is used by a cache that does not get it as its ticker or its
 * callbacks.
 */
@NullMarked
package io.autorefresh.testing;

import org.jspecify.annotations.NullMarked;
