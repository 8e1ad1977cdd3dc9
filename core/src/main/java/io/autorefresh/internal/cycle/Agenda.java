package io.autorefresh.internal.cycle;

import io.autorefresh.Deleter;
import io.autorefresh.ItemEvent;
import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.Failure;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.schedule.Pacer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a cycle is to do, and in which order: its deletions, then its refreshes, the latter spread over time if there is a
 * pacer. There are three kinds of cycle, and what makes the difference between them is all here:
 *
 * <ul>
 *   <li>a {@linkplain #periodic periodic} one deletes, and refreshes all that is due but new items;
 *   <li>a {@linkplain #first first} one refreshes new items, ahead of the others;
 *   <li>a {@linkplain #sync sync} one deletes, and refreshes all that is due, new items first.
 * </ul>
 *
 * <p>Used by the cycle's owner alone, but for the number of items that remain.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Agenda<K, V> {

  /** The part of the period over which a cycle is spread: what is left absorbs delays. */
  private static final double SPREAD = 0.9;

  private enum Kind {
    PERIODIC,
    FIRST,
    SYNC
  }

  private final Kind kind;
  private final @Nullable Pacer spread;
  private final long period;
  private final Queue<Item<K, V>> deletions = new ArrayDeque<>();
  private Plan<K, V> plan = new Plan<>();
  private @Nullable Cycle<K, V> cycle;
  private @Nullable Job<K, V> next;
  private boolean nextIsPaced;
  private int deletes;
  private int batches;
  private volatile int remaining;

  private Agenda(Kind kind, @Nullable Pacer spread, long period) {
    this.kind = kind;
    this.spread = spread;
    this.period = period;
  }

  /**
   * A cycle of the background loop.
   *
   * @param spread paces its refreshes, or null
   * @param period nanoseconds over which they are spread
   */
  public static <K, V> Agenda<K, V> periodic(@Nullable Pacer spread, long period) {
    return new Agenda<>(Kind.PERIODIC, spread, period);
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

  /** Plans the cycle; returns what happened to items by that alone, for the listener. */
  List<ItemEvent<K, V>> begin(Cycle<K, V> cycle) {
    this.cycle = cycle;
    ItemMap<K, V> map = cycle.context.map();
    List<ItemEvent<K, V>> outbox = map.events().newOutbox();
    if (kind != Kind.FIRST) {
      planDeletions(cycle, outbox);
    }
    plan = planRefreshes(cycle);
    cycle.tally.add(Count.ITEMS, plan.size());
    if (cycle.context.batchBy() != null) {
      plan.group(item -> groupOf(cycle, item, outbox));
    }
    remaining = plan.remaining();
    if (spread != null) {
      spread.setGap((long) (SPREAD * period / Math.max(1, plan.batches(cycle.context.batchSize()))));
    }
    return outbox;
  }

  private void planDeletions(Cycle<K, V> cycle, List<ItemEvent<K, V>> outbox) {
    cycle.context.map().marked(deletions::add);
    if (cycle.context.deleter() == null) {
      for (Item<K, V> item; (item = deletions.poll()) != null; ) {
        if (cycle.context.fence().takeMarked(item, cycle, cycle.began())
            && cycle.context.fence().remove(item, cycle, outbox)) {
          cycle.tally.add(Count.DELETIONS, 1);
        }
      }
    }
  }

  private Plan<K, V> planRefreshes(Cycle<K, V> cycle) {
    ItemMap<K, V> map = cycle.context.map();
    if (kind == Kind.FIRST) {
      return plan;
    }
    long now = cycle.began();
    boolean sync = kind == Kind.SYNC;
    Plan<K, V> due = map.walk(Plan::new, (plan, item) -> {
      if (item.isRefreshable() && (sync || !item.isFresh())) {
        Failure failure = item.failure();
        if (failure == null || failure.dueAt() - now <= 0) {
          plan.add(item);
        }
      }
    });
    if (sync) {
      due.putFirst(Item::isFresh);
    }
    return due;
  }

  /** Returns the group of an item; without one, that is its failure. */
  private @Nullable Object groupOf(Cycle<K, V> cycle, Item<K, V> item, List<ItemEvent<K, V>> outbox) {
    Context<K, V> context = cycle.context;
    BiFunction<? super K, ? super V, ?> batchBy = context.batchBy();
    if (batchBy == null) {
      return this;
    }
    Throwable thrown;
    try {
      Object group = batchBy.apply(item.id(), item.value());
      if (group != null) {
        group.hashCode();
        return group;
      }
      thrown = new NullPointerException("the group key is null");
    } catch (Throwable t) {
      thrown = t;
    }
    cycle.contain("the group key", item.id(), thrown);
    cycle.failUntaken(item, thrown, outbox);
    return null;
  }

  boolean isUrgent() {
    return kind == Kind.FIRST;
  }

  /** Whether an item is still to be refreshed by this cycle, but for its back-off. */
  boolean isWanted(Item<K, V> item) {
    return item.isRefreshable() && (kind != Kind.FIRST || item.isFresh());
  }

  /** Returns the job whose turn it is, or null if all were handed out. It keeps its turn until {@link #begun}. */
  @Nullable Job<K, V> peek() {
    for (;;) {
      Job<K, V> job = next;
      if (job == null) {
        job = nextJob();
        if (job == null) {
          return null;
        }
        next = job;
      }
      if (job.isWanted()) {
        return job;
      }
      job.skip();
      next = null;
    }
  }

  private @Nullable Job<K, V> nextJob() {
    Cycle<K, V> cycle = this.cycle;
    if (cycle == null) {
      return null;
    }
    Item<K, V> deletion = deletions.poll();
    Deleter<? super K, ? super V> deleter = cycle.context.deleter();
    if (deletion != null && deleter != null) {
      nextIsPaced = false;
      return new DeleteJob<>(cycle, "delete-" + ++deletes, deleter, deletion);
    }
    int before = plan.remaining();
    Item<K, V>[] items = plan.next(cycle.context.batchSize(), cycle::isWanted);
    remaining = plan.remaining();
    cycle.tally.add(Count.SKIPPED, before - remaining - (items == null ? 0 : items.length));
    if (items == null) {
      return null;
    }
    nextIsPaced = spread != null;
    return new RefreshJob<>(cycle, "batch-" + ++batches, items, kind == Kind.FIRST);
  }

  /** Returns for how long the job whose turn it is has to wait for its place in the period. */
  long delay(long now) {
    return spread != null && nextIsPaced ? spread.delay(now) : 0;
  }

  /** The job whose turn it was begins. */
  void begun(long now) {
    next = null;
    if (spread != null && nextIsPaced) {
      spread.begin(now);
    }
  }

  /** Nothing more is to begin. */
  void drop() {
    Cycle<K, V> cycle = this.cycle;
    Job<K, V> unbegun = next;
    if (unbegun != null) {
      unbegun.skip();
      next = null;
    }
    if (cycle != null) {
      cycle.tally.add(Count.SKIPPED, plan.remaining());
    }
    deletions.clear();
    plan = new Plan<>();
    remaining = 0;
  }

  /** How many items have not had their turn. May be called by any thread. */
  long remaining() {
    return remaining;
  }
}
