package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.SharedItem;
import io.autorefresh.internal.share.ExchangeClock;
import io.autorefresh.internal.share.Sharing;
import io.autorefresh.share.Codec;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What one call of the refresher has found out, for the other caches: an entry for each item. Used by the job's thread.
 *
 * <p>The version of a value is the time of the call that brought it, by the clock of the exchange, in thousandths of
 * its milliseconds, of which the last three digits are the cache's own. So values of two caches, both from the same
 * millisecond, have two versions, and one of them wins everywhere.
 *
 * <p>A confirmation carries the value only if the exchange may not have it: since it was created here, or since entries
 * were lost in the meantime, which begins an epoch.
 */
final class Publication<K, V> {

  static final int FINENESS = 1_000;
  /** How many times as long as until the item is due, at the longest, an entry is kept. */
  private static final int KEPT = 4;

  private final Sharing<K, V> sharing;
  private final ExchangeClock clock;
  private final Codec<K, V> codec;
  private final FailureLog log;
  private final long asOf;
  private final int epoch;
  private final int node;
  private final byte @Nullable [][] values;
  private final List<Entry> entries;
  private long longest;

  /**
   * Creates a publication without entries.
   *
   * @param items how many items the call has
   * @param asOf the ticker's reading as of which its answers are
   */
  Publication(Cycles<K, V> cycles, Sharing<K, V> sharing, int items, long asOf) {
    this.sharing = sharing;
    this.clock = sharing.clock();
    this.codec = Objects.requireNonNull(cycles.settings.codec);
    this.log = cycles.log;
    this.asOf = asOf;
    this.epoch = sharing.epoch();
    this.node = Math.floorMod(cycles.settings.node, FINENESS);
    this.longest = cycles.settings.period;
    this.values = new byte[items][];
    this.entries = new ArrayList<>(items);
  }

  /** Encodes a value that is to be published; called while the call's time runs. */
  void encode(int place, SharedItem<K, V> item, V value, boolean changed) {
    if (item.text() == null || !changed && item.publishedIn() == epoch) {
      return;
    }
    try {
      values[place] = Objects.requireNonNull(codec.encode(value), "the bytes are null");
    } catch (Throwable t) {
      log.contain("the codec", item.id(), t);
    }
  }

  /** Returns the version of an item's value after an answer that was true at the given time. */
  long version(SharedItem<K, V> item, boolean changed, long at) {
    long before = item.version();
    if (!changed && before != SharedItem.NO_VERSION) {
      return before;
    }
    return clock.isSet() ? Math.max(clock.toEngine(at) * FINENESS + node, before + 1) : SharedItem.NO_VERSION;
  }

  /**
   * An item was confirmed.
   *
   * @param at the ticker's reading at which the answer was true
   * @param dueIn how long after that the remote wants to be asked again, or -1 if it has not said
   */
  void confirmed(int place, SharedItem<K, V> item, boolean changed, long at, long version, long dueIn) {
    byte[] value = values[place];
    if (value == null && (changed || item.publishedIn() != epoch)) {
      // It could not be encoded.
      item.setPublishedIn(0);
      return;
    }
    add(item, value == null ? Kind.UNCHANGED : Kind.UPDATED, at, version, value, dueIn);
    if (value != null) {
      item.setPublishedIn(epoch);
    }
  }

  void deleted(SharedItem<K, V> item) {
    add(item, Kind.DELETED, asOf, 0, null, -1);
  }

  /**
   * An item's refresh failed.
   *
   * @param paused whether the remote wants no call of its group before
   */
  void failed(SharedItem<K, V> item, boolean paused, long dueAt) {
    add(item, paused ? Kind.PAUSED : Kind.FAILED, asOf, 0, null, Math.max(0, dueAt - asOf));
  }

  private void add(SharedItem<K, V> item, Kind kind, long at, long version, byte @Nullable [] value, long dueIn) {
    String text = item.text();
    if (text != null && clock.isSet()) {
      Duration retryAfter = dueIn < 0 ? null : Duration.ofNanos(dueIn);
      entries.add(new Entry(text, kind, clock.toEngine(at), version, value, retryAfter));
      longest = Math.max(longest, Math.max(dueIn, item.dueAt(at) - at));
    }
  }

  /** Hands the entries to the other caches. */
  void send() {
    if (!entries.isEmpty()) {
      long most = Settings.MAX_TIME.toNanos() / KEPT;
      sharing.publish(entries, Duration.ofNanos(KEPT * Math.min(longest, most)));
    }
  }
}
