package io.autorefresh.internal.items;

import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.internal.schedule.Tally;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One part of the map: the lock of its buckets, and the state guarded by that lock. This state has the queues of the
 * eviction policy, the creations in progress, the orphans, the waiting callers, and the numbers of items in each state.
 *
 * <p><b>Eviction</b> is S3-FIFO (Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you need for cache
 * eviction", SOSP 2023). A newcomer enters the small queue, a tenth of the items. If it is read more than once there,
 * it moves to the main queue. Otherwise it is evicted and leaves a ghost; if it comes back soon, it enters the main
 * queue at once. A hit only counts, up to three, without a lock; queues change when an item is evicted. There are two
 * differences. Terminal items have a queue of their own, a clock, which is emptied first. Items marked for deletion
 * have a queue that is emptied last, since their deletion is still to be carried out.
 *
 * <p>Choosing a victim moves at most {@value #MAX_MOVES} items of a queue. If all of these were read, the least read
 * one is the victim.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
final class Stripe<K, V> implements AutoCloseable {

  private static final int MAX_MOVES = 64;
  private static final int MAX_REMOVED = 4_096;

  final ReentrantLock lock = new ReentrantLock();
  final ItemQueue<K, V> small = new ItemQueue<>(ItemQueue.SMALL);
  final ItemQueue<K, V> main = new ItemQueue<>(ItemQueue.MAIN);
  final ItemQueue<K, V> terminal = new ItemQueue<>(ItemQueue.TERMINAL);
  final ItemQueue<K, V> marked = new ItemQueue<>(ItemQueue.MARKED);
  private final List<ItemQueue<K, V>> queues = List.of(small, main, terminal, marked);
  final Map<K, Creation<K, V>> creations = new HashMap<>(2);
  final Orphans<K> orphans = new Orphans<>();
  final Waiters<K, V> waiters = new Waiters<>();
  /** When the terminal items that were confirmed again became terminal; for others that is their confirmation. */
  final Map<Item<K, V>, Long> terminalSince = new HashMap<>(0);
  /** All except the number of marked items, which is the size of their queue. */
  final Gauges gauges = new Gauges();
  private final Readiness readiness;
  private final int capacity;
  private @Nullable Ghosts ghosts;
  /** The shared items that were removed last, and not evicted; null if none was. */
  private @Nullable Ghosts removed;

  Stripe(int capacity, Readiness readiness) {
    this.capacity = capacity;
    this.readiness = readiness;
  }

  /** Takes the lock; closing releases it. */
  Stripe<K, V> hold() {
    lock.lock();
    return this;
  }

  @Override
  public void close() {
    lock.unlock();
  }

  int size() { return live() + terminal.size() + marked.size(); }

  /** Returns the number of items that are neither terminal nor marked, without the lock. */
  int live() { return main.size() + small.size(); }

  /** Shows the items that are neither terminal nor marked to the visitor. */
  void forEachLive(Consumer<? super Item<K, V>> visitor) {
    main.forEach(visitor);
    small.forEach(visitor);
  }

  void enqueue(Item<K, V> item) {
    Token blocker = orphans.of(item.id);
    if (blocker != null) {
      item.condition = item.condition.blocked(blocker);
    }
    if (item.terminal) {
      terminal.add(item);
      gauges.terminal++;
    } else if (ghosts != null && ghosts.remove(item.hash)) {
      main.add(item);
    } else {
      small.add(item);
    }
    gauges.count(item.condition, 1);
    if (removed != null && item instanceof SharedItem<K, V> shared) {
      shared.isRecreated = removed.remove(item.hash);
    }
  }

  /** A shared item is removed, other than by an eviction. */
  void rememberRemoved(Item<K, V> item) {
    if (removed == null) {
      removed = new Ghosts(Math.min(capacity, MAX_REMOVED));
    }
    removed.add(item.hash);
  }

  void dequeue(Item<K, V> item) {
    loseToken(item);
    gauges.terminal -= item.terminal ? 1 : 0;
    terminalSince.remove(item);
    queueOf(item).remove(item);
    setCondition(item, Condition.CONFIRMED);
    waiters.wake(item);
  }

  /** The item becomes terminal or, after a requested refresh, live again. */
  void setTerminal(Item<K, V> item, boolean isTerminal) {
    item.terminal = isTerminal;
    terminalSince.remove(item);
    gauges.terminal += isTerminal ? 1 : -1;
    queueOf(item).moveTo(isTerminal ? terminal : main, item);
  }

  void becomeMarked(Item<K, V> item) {
    Token predecessor = orphans.of(item.id);
    loseToken(item);
    item.setIntervalEnd(Schedule.NEVER);
    setCondition(item, item.condition.marked().blocked(predecessor));
    queueOf(item).moveTo(marked, item);
    waiters.wake(item);
  }

  void setCondition(Item<K, V> item, Condition condition) {
    Condition before = item.condition;
    Failure failed = item.failure();
    if (before != condition) {
      gauges.count(before, -1);
      gauges.count(condition, 1);
      item.condition = condition;
      if (item.isConfirmed() || item.failure() != null) {
        readiness.settle(item);
      }
      countCause(failed, item.failure());
    }
  }

  /** Counts an item for the cause of its failure now, in place of the one before. */
  private static void countCause(@Nullable Failure before, @Nullable Failure after) {
    if (before == null || after == null || before.cause().failing() != after.cause().failing()) {
      if (after != null) {
        after.cause().failing().add(1);
      }
      if (before != null) {
        before.cause().failing().add(-1);
      }
    }
  }

  /** Takes an item from its job. A call that runs becomes an orphan, unless it was abandoned. */
  private void loseToken(Item<K, V> item) {
    Token running = item.call();
    if (running != null && !running.isAbandoned()) {
      orphans.add(item.id, running);
    }
    item.token = null;
  }

  private ItemQueue<K, V> queueOf(Item<K, V> item) { return queues.get(item.queue - 1); }

  /** Chooses the terminal item to evict, other than the newcomer, or null. */
  @Nullable Item<K, V> terminalVictim(@Nullable Item<K, V> newcomer) { return clock(terminal, newcomer); }

  /** Chooses the live item to evict, other than the newcomer, or null. */
  @Nullable Item<K, V> liveVictim(@Nullable Item<K, V> newcomer) {
    if (small.size() > size() / 10) {
      for (int left = Math.min(MAX_MOVES, small.size()); left > 0; left--) {
        Item<K, V> item = small.first();
        if (item.frequency > 1) {
          item.frequency = 0;
          small.moveTo(main, item);
        } else if (item != newcomer) {
          rememberGhost(item);
          return item;
        } else {
          small.moveTo(small, item);
        }
      }
    }
    Item<K, V> victim = clock(main, newcomer);
    return victim == null ? first(small, newcomer) : victim;
  }

  /** Chooses the marked item to evict, other than the newcomer, or null. */
  @Nullable Item<K, V> markedVictim(@Nullable Item<K, V> newcomer) { return first(marked, newcomer); }

  private static <K, V> @Nullable Item<K, V> clock(ItemQueue<K, V> queue, @Nullable Item<K, V> newcomer) {
    Item<K, V> least = null;
    for (int left = Math.min(MAX_MOVES, queue.size() * (ItemFront.MAX_FREQUENCY + 1)); left > 0; left--) {
      Item<K, V> item = queue.first();
      if (item != newcomer) {
        if (item.frequency == 0) {
          return item;
        }
        // The items before it were counted down, too.
        item.frequency--;
        if (least == null || item.frequency < least.frequency) {
          least = item;
        }
      }
      queue.moveTo(queue, item);
    }
    return least;
  }

  private static <K, V> @Nullable Item<K, V> first(ItemQueue<K, V> queue, @Nullable Item<K, V> newcomer) {
    Item<K, V> item = queue.first();
    return item != null && item == newcomer ? item.after : item;
  }

  private void rememberGhost(Item<K, V> item) {
    if (ghosts == null) {
      ghosts = new Ghosts(capacity - capacity / 10);
    }
    ghosts.add(item.hash);
  }
}
