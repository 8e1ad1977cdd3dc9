package io.autorefresh.share;

import io.autorefresh.share.Exchange.Answer;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import io.autorefresh.share.Exchange.Want;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an exchange stores of one id, and how it answers: the newest entry with its value, and the lease. Times are
 * those of the exchange's clock, in milliseconds. Used by one thread at a time.
 */
final class Stored {

  /** What has become of an entry. */
  enum Fate {
    /** It is stored. */
    STORED,
    /** It holds for a value that is not stored: it is only passed on. */
    WITHOUT_VALUE,
    /** It is older than the stored one, or from the future: it is ignored. */
    REFUSED
  }

  /** A lease that lasts longer is a mistake. */
  private static final Duration LONGEST_LEASE = Duration.ofHours(1);

  private long asOf = Long.MIN_VALUE;
  private long version;
  private byte @Nullable [] value;
  private long forgottenAt;
  private @Nullable Object holder;
  private long leasedUntil;

  /** Answers a node's claim. */
  Answer claim(Object node, Want want, Duration lease, long now) {
    forget(now);
    if (value != null && asOf <= now && Duration.ofMillis(now - asOf).compareTo(want.maxAge()) < 0) {
      return new Answer.Take(new Entry(want.id(), Kind.UPDATED, asOf, version, value, null));
    }
    if (leasedUntil > now && holder != node) {
      return new Answer.Wait(Duration.ofMillis(leasedUntil - now));
    }
    long until = leasedUntil(now, lease);
    leasedUntil = holder == node ? Math.max(leasedUntil, until) : until;
    holder = node;
    return new Answer.Ask();
  }

  /** Stores a node's entry, unless a newer one is stored. */
  Fate publish(Object node, Entry entry, Duration timeToLive, long now) {
    forget(now);
    if (entry.asOf() > now || entry.asOf() < asOf && asOf <= now) {
      return Fate.REFUSED;
    }
    if (entry.kind() == Kind.FAILED || entry.kind() == Kind.PAUSED) {
      if (leasedUntil <= now || holder == node) {
        holder = node;
        leasedUntil = entry.retryAfter() == null ? now : leasedUntil(now, entry.retryAfter());
      }
      return Fate.STORED;
    }
    leasedUntil = now;
    boolean keepsValue = entry.kind() == Kind.UNCHANGED && entry.value() == null;
    if (keepsValue && (value == null || version != entry.version())) {
      return Fate.WITHOUT_VALUE;
    }
    asOf = entry.asOf();
    version = entry.version();
    if (!keepsValue) {
      value = entry.kind() == Kind.DELETED ? null : entry.value();
    }
    forgottenAt = after(now, timeToLive);
    return Fate.STORED;
  }

  boolean isForgotten(long now) { return forgottenAt <= now && leasedUntil <= now; }

  private void forget(long now) {
    if (forgottenAt <= now) {
      asOf = Long.MIN_VALUE;
      value = null;
    }
  }

  private static long leasedUntil(long now, Duration delay) {
    return after(now, delay.compareTo(LONGEST_LEASE) < 0 ? delay : LONGEST_LEASE);
  }

  private static long after(long now, Duration delay) {
    return now + Math.min(TimeUnit.MILLISECONDS.convert(delay), Long.MAX_VALUE - now);
  }
}
