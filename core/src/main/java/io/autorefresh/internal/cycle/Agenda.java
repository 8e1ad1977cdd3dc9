package io.autorefresh.internal.cycle;

import io.autorefresh.Deleter;
import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.Outbox;
import io.autorefresh.internal.schedule.Spread;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a cycle is to do, and in which order: its deletions, then its refreshes, the latter spread over time if
 * that is wanted. There are three kinds of cycle, and what makes the difference between them is all here:
 *
 * <ul>
 *   <li>a {@linkplain #periodic periodic} one deletes, and refreshes all that is due but new items;
 *   <li>a {@linkplain #first first} one refreshes new items, ahead of the others;
 *   <li>a {@linkplain #sync sync} one deletes, and refreshes all that is due, new items first.
 * </ul>
 *
 * <p>A spread cycle stands for its whole period: an item whose back-off ends in the course of it has its turn then,
 * together with others of whom the same is true, and does not wait for the next. Such items go before the others,
 * first of all those that were due when the cycle began; shortly before the next one is due, what is left of them is
 * left to that, so that they do not hold it up. So an item is tried again soon after its back-off, whoever else
 * backed off.
 *
 * <p>Refreshes that slots or a coarse clock hold up are caught up with by the pace. Not so where those alone are left
 * whose back-off goes on, nor while deletions have their time: until then there is nothing to begin, and what comes
 * then comes evenly.
 *
 * <p>An item that is in flight when a periodic cycle begins keeps its place: in a spread cycle its turn comes about one
 * period after the last one, and by then its call has mostly ended. If not, the place stays empty, so that the calls
 * before and after it come no closer together. Were it left out at once, a remote that takes half of the period would
 * see half of the items half as often, and where cycles overrun, what the one hands out last would be left out of every
 * other. A cycle on demand, which lays nothing over time, leaves it out.
 *
 * <p>There may be many more deletions than batches, and slow ones. In a periodic cycle they have the first tenth of
 * the period for themselves; then refreshes take turns with them, and when the next cycle is due the rest is left
 * to that.
 *
 * <p>Used by the cycle's owner alone, but for the number of items that remain.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Agenda<K, V> {

  /** The part of the period after which a cycle leaves those whose back-off has ended to the next. */
  private static final double LEAVE = 0.95;

  private enum Kind {
    PERIODIC,
    FIRST,
    SYNC
  }

  private final Kind kind;
  private final @Nullable Spread spread;
  private final long period;
  private final long horizon;
  private final Queue<Item<K, V>> deletions = new ArrayDeque<>();
  private final Later<K, V> later = new Later<>();
  private Plan<K, V> plan = new Plan<>();
  /** Whether some of the plan's items were in flight when the cycle began, and may be so still. */
  private boolean anyInFlight;
  private @Nullable Cycle<K, V> cycle;
  private @Nullable Job<K, V> next;
  /** Whether the last job that began was a refresh. */
  private boolean lastWasRefresh;
  /** How many jobs of each kind have begun. */
  private int deletes;
  private int batches;
  private final AtomicInteger remaining = new AtomicInteger();

  private Agenda(Kind kind, @Nullable Spread spread, long period) {
    this.period = period;
    this.kind = kind;
    this.spread = spread;
    this.horizon = horizon(spread, period);
  }

  /**
   * A cycle of the background loop.
   *
   * @param spread lays its refreshes over the period, or null
   * @param period nanoseconds over which they are spread
   */
  public static <K, V> Agenda<K, V> periodic(@Nullable Spread spread, long period) {
    return new Agenda<>(Kind.PERIODIC, spread, period);
  }

  /** For how long after its beginning such a cycle takes in those whose back-off ends: not at all without a spread. */
  public static long horizon(@Nullable Spread spread, long period) {
    return spread == null ? 0 : (long) (Spread.PART * period);
  }

  /** A cycle for the first refreshes of new items. */
  public static <K, V> Agenda<K, V> first(List<Item<K, V>> fresh) {
    Agenda<K, V> agenda = new Agenda<>(Kind.FIRST, null, 0);
    fresh.forEach(agenda.plan::add);
    return agenda;
  }

  /** A cycle on demand. */
  public static <K, V> Agenda<K, V> sync() {
    return new Agenda<>(Kind.SYNC, null, 0);
  }

  /** Whether somebody called for the cycle and waits for its end. */
  boolean isOnDemand() {
    return kind == Kind.SYNC;
  }

  boolean isUrgent() {
    return kind == Kind.FIRST;
  }

  /** Plans the cycle, which begins now. */
  void begin(Cycle<K, V> cycle) {
    this.cycle = cycle;
    Outbox<K, V> outbox = cycle.context.map().events().newOutbox();
    try {
      if (kind != Kind.FIRST) {
        planDeletions(cycle, outbox);
        planRefreshes(cycle, outbox);
      }
      cycle.tally.add(Count.ITEMS, plan.size());
      group(cycle, plan, outbox);
      countRemaining();
      if (spread != null) {
        spread.plan(cycle.began(), period, plan.batches(cycle.context.batchSize()) + later.batches());
      }
    } finally {
      cycle.deliver(outbox);
    }
  }

  private void planDeletions(Cycle<K, V> cycle, Outbox<K, V> outbox) {
    long now = cycle.began();
    cycle.context.map().marked(item -> {
      // Those that back off would take a slot and a call of the pace to find that out.
      if (item.isDue(now)) {
        deletions.add(item);
      }
    });
    if (cycle.context.deleter() == null) {
      for (Item<K, V> item; (item = deletions.poll()) != null; ) {
        if (!cycle.isEnding()) {
          remove(item, cycle, outbox);
        }
      }
    }
  }

  private void remove(Item<K, V> item, Cycle<K, V> cycle, Outbox<K, V> outbox) {
    Fence<K, V> fence = cycle.context.fence();
    try {
      if (fence.takeMarked(item, cycle, cycle.began())) {
        boolean removed = false;
        try {
          removed = fence.remove(item, cycle, outbox);
        } finally {
          if (!removed) {
            // It was evicted meanwhile, or its id threw, and this cycle is what goes on with it.
            fence.end(item, cycle);
          }
        }
        cycle.tally.add(Count.DELETIONS, removed ? 1 : 0);
      }
    } catch (Throwable t) {
      cycle.failures.containApart("equals or hashCode", cycle.name(), t);
    }
  }

  /** Stripes have turns of a batch: so a job mostly needs one lock, and jobs side by side need different ones. */
  private void planRefreshes(Cycle<K, V> cycle, Outbox<K, V> outbox) {
    List<Survey<K, V>> surveys = new ArrayList<>();
    cycle.context.map().live(expected -> {
      Survey<K, V> survey = new Survey<>(cycle.began(), horizon, expected);
      surveys.add(survey);
      return item -> {
        if (kind != Kind.SYNC || !item.isInFlight()) {
          survey.add(item);
        }
      };
    });
    int batchSize = cycle.context.batchSize();
    Plan<K, V> due = Plan.inTurns(batchSize, surveys.stream().map(survey -> survey.due).toList());
    if (kind == Kind.SYNC) {
      plan = Plan.inTurns(batchSize, surveys.stream().map(survey -> survey.fresh).toList());
      plan.addAll(due);
    } else {
      plan = due;
    }
    anyInFlight = surveys.stream().anyMatch(survey -> survey.anyInFlight);
    List<Survey.BackingOff<K, V>> backingOff = new ArrayList<>();
    surveys.forEach(survey -> backingOff.addAll(survey.backingOff));
    later.plan(backingOff, period, batchSize, window -> {
      cycle.tally.add(Count.ITEMS, window.size());
      group(cycle, window, outbox);
    });
  }

  /** Puts the batches' groups together; an item without a group has failed by that. */
  private void group(Cycle<K, V> cycle, Plan<K, V> plan, Outbox<K, V> outbox) {
    BiFunction<? super K, ? super V, ?> batchBy = cycle.context.batchBy();
    if (batchBy != null) {
      cycle.runApart(
          "groups",
          () ->
              plan.group(
                  cycle::isEnding,
                  item -> batchBy.apply(item.id(), item.value()),
                  (item, thrown) -> {
                    cycle.failures.contain("the group key", item.id(), thrown);
                    failUngrouped(cycle, item, thrown, outbox);
                  }));
    }
  }

  private void failUngrouped(Cycle<K, V> cycle, Item<K, V> item, Throwable cause, Outbox<K, V> outbox) {
    if (cycle.isEnding()) {
      // It was probably the end of the cycle that the callback felt.
      cycle.tally.add(Count.SKIPPED, 1);
      return;
    }
    try {
      cycle.failures.failUntaken(item, cause, outbox);
    } catch (Throwable t) {
      cycle.failures.contain("equals or hashCode", cycle.name(), t);
    }
  }

  /** Whether an item is still to be refreshed by this cycle, but for its back-off. */
  boolean isWanted(Item<K, V> item) {
    return item.isRefreshable() && (kind != Kind.FIRST || item.isFresh());
  }

  /**
   * Returns the next job, if there is one by now. It is the next until {@link #begun}, or until its turn has come and
   * it is seen that nobody wants it; where none is in doubt, nobody looks but the job itself. Each is in doubt where
   * calls have a pace, since it would take one even if it found nothing to ask for. Its turn has come when nothing but
   * a slot is wanting: with a slot it might begin, and for one it would hold up those behind it.
   */
  @Nullable Job<K, V> peek(long now) {
    for (;;) {
      Job<K, V> job = next;
      boolean sure = job == null && !isAnyInDoubt();
      if (job == null) {
        job = nextJob(now);
        next = job;
      }
      if (job == null || sure || !isTurn(now) || job.isWanted()) {
        return job;
      }
      job.skip();
      job.letGo();
      pass(now);
    }
  }

  private boolean isAnyInDoubt() {
    return anyInFlight || cycle != null && cycle.context.gate().isPaced();
  }

  private boolean isTurn(long now) {
    return delay(now) == 0 && cycle != null && cycle.context.gate().callDelay(now) == 0;
  }

  private @Nullable Job<K, V> nextJob(long now) {
    Cycle<K, V> cycle = this.cycle;
    if (cycle == null) {
      return null;
    }
    Deleter<? super K, ? super V> deleter = cycle.context.deleter();
    if (deleter != null && !deletions.isEmpty() && !isTurnOfRefresh(cycle, now)) {
      return new DeleteJob<>(cycle, deletes + 1, deleter, deletions.remove());
    }
    if (kind == Kind.FIRST && plan.remaining() == 0 && cycle.context.map().hasFresh()) {
      takeNewcomers(cycle);
    }
    if (spread != null && deletes > 0 && batches == 0) {
      spread.idle(now);
    }
    Item<K, V>[] items = nextLater(cycle, now);
    if (items == null) {
      items = plan.next(cycle.context.batchSize());
    }
    if (items == null) {
      return null;
    }
    // They count as remaining until the job begins.
    return new RefreshJob<>(cycle, batches + 1, items, kind == Kind.FIRST);
  }

  /** New items that came meanwhile go with this cycle, and need not wait for one of their own. */
  private void takeNewcomers(Cycle<K, V> cycle) {
    plan = new Plan<>();
    cycle.context.map().drainFresh().forEach(plan::add);
    cycle.tally.add(Count.ITEMS, plan.size());
    Outbox<K, V> outbox = cycle.context.map().events().newOutbox();
    try {
      group(cycle, plan, outbox);
      countRemaining();
    } finally {
      cycle.deliver(outbox);
    }
  }

  /** Deletions that are left when the next cycle is due are left to that; before, refreshes take turns with them. */
  private boolean isTurnOfRefresh(Cycle<K, V> cycle, long now) {
    long elapsed = now - cycle.began();
    if (kind != Kind.PERIODIC || elapsed <= period / 10) {
      return false;
    }
    if (elapsed >= period) {
      deletions.clear();
      return true;
    }
    boolean any = plan.remaining() > 0 || later.delay(elapsed) == 0;
    return any && !lastWasRefresh && (spread == null || spread.delay(now) == 0);
  }

  private Item<K, V> @Nullable [] nextLater(Cycle<K, V> cycle, long now) {
    long elapsed = now - cycle.began();
    if (elapsed >= LEAVE * period) {
      leaveLater(cycle);
    }
    long due = later.delay(0);
    Item<K, V>[] items = later.next(elapsed);
    if (items != null && spread != null && plan.remaining() == 0) {
      spread.idle(cycle.began() + due);
    }
    return items;
  }

  private void leaveLater(Cycle<K, V> cycle) {
    cycle.tally.add(Count.SKIPPED, later.items());
    later.clear();
  }

  /**
   * Returns for how long to wait before the job whose turn it is may begin, or before there is one;
   * {@link Alarm#NEVER} if there will be none.
   */
  long delay(long now) {
    Cycle<K, V> cycle = this.cycle;
    if (next != null) {
      return spread != null && next instanceof RefreshJob ? spread.delay(now) : 0;
    }
    return cycle == null ? Alarm.NEVER : Math.max(1, later.delay(now - cycle.began()));
  }

  /** Whether the time at which each job begins matters. */
  boolean isPaced() {
    return spread != null;
  }

  boolean hasDeletions() {
    return !deletions.isEmpty();
  }

  /** The job whose turn it was begins. */
  void begun(long now) {
    Job<K, V> job = next;
    next = null;
    countRemaining();
    lastWasRefresh = job instanceof RefreshJob;
    if (job instanceof RefreshJob<K, V> refresh) {
      batches++;
      if (spread != null) {
        spread.begin(now, refresh.lateness(now));
      }
    } else {
      deletes++;
    }
  }

  /** The job whose turn it was will not begin: its place stays empty. */
  private void pass(long now) {
    if (spread != null && next instanceof RefreshJob) {
      spread.begin(now, Spread.IN_TIME);
    }
    next = null;
    countRemaining();
  }

  /** Nothing more is to begin. */
  void drop() {
    Cycle<K, V> cycle = this.cycle;
    Job<K, V> unbegun = next;
    if (unbegun != null) {
      unbegun.skip();
      unbegun.letGo();
      next = null;
    }
    if (cycle != null) {
      cycle.tally.add(Count.SKIPPED, plan.remaining());
      leaveLater(cycle);
      if (kind == Kind.FIRST) {
        plan.forEachRemaining(cycle.context.fence()::offerFresh);
      }
    }
    deletions.clear();
    plan = new Plan<>();
    countRemaining();
  }

  private void countRemaining() {
    remaining.setRelease(plan.remaining() + later.items());
  }

  /** How many items have not been handed to a job that begins. May be called by any thread. */
  long remaining() {
    return remaining.get();
  }
}
