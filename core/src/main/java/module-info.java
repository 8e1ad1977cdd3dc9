import org.jspecify.annotations.NullMarked;

/**
 * Keeps a bounded set of remote things fresh in memory: reads at the speed of a concurrent map, and in the background
 * one refresh of every live item per sync cycle.
 *
 * <p>Start at {@link io.autorefresh.AutoRefresh}. Nothing but {@code java.base} is needed at run time; where {@code
 * jdk.jfr} is present, the Flight Recorder gets events.
 */
@NullMarked
module io.autorefresh {
  requires static jdk.jfr;
  requires static org.jspecify;

  exports io.autorefresh;
  exports io.autorefresh.share;
  exports io.autorefresh.testing;
}
