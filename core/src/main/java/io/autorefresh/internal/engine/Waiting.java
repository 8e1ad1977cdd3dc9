package io.autorefresh.internal.engine;

import io.autorefresh.ItemNotFoundException;
import io.autorefresh.RefreshFailedException;
import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.cycle.Signal;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.ItemMap.Seen;
import io.autorefresh.internal.items.Readiness;
import io.autorefresh.internal.items.Waiter;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * How callers wait for items: each in its own thread, parked, at a place that it enters at the item, and leaves at the
 * end. What happens to the item wakes it; it looks at the item then, and parks again or ends.
 */
final class Waiting<K, V> {

  private static final Duration LONGEST = Duration.ofDays(365);

  private final Settings<K, V> settings;
  private final ItemMap<K, V> map;
  private final Runnable check;

  /**
   * Creates the waiting of a cache.
   *
   * @param check throws if the cache is closed or its background has failed
   */
  Waiting(Settings<K, V> settings, ItemMap<K, V> map, Runnable check) {
    this.settings = settings;
    this.map = map;
    this.check = check;
  }

  /** One caller that waits, at most for that time. */
  private final class Caller extends Waiter {

    private final Signal signal = new Signal(settings.ticker);
    private final long begun = settings.ticker.read();
    private final Duration timeout;

    Caller(Duration timeout) {
      this.timeout = timeout;
    }

    @Override
    protected void wake() {
      signal.ring();
    }

    /** Parks until there may be something to look at. */
    void park() throws InterruptedException, TimeoutException {
      check.run();
      long nanos = timeout.compareTo(LONGEST) < 0 ? timeout.toNanos() : LONGEST.toNanos();
      if (settings.ticker.read() - begun >= nanos) {
        throw new TimeoutException(settings.name + " was waited for in vain for " + timeout);
      }
      signal.wakeAfter(begun, nanos);
      signal.await();
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while waiting for " + settings.name);
      }
    }
  }

  /** What a caller makes of an item each time it looks: what it returns, or null to wait on. */
  private interface Look<V, R> {
    @Nullable R at(Seen<V> item);
  }

  /** Returns the first value of an item, the present one included, for which the condition holds. */
  V await(K id, Predicate<? super V> condition, Duration timeout) throws InterruptedException, TimeoutException {
    Caller caller = new Caller(timeout);
    return await(id, map.await(id, caller), caller, seen -> {
      if (condition.test(seen.value())) {
        return seen.value();
      }
      if (seen.mapped() && seen.terminal()) {
        throw new IllegalStateException("'" + id + "' in " + settings.name + " is terminal, and will not change");
      }
      return null;
    });
  }

  /** Returns the value of an item after a refresh that begins from now on. */
  V refreshNow(K id, Duration timeout, Runnable check) throws InterruptedException, TimeoutException {
    check.run();
    Caller caller = new Caller(timeout);
    return await(id, map.request(id, caller), caller, seen -> {
      switch (seen.answer()) {
        case NONE -> {
          if (seen.mapped() && !seen.marked()) {
            check.run();
            return null;
          }
        }
        case CONFIRMED -> {
          return seen.value();
        }
        default -> {
          // A close ends calls, too.
          check.run();
          throw failed(id, seen.answer(), caller.failure());
        }
      }
      return seen.marked() ? seen.value() : null;
    });
  }

  private RefreshFailedException failed(K id, Waiter.Answer answer, @Nullable Throwable failure) {
    String how = switch (answer) {
      case FAILED -> "failed";
      case UNANSWERED -> "had an answer that does not mention it";
      default -> "ended without an answer";
    };
    return new RefreshFailedException("the refresh of '" + id + "' in " + settings.name + " " + how, failure);
  }

  /** Returns true as soon as the cache is ready, or false when the time is over. */
  boolean awaitReady(Duration timeout) throws InterruptedException {
    Caller caller = new Caller(timeout);
    Readiness readiness = map.readiness();
    readiness.add(caller);
    try {
      while (!readiness.isReady()) {
        caller.park();
      }
      return true;
    } catch (TimeoutException e) {
      return false;
    } finally {
      readiness.remove(caller);
    }
  }

  private <R> R await(K id, @Nullable Item<K, V> item, Caller caller, Look<V, R> look)
      throws InterruptedException, TimeoutException {
    if (item == null) {
      throw notFound(id);
    }
    try {
      for (;;) {
        Seen<V> seen = map.look(item, caller);
        R result = look.at(seen);
        if (result != null) {
          return result;
        }
        if (!seen.mapped()) {
          throw notFound(id);
        }
        caller.park();
      }
    } finally {
      map.leave(item, caller);
    }
  }

  private ItemNotFoundException notFound(K id) {
    return new ItemNotFoundException(settings.name + " has no item '" + id + "'");
  }
}
