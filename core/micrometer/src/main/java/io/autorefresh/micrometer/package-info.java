/** The figures of a cache as meters of Micrometer: see {@link io.autorefresh.micrometer.AutoRefreshMetrics}. */
@NullMarked
package io.autorefresh.micrometer;

import org.jspecify.annotations.NullMarked;
