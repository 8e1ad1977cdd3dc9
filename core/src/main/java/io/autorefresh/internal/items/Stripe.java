package io.autorefresh.internal.items;

import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.internal.schedule.Tally;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One part of the map: the lock of its buckets, and what that lock guards: the queues of the eviction policy, the
 * creations in progress, the orphans, the callers that wait, and how many items are in which state.
 *
 * <p><b>Eviction</b> is S3-FIFO (Yang, Zhang, Qiu, Yue and Rashmi, "FIFO queues are all you need for cache
 * eviction", SOSP 2023): a small queue, a tenth of the items, in which a newcomer proves itself, a main queue for
 * those that were read more than once there, and ghosts of those evicted from the small one. A hit only counts, up
 * to three, with no lock; queues change when something is evicted. Differences here: terminal items have a queue of
 * their own, which goes first (as a clock, so that one that is still read outlives one that is not), and items
 * marked for deletion have one that goes last, since somebody waits for their deletion.
 *
 * <p>Choosing a victim moves at most {@value #MAX_MOVES} items in each queue, whatever was read: with that many
 * read items in front, the least read of them goes.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
final class Stripe<K, V> {

  private static final int MAX_MOVES = 64;

  final ReentrantLock lock = new ReentrantLock();
  final ItemQueue<K, V> small = new ItemQueue<>(ItemQueue.SMALL);
  final ItemQueue<K, V> main = new ItemQueue<>(ItemQueue.MAIN);
  final ItemQueue<K, V> terminal = new ItemQueue<>(ItemQueue.TERMINAL);
  final ItemQueue<K, V> marked = new ItemQueue<>(ItemQueue.MARKED);
  final Map<Key<K>, Creation<K, V>> creations = new HashMap<>(2);
  final Orphans<K, V> orphans = new Orphans<>();
  final Waiters<K, V> waiters = new Waiters<>();
  /** Terminal items that are not kept for ever; those that are terminal for longest come first. */
  final Queue<Kept<K, V>> kept = new PriorityQueue<>(1);
  /** The items that were there when the cache started, and have not been heard of. */
  private final Set<Item<K, V>> expected = Collections.newSetFromMap(new IdentityHashMap<>(1));
  private final Readiness readiness;
  private final Gauges gauges = new Gauges();

  private final int capacity;
  private @Nullable Ghosts ghosts;

  Stripe(int capacity, Readiness readiness) {
    this.capacity = capacity;
    this.readiness = readiness;
  }

  int size() { return small.size() + main.size() + terminal.size() + marked.size(); }

  /** How many items are neither terminal nor marked; read without the lock. */
  int live() { return main.size() + small.size(); }

  /** Returns what an action returns that is run under the lock. */
  <R extends @Nullable Object> R under(Function<? super Stripe<K, V>, R> action) {
    lock.lock();
    try {
      return action.apply(this);
    } finally {
      lock.unlock();
    }
  }

  /** Runs an action under the lock. */
  void locked(Consumer<? super Stripe<K, V>> action) {
    lock.lock();
    try {
      action.accept(this);
    } finally {
      lock.unlock();
    }
  }

  /** Shows the items that are neither terminal nor marked to the visitor. */
  void forEachLive(Consumer<? super Item<K, V>> visitor) {
    main.forEach(visitor);
    small.forEach(visitor);
  }

  /** Adds what is true of the items of this stripe to the sum. */
  void addTo(Gauges sum) {
    gauges.marked = marked.size();
    sum.add(gauges);
  }

  /** Whether there is something to evict before any live item has to go. */
  boolean hasTerminal() { return terminal.size() > 0; }

  void enqueue(Item<K, V> item) {
    Token blocker = orphans.link(item);
    if (blocker != null) {
      item.condition = Condition.blocked(item.condition, blocker);
    }
    if (item.terminal) {
      terminal.add(item);
    } else if (ghosts != null && ghosts.remove(item.hash)) {
      main.add(item);
    } else {
      small.add(item);
    }
    gauges.count(item, 1);
  }

  void dequeue(Item<K, V> item) {
    loseToken(item);
    gauges.count(item, -1);
    countFailing(item.condition, null);
    queueOf(item).remove(item);
    noLongerExpect(item);
    waiters.wake(item);
  }

  void becomeTerminal(Item<K, V> item) {
    gauges.count(item, -1);
    item.terminal = true;
    gauges.count(item, 1);
    queueOf(item).moveTo(terminal, item);
  }

  /** A terminal item was asked for once more, and is not final. */
  void becomeLive(Item<K, V> item) {
    gauges.count(item, -1);
    item.terminal = false;
    gauges.count(item, 1);
    queueOf(item).moveTo(main, item);
    kept.removeIf(other -> other.item() == item);
  }

  void becomeMarked(Item<K, V> item) {
    loseToken(item);
    item.setIntervalEnd(Schedule.NEVER);
    setCondition(item, Condition.blocked(Condition.marked(item.condition), orphans.predecessorOf(item)));
    queueOf(item).moveTo(marked, item);
    waiters.wake(item);
  }

  void setCondition(Item<K, V> item, @Nullable Condition condition) {
    Condition before = item.condition;
    if (before != condition) {
      gauges.count(item, -1);
      item.condition = condition;
      gauges.count(item, 1);
      countFailing(before, condition);
      if (item.isConfirmed() || item.failure() != null) {
        noLongerExpect(item);
      }
    }
  }

  /** The cache starts with this item. */
  void expect(Item<K, V> item) {
    if (!item.isConfirmed() && item.failure() == null && expected.add(item)) {
      readiness.countUp();
    }
  }

  private void noLongerExpect(Item<K, V> item) {
    if (!expected.isEmpty() && expected.remove(item)) {
      readiness.countDown();
    }
  }

  /** Counts an item for the cause by which it fails now, in place of the one before. */
  private static void countFailing(@Nullable Condition before, @Nullable Condition after) {
    Tally left = failing(before);
    Tally joined = failing(after);
    if (left != joined) {
      if (joined != null) {
        joined.add(1);
      }
      if (left != null) {
        left.add(-1);
      }
    }
  }

  private static @Nullable Tally failing(@Nullable Condition condition) {
    Failure failure = condition == null ? null : condition.failure();
    return failure == null ? null : failure.cause().failing();
  }

  /** Takes an item from the job whose call runs, if there is one. An abandoned call holds nothing up. */
  private void loseToken(Item<K, V> item) {
    Token running = item.token;
    Condition condition = item.condition;
    // An item that waits for its predecessor has no call of its own: the predecessor is the orphan.
    if (running == null && condition != null && orphans.predecessorOf(item) == null) {
      running = condition.blocker();
    }
    if (running != null && !running.isAbandoned()) {
      orphans.add(item, running);
    }
    item.token = null;
  }

  private ItemQueue<K, V> queueOf(Item<K, V> item) {
    return switch (item.queue) {
      case ItemQueue.SMALL -> small;
      case ItemQueue.MAIN -> main;
      case ItemQueue.TERMINAL -> terminal;
      case ItemQueue.MARKED -> marked;
      default -> throw new AssertionError("in no queue: " + item.id);
    };
  }

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
    if (victim == null) {
      victim = first(small, newcomer);
    }
    return victim;
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
        // First, since those before were counted down, too.
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
