package io.autorefresh.internal.items;

import io.autorefresh.ItemEvent;
import io.autorefresh.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The striped-lock map: what there is under each id, how it comes and goes, and who may change it.
 *
 * <p><b>Locks.</b> Reads take none. Every change of an item is made under the lock of its stripe; no two stripes
 * are held at once, but by growing, which takes them all in order. Nothing of the user's runs under a lock but
 * {@code equals} and {@code hashCode}: creators, predicates and listeners do so outside.
 *
 * <p><b>Fencing.</b> A job changes an item only as long as the item is mapped and bears the job's ticket, which it
 * got by {@link #take}. Marking, removing and evicting take the ticket away, and a later generation of the id is
 * another {@link Item}. So a result that comes late, for whatever reason, finds nothing to change.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class ItemMap<K, V> {

  private final Table<K, V> table;
  private final Stripe<K, V>[] stripes;
  private final long maximumSize;
  private final AtomicInteger size = new AtomicInteger();
  private final LongAdder insertions = new LongAdder();
  private final Creations<K, V> creations;
  private final ReentrantLock growing = new ReentrantLock();
  private final boolean refreshOnCreate;
  private final Runnable freshSignal;
  private final Eviction<K, V> eviction;
  private final Events<K, V> events;

  /**
   * Creates an empty map.
   *
   * @param table an empty table, which only this map will change
   * @param isTerminal must not throw
   * @param teller tells the listener of the events, or null if there is none
   * @param freshSignal is run outside every lock after a fresh item came
   */
  public ItemMap(
      Table<K, V> table,
      long maximumSize,
      Ticker ticker,
      Predicate<? super V> isTerminal,
      boolean refreshOnCreate,
      @Nullable Teller<K, V> teller,
      Runnable freshSignal) {
    this.maximumSize = maximumSize;
    this.refreshOnCreate = refreshOnCreate;
    this.freshSignal = freshSignal;
    this.stripes = newStripes(maximumSize);
    this.table = table;
    while (table.length() < stripes.length) {
      table.grow();
    }
    this.events = new Events<>(this, teller);
    this.creations = new Creations<>(this, table, ticker, isTerminal);
    this.eviction = new Eviction<>(this, stripes, size, maximumSize);
  }

  /** How items come into this map. */
  public Creations<K, V> creations() {
    return creations;
  }

  /** The events of this map's items. */
  public Events<K, V> events() {
    return events;
  }

  /** A power of two of stripes, about four a core, each of them for a hundred items at least. */
  private static <K, V> Stripe<K, V>[] newStripes(long maximumSize) {
    long wanted = Math.min(4L * Runtime.getRuntime().availableProcessors(), maximumSize / 100);
    int count = (int) Long.highestOneBit(Math.max(1, wanted));
    @SuppressWarnings({"unchecked", "rawtypes"})
    Stripe<K, V>[] stripes = new Stripe[count];
    for (int i = 0; i < count; i++) {
      stripes[i] = new Stripe<>((int) (maximumSize / count));
    }
    return stripes;
  }

  // Reads

  public int size() {
    return Math.max(0, size.get());
  }

  /** Shows an item to the reader under its lock, which is no access. Returns null if there is none. */
  public <R> @Nullable R inspect(K id, Function<Item<K, V>, R> reader) {
    int hash = Table.hash(id);
    Stripe<K, V> stripe = stripe(hash);
    stripe.lock.lock();
    try {
      Item<K, V> item = table.find(id, hash);
      return item == null ? null : reader.apply(item);
    } finally {
      stripe.lock.unlock();
    }
  }

  /** As {@link Table#walk}. */
  public <S> S walk(Supplier<S> start, BiConsumer<S, Item<K, V>> visitor) {
    return table.walk(start, visitor);
  }

  // Insertion

  /** Inserts an item that is known to be absent. The caller holds the lock of the stripe, and settles without it. */
  Item<K, V> insert(Stripe<K, V> stripe, K id, int hash, V value, boolean terminal, long now) {
    Item<K, V> item = new Item<>(id, hash, value, now, terminal, refreshOnCreate);
    table.insert(item);
    stripe.enqueue(item);
    size.incrementAndGet();
    insertions.increment();
    return item;
  }

  /** What is left to do after an insertion, with no lock held: room in table and map, and the first refresh. */
  void settle(Item<K, V> newcomer) {
    try {
      // Before the listener is told of evictions, which may take its time.
      signalIf(newcomer.fresh);
      eviction.evictExcess(newcomer);
    } finally {
      // Last: there may be no memory for a larger table.
      if (isCrowded()) {
        grow();
      }
    }
  }

  /**
   * Whether the table is half full. Most hits find their item first in its chain then: a processor that has to guess
   * how long a chain is guesses wrong less often, which saves more than the array costs.
   */
  private boolean isCrowded() {
    int length = table.length();
    return size.get() >= length >>> 1 && length < Table.MAX_LENGTH;
  }

  private void grow() {
    if (!growing.tryLock()) {
      return;
    }
    int locked = 0;
    try {
      for (; locked < stripes.length; locked++) {
        stripes[locked].lock.lock();
      }
      if (isCrowded()) {
        table.grow();
      }
    } finally {
      while (--locked >= 0) {
        stripes[locked].lock.unlock();
      }
      growing.unlock();
    }
  }

  /**
   * Returns when all have done so that were inserting an item, but after that time at most: an id's {@code equals} may
   * hang under a lock. Keeps an interrupt for later.
   *
   * @param timeout nanoseconds of real time
   * @return whether they have
   */
  public boolean awaitInsertions(long timeout) {
    long begun = System.nanoTime();
    boolean done = true;
    for (Stripe<K, V> stripe : stripes) {
      done &= stripe.lock.awaitFree(timeout - (System.nanoTime() - begun));
    }
    return done;
  }

  /** Returns the threads that have a lock just now. */
  public List<Thread> lockOwners() {
    List<Thread> owners = new ArrayList<>();
    for (Stripe<K, V> stripe : stripes) {
      Thread owner = stripe.lock.owner();
      if (owner != null) {
        owners.add(owner);
      }
    }
    return owners;
  }

  // Deletion

  /** Marks the item of an id for deletion; returns whether there is one. */
  public boolean mark(K id) {
    int hash = Table.hash(id);
    if (table.find(id, hash) == null) {
      return false;
    }
    Stripe<K, V> stripe = stripe(hash);
    stripe.lock.lock();
    try {
      Item<K, V> item = table.find(id, hash);
      if (item == null) {
        return false;
      }
      if (!item.isMarked()) {
        stripe.mark(item);
      }
      return true;
    } finally {
      stripe.lock.unlock();
    }
  }

  /** Takes an item out of the map for good. The caller holds the lock, and counts. */
  void unmap(Stripe<K, V> stripe, Item<K, V> item) {
    // First: if ids cannot be compared, nothing has changed.
    stripe.loseTicket(item);
    table.remove(item);
    stripe.dequeue(item);
  }

  /** As {@link #unmap}, for all but an eviction, which has counted when it was claimed: first, too. */
  void remove(Stripe<K, V> stripe, Item<K, V> item) {
    size.decrementAndGet();
    unmap(stripe, item);
  }

  /** Returns the next event of a delivery; with null it is over. */
  @Nullable ItemEvent<K, V> nextEvent(Deliveries.Delivery<K, V> delivery) {
    Stripe<K, V> stripe = stripe(delivery.key.hash());
    boolean fresh;
    stripe.lock.lock();
    try {
      ItemEvent<K, V> event = stripe.deliveries.next(delivery);
      if (event != null) {
        return event;
      }
      fresh = offerFresh(stripe, delivery.key.id(), delivery.key.hash());
    } finally {
      stripe.lock.unlock();
    }
    signalIf(fresh);
    return null;
  }

  /** A job of an earlier generation of an id has ended: a new item may have had to wait for that. */
  boolean offerFresh(Stripe<K, V> stripe, Item<K, V> earlier) {
    return offerFresh(stripe, earlier.id, earlier.hash);
  }

  private boolean offerFresh(Stripe<K, V> stripe, K id, int hash) {
    Item<K, V> item = table.find(id, hash);
    return item != null && stripe.offerFresh(item);
  }

  /** Tells, with no lock held, that there are new items. */
  void signalIf(boolean fresh) {
    if (fresh) {
      freshSignal.run();
    }
  }

  // Planning

  /**
   * Shows every item that is neither terminal nor marked: those of each stripe, as they are at one moment, to a visitor
   * of their own, under the stripe's lock, in the order of its queues, which is about that in which they came. It
   * mostly is the order in which they lie in memory, too, since a collector that moves objects follows the links between
   * them; in the order of the table each would be a cache miss, with its id and its value, to who walks and to its job.
   *
   * @param visitors makes the visitor of a stripe, with no lock held, given about how many items there are; the visitor
   *     must not call user code
   */
  public void live(IntFunction<? extends Consumer<? super Item<K, V>>> visitors) {
    for (Stripe<K, V> stripe : stripes) {
      stripe.forEachLive(visitors.apply(stripe.live()));
    }
  }

  // New items

  /** Whether new items wait for their first refresh. */
  public boolean hasFresh() {
    for (Stripe<K, V> stripe : stripes) {
      if (stripe.hasFresh()) {
        return true;
      }
    }
    return false;
  }

  /** Takes out the new items that wait for their first refresh. They stay fresh until a job takes them. */
  public List<Item<K, V>> drainFresh() {
    List<Item<K, V>> drained = new ArrayList<>();
    for (Stripe<K, V> stripe : stripes) {
      stripe.lock.lock();
      try {
        for (Item<K, V> item; (item = stripe.pollFresh()) != null; ) {
          drained.add(item);
        }
      } finally {
        stripe.lock.unlock();
      }
    }
    return drained;
  }

  /** Hands out the items that are marked for deletion and that no job has. */
  public void marked(Consumer<? super Item<K, V>> to) {
    for (Stripe<K, V> stripe : stripes) {
      if (stripe.marked.size() > 0) {
        stripe.lock.lock();
        try {
          for (Item<K, V> item = stripe.marked.first(); item != null; item = item.after) {
            if (item.ticket == null) {
              to.accept(item);
            }
          }
        } finally {
          stripe.lock.unlock();
        }
      }
    }
  }

  // Counters

  public long evictions() {
    return eviction.count();
  }

  public long insertions() {
    return insertions.sum();
  }

  Stripe<K, V> stripe(int hash) {
    return stripes[hash & stripes.length - 1];
  }

  /**
   * Checks all invariants that hold when no call is in progress; returns what is wrong, or an empty text. Holds all
   * locks meanwhile; that another thread holds one is wrong.
   */
  public String check() {
    int locked = 0;
    try {
      while (locked < stripes.length && stripes[locked].lock.tryLock()) {
        locked++;
      }
      if (locked < stripes.length) {
        return "a lock is held";
      }
      if (!creations.threads().isEmpty()) {
        return "creators run: " + creations.threads();
      }
      return new Invariants<>(table, stripes, size.get(), maximumSize).check();
    } finally {
      while (--locked >= 0) {
        stripes[locked].lock.unlock();
      }
    }
  }
}
