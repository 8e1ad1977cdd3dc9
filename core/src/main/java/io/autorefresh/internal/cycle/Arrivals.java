package io.autorefresh.internal.cycle;

import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.SharedItem;
import io.autorefresh.internal.items.Traits;
import io.autorefresh.internal.schedule.Claims;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.internal.share.ExchangeClock;
import io.autorefresh.internal.share.Sharing;
import io.autorefresh.share.Codec;
import io.autorefresh.share.Exchange.Entry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one way in for values from outside: what other caches have found out about items of this one. An entry is a
 * confirmation as of its time, if it is newer than the item's last one; otherwise it has no effect. Nothing that an
 * entry has, and nothing that user code throws for it, has an effect beyond its item. Entries for ids that are not here
 * are ignored.
 *
 * <p>An item that another cache refreshes is due here a little later than there: between an eighth and a quarter of its
 * interval, and a call's time. The part is drawn from the id and the cache, so that the items of a cache that ends are
 * taken over by several others, one by one.
 *
 * <p>Safe for use by several threads.
 */
public final class Arrivals<K, V> implements Sharing.Intake<K, V> {

  /** Entries and versions further in the future are wrong, in milliseconds. */
  private static final long FUTURE = 86_400_000;
  private static final double LEAST = 0.125;

  private final Cycles<K, V> cycles;
  private final Sharing<K, V> sharing;
  private final Traits<K, V> traits;
  private final Codec<K, V> codec;

  /**
   * Creates the receiver of a cache.
   *
   * @param traits the user's functions of values; what they throw is contained
   */
  public Arrivals(Cycles<K, V> cycles, Sharing<K, V> sharing, Traits<K, V> traits) {
    this.cycles = cycles;
    this.sharing = sharing;
    this.traits = traits;
    this.codec = Objects.requireNonNull(cycles.settings.codec);
  }

  @Override
  public void interrupted() {
    sharing.interrupted();
  }

  @Override
  public void received(List<Entry> entries) {
    try {
      Map<@Nullable Object, Long> pauses = new HashMap<>();
      for (Entry entry : entries) {
        cycles.count(Count.ENTRIES_RECEIVED, 1);
        receive(entry, pauses);
      }
      pauses.forEach(cycles.handOut::pause);
    } catch (Throwable t) {
      refuse("the exchange", "a list of entries", t);
    }
  }

  private void receive(@Nullable Entry entry, Map<@Nullable Object, Long> pauses) {
    if (entry == null || entry.id() == null) {
      refuse("the exchange", "an entry", new NullPointerException("the entry or its id is null"));
      return;
    }
    K id;
    try {
      id = Objects.requireNonNull(codec.id(entry.id()), "the id is null");
    } catch (Throwable t) {
      refuse("the codec", entry.id(), t);
      return;
    }
    if (cycles.map.find(id) instanceof SharedItem<K, V> item && apply(item, entry, pauses)) {
      sharing.observeCall(cycles.ticker().read() - item.confirmedAt());
    }
  }

  @Override
  public boolean take(Item<K, V> item, Entry entry) {
    boolean confirmed = item instanceof SharedItem<K, V> shared && apply(shared, entry, new HashMap<>());
    long now = cycles.ticker().read();
    return confirmed || !item.isLive() || item.dueAt(now) - now > Claims.horizon(cycles.settings.period);
  }

  /** Applies an entry; returns whether it confirms the item. */
  private boolean apply(SharedItem<K, V> item, Entry entry, Map<@Nullable Object, Long> pauses) {
    ExchangeClock clock = sharing.clock();
    if (cycles.isClosing() || !item.isLive() || !clock.isSet()) {
      return false;
    }
    try {
      long now = cycles.ticker().read();
      long limit = clock.toEngine(now) + FUTURE;
      if (entry.asOf() > limit || entry.version() / Publication.FINENESS > limit) {
        throw new IllegalArgumentException("the entry is from the future");
      }
      long at = clock.toLocal(entry.asOf(), now);
      boolean isNews = !item.isConfirmed() || at - item.confirmedAt() > 0;
      long delay = delay(entry.retryAfter(), 0);
      switch (entry.kind()) {
        case UPDATED, UNCHANGED -> {
          return isNews && confirm(item, entry, at, now);
        }
        case DELETED -> cycles.count(Count.DELETED_BY_REMOTE, cycles.fence.receiveDeletion(item, at) ? 1 : 0);
        case FAILED -> {
          if (isNews) {
            cycles.fence.postpone(item, at + later(item, Math.min(delay, cycles.settings.backoffMax)));
          }
        }
        case PAUSED -> pauses.merge(
            item.group(), at + Math.min(delay, Schedule.LONGEST_PAUSE), (one, other) -> one - other > 0 ? one : other);
      }
    } catch (Throwable t) {
      refuse("the exchange", item.id(), t);
    }
    return false;
  }

  private boolean confirm(SharedItem<K, V> item, Entry entry, long at, long now) {
    V seen = item.value();
    long version = item.version();
    byte[] bytes = entry.value();
    if (entry.version() < version || entry.version() > version && bytes == null) {
      return false;
    }
    V updated = entry.version() == version ? null : decode(item, Objects.requireNonNull(bytes), seen);
    if (entry.version() > version && updated == null) {
      return false;
    }
    updated = updated == seen ? null : updated;
    V value = updated == null ? seen : updated;
    Object group = updated == null ? null : traits.groupOf(item.id(), value);
    boolean terminal = traits.isTerminal(value);
    long interval = terminal ? 0 : delay(entry.retryAfter(), traits.dueAt(item.id(), value, now) - now);
    long dueAt = at + later(item, interval) + sharing.callTime();
    int epoch = bytes == null ? 0 : sharing.epoch();
    return cycles.fence.receive(
        item, new Fence.Arrival<>(seen, updated, group, terminal, at, entry.version(), dueAt, epoch));
  }

  /** Returns the value of bytes, or the one seen if that is the same, or null if the bytes are of no use. */
  private @Nullable V decode(SharedItem<K, V> item, byte[] bytes, V seen) {
    V value;
    try {
      value = Objects.requireNonNull(codec.decode(bytes), "the value is null");
    } catch (Throwable t) {
      refuse("the codec", item.id(), t);
      return null;
    }
    try {
      return value == seen || cycles.settings.unchangedWhen.test(seen, value) ? seen : value;
    } catch (Throwable t) {
      refuse("the comparison of values", item.id(), t);
      return null;
    }
  }

  private static long delay(@Nullable Duration given, long otherwise) {
    return given == null ? otherwise : Settings.nanos(given);
  }

  /** Returns a delay lengthened by this cache's part. */
  private long later(SharedItem<K, V> item, long delay) {
    int mixed = (item.hash() ^ cycles.settings.node) * 0x9e3779b9;
    double part = Integer.toUnsignedLong(mixed ^ mixed >>> 15) / (double) (1L << 32);
    return delay + (long) (delay * (LEAST + LEAST * part));
  }

  private void refuse(String cause, Object id, Throwable thrown) {
    cycles.count(Count.ENTRIES_REFUSED, 1);
    cycles.log.contain(cause, id, thrown);
  }
}
