package io.autorefresh.internal.cycle;

import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.Outbox;
import io.autorefresh.internal.schedule.Backoff;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * What goes wrong in a cycle: which items fail by it and back off, and who hears of it. What user code threw is counted
 * and logged, once per cause and cycle, and goes no further. May be used by any thread.
 */
final class Failures<K, V> {

  private final Cycle<K, V> cycle;
  private final Context<K, V> context;
  private final CauseLog causes;

  Failures(Cycle<K, V> cycle) {
    this.cycle = cycle;
    this.context = cycle.context;
    this.causes = context.causes().forCycle(cycle.name());
  }

  /** Fails an item that the ticket's bearer has, who keeps it; returns whether that had an effect. */
  boolean fail(Item<K, V> item, Object ticket, Throwable cause, Outbox<K, V> outbox) {
    return fail(item, ticket, cause, context.backoff().jitter(), outbox);
  }

  /** The same for one of the items of a call that failed as a whole, and near whose random factor theirs all are. */
  boolean failWithOthers(Item<K, V> item, Object ticket, Throwable cause, double jitter, Outbox<K, V> outbox) {
    return fail(item, ticket, cause, context.backoff().jitterNear(jitter), outbox);
  }

  private boolean fail(Item<K, V> item, Object ticket, Throwable cause, double jitter, Outbox<K, V> outbox) {
    long now = context.ticker().read();
    long retryAfter = retryAfter(cause);
    Backoff backoff = context.backoff();
    return context.fence().fail(
        item, ticket, cause, before -> backoff.next(before, cause, retryAfter, now, jitter), outbox);
  }

  /** Fails an item that nobody has yet. */
  void failUntaken(Item<K, V> item, Throwable cause, Outbox<K, V> outbox) {
    Object ticket = new Object();
    if (!context.fence().take(item, ticket, false, context.ticker().read())) {
      cycle.tally.add(Count.SKIPPED, 1);
      return;
    }
    try {
      cycle.tally.add(fail(item, ticket, cause, outbox) ? Count.FAILED : Count.DISCARDED, 1);
    } finally {
      context.fence().end(item, ticket);
    }
  }

  /** The delay that the remote asked for, or -1; contains what the exception's own code throws. */
  private long retryAfter(Throwable cause) {
    try {
      return Backoff.retryAfter(cause);
    } catch (Throwable t) {
      contain("getCause or delay", cause.getClass().getName(), t);
      return -1;
    }
  }

  /** What it is to a callback that its time is over. */
  TimeoutException timeout(Job<K, V> job) {
    return new TimeoutException(
        job.name() + " took longer than " + Duration.ofNanos(context.timeout()));
  }

  /** Logs what a callback threw that is counted otherwise. */
  void log(String callback, Object id, Throwable thrown) {
    if (!cycle.isEnding()) {
      causes.log(callback, id, thrown);
    }
  }

  /** Counts and logs what user code threw where it costs nothing else. */
  void contain(String callback, Object id, Throwable thrown) {
    context.totals().add(Count.CONTAINED, 1);
    causes.log(callback, id, thrown);
  }

  /** As {@link #log}, for a thread that must not run user code: another one prints id and exception. */
  void logApart(String callback, Object id, Throwable thrown) {
    if (!cycle.isEnding()) {
      handOn(callback, id, thrown);
    }
  }

  /** As {@link #contain}, for a thread that must not run user code. */
  void containApart(String callback, Object id, Throwable thrown) {
    context.totals().add(Count.CONTAINED, 1);
    handOn(callback, id, thrown);
  }

  private void handOn(String callback, Object id, Throwable thrown) {
    Runnable entry = causes.entry(callback, id, thrown);
    if (entry != null) {
      cycle.handOn(job -> entry.run());
    }
  }

  void logAbandoned(Job<K, V> job) {
    int abandoned = context.gate().abandoned();
    Log.warn(
        job.name() + " ignores its interruption and is abandoned; it is one of " + abandoned
            + (context.gate().isBlocked() ? ", as many as there may be: no job begins until one of them ends" : ""));
  }
}
