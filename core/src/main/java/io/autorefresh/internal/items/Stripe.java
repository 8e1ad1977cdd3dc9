package io.autorefresh.internal.items;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One part of the map: the lock of its buckets, and what that lock guards: the queues of the eviction policy, the new
 * items that wait for their first refresh, the creations in progress, and the ids whose events are being delivered.
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

  final StripeLock lock = new StripeLock();
  final ItemQueue<K, V> small = new ItemQueue<>(ItemQueue.SMALL);
  final ItemQueue<K, V> main = new ItemQueue<>(ItemQueue.MAIN);
  final ItemQueue<K, V> terminal = new ItemQueue<>(ItemQueue.TERMINAL);
  final ItemQueue<K, V> marked = new ItemQueue<>(ItemQueue.MARKED);
  private final Map<Key<K>, Creation<K, V>> creations = new HashMap<>(2);
  final Deliveries<K, V> deliveries = new Deliveries<>();
  final Stragglers<K, V> stragglers = new Stragglers<>();

  /** The new items whose first refresh nobody has planned yet, in the order of their coming. */
  private final LinkedHashSet<Item<K, V>> fresh = new LinkedHashSet<>();
  private volatile int freshWaiting;
  private final int capacity;
  private @Nullable Ghosts ghosts;

  Stripe(int capacity) {
    this.capacity = capacity;
  }

  int size() {
    return small.size() + main.size() + terminal.size() + marked.size();
  }

  /** How many items are neither terminal nor marked; read without the lock. */
  int live() {
    return main.size() + small.size();
  }

  /** Shows the items that are neither terminal nor marked to the visitor, under the lock. */
  void forEachLive(Consumer<? super Item<K, V>> visitor) {
    lock.lock();
    try {
      main.forEach(visitor);
      small.forEach(visitor);
    } finally {
      lock.unlock();
    }
  }

  /** Returns the creation of an id that is in progress, or null. */
  @Nullable Creation<K, V> creation(K id, int hash) {
    return creations.isEmpty() ? null : creations.get(new Key<>(id, hash));
  }

  /** The creations in progress. */
  Collection<Creation<K, V>> creations() {
    return creations.values();
  }

  /** A creation begins, the only one of its id. */
  void begin(Creation<K, V> creation) {
    creations.put(creation.key, creation);
  }

  /** A creation is over, if it is not already. */
  void end(Creation<K, V> creation) {
    creations.remove(creation.key.itself());
  }

  /** Whether there is something to evict before any live item has to go. */
  boolean hasTerminal() {
    return terminal.size() > 0;
  }

  /** Whether new items wait for their first refresh; read without the lock. */
  boolean hasFresh() {
    return freshWaiting > 0;
  }

  boolean isFreshWaiting(Item<K, V> item) {
    return fresh.contains(item);
  }

  int freshWaiting() {
    return fresh.size();
  }

  void enqueue(Item<K, V> item) {
    if (item.terminal) {
      terminal.add(item);
    } else if (ghosts != null && ghosts.remove(item.hash)) {
      main.add(item);
    } else {
      small.add(item);
    }
    offerFresh(item);
  }

  void dequeue(Item<K, V> item) {
    clearFresh(item);
    queueOf(item).remove(item);
  }

  void becomeTerminal(Item<K, V> item) {
    item.terminal = true;
    requeue(item, terminal);
  }

  void mark(Item<K, V> item) {
    loseTicket(item);
    item.failure = null;
    requeue(item, marked);
  }

  /** Takes an item from the job that has it, which may go on. */
  void loseTicket(Item<K, V> item) {
    Object ticket = item.ticket;
    if (ticket != null) {
      stragglers.add(item, ticket);
      item.ticket = null;
    }
  }

  private void requeue(Item<K, V> item, ItemQueue<K, V> to) {
    clearFresh(item);
    queueOf(item).moveTo(to, item);
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

  /** Lets an item wait for its first refresh, if it is owed one; returns whether it is. */
  boolean offerFresh(Item<K, V> item) {
    boolean owed = item.fresh && item.isMapped();
    if (owed) {
      fresh.add(item);
      freshWaiting = fresh.size();
    }
    return owed;
  }

  void clearFresh(Item<K, V> item) {
    if (item.fresh) {
      item.fresh = false;
      fresh.remove(item);
      freshWaiting = fresh.size();
    }
  }

  /** Takes out the new item that has waited longest; it stays fresh until a job takes it. */
  @Nullable Item<K, V> pollFresh() {
    Item<K, V> item = fresh.isEmpty() ? null : fresh.removeFirst();
    freshWaiting = fresh.size();
    return item;
  }

  /** Chooses the terminal item to evict, other than the newcomer, or null. */
  @Nullable Item<K, V> terminalVictim(@Nullable Item<K, V> newcomer) {
    return clock(terminal, newcomer);
  }

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
  @Nullable Item<K, V> markedVictim(@Nullable Item<K, V> newcomer) {
    return first(marked, newcomer);
  }

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
