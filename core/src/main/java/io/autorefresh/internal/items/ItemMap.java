package io.autorefresh.internal.items;

import io.autorefresh.RemovalCause;
import io.autorefresh.Ticker;
import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The striped-lock map: what there is under each id, how it comes and goes, and which thread may change it.
 *
 * <p><b>Locks.</b> Reads take none. Every change of an item is made under the lock of its stripe. No two stripes are
 * held at once, except by growing, which takes them all in order. No user code runs under a lock except {@code equals}
 * and {@code hashCode}: creators, predicates and listeners run outside.
 *
 * <p><b>Fencing.</b> A job changes an item only as long as the item is mapped and bears the job's token, which it got
 * by {@link Fence#take}. Marking, removing and evicting take the token away, and a later generation of the id is
 * another {@link Item}. So a result that comes late, for whatever reason, finds nothing to change.
 *
 * <p>The file is longer than others since all changes that take stripes' locks, except those of jobs, are here.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class ItemMap<K, V> implements Schedule.Walk<Item<K, V>> {

  private final Table<K, V> table;
  private final Stripe<K, V>[] stripes;
  private final long maximumSize;
  private final AtomicInteger size = new AtomicInteger();
  private final LongAdder insertions = new LongAdder();
  private final Creations<K, V> creations;
  private final ReentrantLock growing = new ReentrantLock();
  private final Condition first;
  private final boolean grouped;
  private final boolean dated;
  private final Consumer<? super Item<K, V>> onChange;
  private final Eviction<K, V> eviction;
  private final @Nullable EventQueue<K, V> events;
  private final Flight flight;
  private final Readiness readiness = new Readiness();
  private long keptFor = Schedule.NEVER;

  /**
   * Creates an empty map.
   *
   * @param table an empty table, which only this map will change
   * @param traits what the user says of created values
   * @param grouped whether items have groups
   * @param refreshOnCreate whether a new item's first refresh goes ahead of the cycles
   * @param events takes the events, or null if there is no listener
   * @param flight records creations and removals
   * @param onChange is given, possibly under a lock, each item that is inserted or whose due time is now its own
   */
  public ItemMap(
      Table<K, V> table,
      long maximumSize,
      Ticker ticker,
      Traits<K, V> traits,
      boolean grouped,
      boolean refreshOnCreate,
      @Nullable EventQueue<K, V> events,
      Flight flight,
      Consumer<? super Item<K, V>> onChange) {
    this.maximumSize = maximumSize;
    this.dated = traits.haveIntervals();
    this.first = refreshOnCreate ? Condition.NEW : dated ? Condition.INTERVAL : Condition.UNCONFIRMED;
    this.grouped = grouped;
    this.onChange = onChange;
    this.stripes = newStripes(maximumSize);
    this.table = table;
    while (table.length() < stripes.length) {
      table.grow();
    }
    this.events = events;
    this.flight = flight;
    this.creations = new Creations<>(this, table, ticker, traits);
    this.eviction = new Eviction<>(this, stripes, size, maximumSize);
  }

  /** How items come into this map. */
  public Creations<K, V> creations() { return creations; }

  /** How many events wait for the listener. */
  public int untold() { return events == null ? 0 : events.size(); }

  @Nullable EventQueue<K, V> events() { return events; }

  public Flight flight() { return flight; }

  /** A power of two of stripes, about four a core, each of them for a hundred items at least. */
  private Stripe<K, V>[] newStripes(long maximumSize) {
    long wanted = Math.min(4L * Runtime.getRuntime().availableProcessors(), maximumSize / 100);
    int count = (int) Long.highestOneBit(Math.max(1, wanted));
    @SuppressWarnings({"unchecked", "rawtypes"})
    Stripe<K, V>[] stripes = new Stripe[count];
    for (int i = 0; i < count; i++) {
      stripes[i] = new Stripe<>((int) (maximumSize / count), readiness);
    }
    return stripes;
  }

  // Reads

  public int size() { return Math.max(0, size.get()); }

  /** Shows an item to the reader under its lock, which is no access. Returns null if there is none. */
  public <R> @Nullable R inspect(K id, Function<Item<K, V>, R> reader) {
    int hash = Table.hash(id);
    return stripe(hash).under(stripe -> {
      Item<K, V> item = table.find(id, hash);
      return item == null ? null : reader.apply(item);
    });
  }

  /** Returns the job whose call runs for an item, also if the item was taken from it, or null. Called by a reader. */
  public @Nullable Token running(Item<K, V> item) {
    Condition condition = item.condition;
    Token token = item.token != null || condition == null ? item.token : condition.blocker();
    return token == null ? stripe(item.hash).orphans.of(item) : token;
  }

  /** Returns a read-only live view. */
  public Map<K, V> view() { return MapView.of(this, table); }

  /** As {@link Table#items}. */
  public Iterable<Item<K, V>> items() { return table.items(); }

  /** Returns how many items are in which state. */
  public Gauges gauges() {
    Gauges sum = new Gauges();
    forEachStripe(stripe -> stripe.addTo(sum));
    return sum;
  }

  // Insertion

  /** Inserts an item that is known to be absent. The caller holds the lock of the stripe, and settles without it. */
  Item<K, V> insert(Stripe<K, V> stripe, K id, int hash, Newborn<V> newborn) {
    V value = newborn.value();
    long now = newborn.now();
    boolean terminal = newborn.terminal();
    Condition condition = terminal ? Condition.UNCONFIRMED : first;
    Item<K, V> item;
    if (dated) {
      item = new DatedItem<>(id, hash, value, now, terminal, condition, newborn.group(), newborn.dueAt());
    } else if (grouped) {
      item = new GroupedItem<>(id, hash, value, now, terminal, condition, newborn.group());
    } else {
      item = new Item<>(id, hash, value, now, terminal, condition);
    }
    if (terminal) {
      keepTerminal(stripe, item, now);
    }
    stripe.enqueue(item);
    table.insert(item);
    size.incrementAndGet();
    insertions.increment();
    if (events != null) {
      events.post(new Event.Created<>(id, value));
    }
    return item;
  }

  /** What remains to be done after an insertion, with no lock held: room in table and map, and the first refresh. */
  void settle(Item<K, V> newcomer) {
    onChange.accept(newcomer);
    eviction.evictExcess(newcomer);
    if (isCrowded()) {
      grow();
    }
    flight.created(newcomer.id);
    flight.flush();
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

  /** Runs an action under the lock of each stripe, one after the other. */
  void forEachStripe(Consumer<? super Stripe<K, V>> action) {
    for (Stripe<K, V> stripe : stripes) {
      stripe.locked(action);
    }
  }

  // Deletion

  /** Marks the item of an id for deletion; returns whether there is one. */
  public boolean mark(K id) {
    int hash = Table.hash(id);
    if (table.find(id, hash) == null) {
      return false;
    }
    return stripe(hash).under(stripe -> {
      Item<K, V> item = table.find(id, hash);
      if (item != null && !item.isMarked()) {
        // Under the lock: the close collects what is marked after it has passed through here.
        creations.checkOpen();
        stripe.becomeMarked(item);
      }
      return item != null;
    });
  }

  /** Removes the item of an id at once, and calls nobody for that; returns whether there was one. */
  public boolean forget(K id) {
    int hash = Table.hash(id);
    return stripe(hash).under(stripe -> {
      creations.checkOpen();
      Item<K, V> item = table.find(id, hash);
      if (item != null) {
        remove(stripe, item, RemovalCause.FORGOTTEN);
      }
      return item != null;
    });
  }

  /** Takes an item out of the map for good. The caller holds the lock, and has counted. */
  void unmap(Stripe<K, V> stripe, Item<K, V> item, RemovalCause cause) {
    table.remove(item);
    stripe.dequeue(item);
    flight.removed(item.id, cause);
    if (events != null) {
      events.post(new Event.Removed<>(item.id, item.value, cause));
    }
  }

  /** As {@link #unmap}, for all except an eviction, which counts when it is claimed. */
  void remove(Stripe<K, V> stripe, Item<K, V> item, RemovalCause cause) {
    size.decrementAndGet();
    unmap(stripe, item, cause);
  }

  /**
   * Returns the items that are marked for deletion and that no job has.
   *
   * @param pardon whether those that back off are due now as well; otherwise they are left out
   */
  public List<Item<K, V>> marked(long now, boolean pardon) {
    List<Item<K, V>> found = new ArrayList<>();
    forEachStripe(stripe -> stripe.marked.forEach(item -> {
      if (pardon && item.token == null && item.failure() != null) {
        stripe.setCondition(item, Condition.pardoned(item.condition));
      }
      if (item.isWanted(Schedule.Kind.DELETION, now)) {
        found.add(item);
      }
    }));
    return found;
  }

  /** Removes the items that are marked for deletion, where nobody is to be called for that; returns how many. */
  public int removeMarked() {
    AtomicInteger count = new AtomicInteger();
    forEachStripe(stripe -> {
      for (Item<K, V> item; (item = stripe.marked.first()) != null; count.incrementAndGet()) {
        remove(stripe, item, RemovalCause.DELETED);
      }
    });
    return count.get();
  }

  /** Sets how long terminal items are kept, in nanoseconds. Called before there are any. */
  public void keepTerminal(long nanos) {
    keptFor = nanos;
  }

  /** An item is terminal since that time. The caller holds the lock. */
  void keepTerminal(Stripe<K, V> stripe, Item<K, V> item, long since) {
    if (keptFor != Schedule.NEVER) {
      stripe.kept.add(new Kept<>(item, since));
    }
  }

  /** Removes the items that have been terminal for as long as they are kept. */
  public void removeKeptLongEnough(long now) {
    if (keptFor != Schedule.NEVER) {
      forEachStripe(stripe -> {
        for (Kept<K, V> first; (first = stripe.kept.peek()) != null && now - first.since() >= keptFor; ) {
          stripe.kept.remove();
          if (first.item().terminal && first.item().isMapped() && !first.item().isMarked()) {
            remove(stripe, first.item(), RemovalCause.KEPT_LONG_ENOUGH);
          }
        }
      });
    }
  }

  // Planning

  /**
   * Shows every item that is neither terminal nor marked: those of each stripe, as they are at one moment, to a visitor
   * of their own, under the stripe's lock, in the order of its queues, which is about that in which they came. It
   * mostly is the order in which they lie in memory, too, since a collector that moves objects follows the links
   * between them; in the order of the table each would be a cache miss.
   *
   * @param visitors makes the visitor of a stripe, with no lock held, given about how many items there are; the visitor
   *     must not call user code
   */
  @Override
  public void live(IntFunction<? extends Consumer<? super Item<K, V>>> visitors) {
    for (Stripe<K, V> stripe : stripes) {
      Consumer<? super Item<K, V>> visitor = visitors.apply(stripe.live());
      stripe.locked(locked -> locked.forEachLive(visitor));
    }
  }

  /** An item is new, or has a due time of its own. */
  void changed(Item<K, V> item) {
    onChange.accept(item);
  }

  // Waiting

  /** An item as it is at one moment, and what a waiting caller was told by then. */
  public record Seen<V>(V value, boolean mapped, boolean marked, boolean terminal, Waiter.Answer answer) {}

  /** Adds a caller that waits for changes of the item of an id; returns the item, or null if there is none. */
  public @Nullable Item<K, V> await(K id, Waiter waiter) {
    int hash = Table.hash(id);
    return stripe(hash).under(stripe -> {
      Item<K, V> item = table.find(id, hash);
      if (item != null) {
        stripe.waiters.add(item, waiter);
        // No interval holds up an item for which a caller waits.
        item.setIntervalEnd(Schedule.NEVER);
      }
      return item;
    });
  }

  /**
   * Makes the item of an id due at once, ahead of others, unless it is marked; the caller waits for the first refresh
   * that begins from now on. Returns the item, or null if there is none.
   */
  public @Nullable Item<K, V> request(K id, Waiter waiter) {
    int hash = Table.hash(id);
    return stripe(hash).under(stripe -> {
      creations.checkOpen();
      Item<K, V> item = table.find(id, hash);
      if (item != null && !item.isMarked()) {
        stripe.waiters.add(item, waiter);
        Failure hanging = item.hanging();
        if (hanging == null) {
          request(stripe, item, Condition.requested(item.condition));
        } else {
          waiter.refuse(EventQueue.summary(hanging.cause()));
        }
      }
      return item;
    });
  }

  /** The same for a hint, for which nobody waits; returns whether there is an item. */
  public boolean hint(K id, long now, long period) {
    int hash = Table.hash(id);
    return stripe(hash).under(stripe -> {
      creations.checkOpen();
      Item<K, V> item = table.find(id, hash);
      if (item != null && !item.isMarked() && item.hanging() == null) {
        request(stripe, item, Condition.hinted(item.condition, now, period));
      }
      return item != null;
    });
  }

  private void request(Stripe<K, V> stripe, Item<K, V> item, @Nullable Condition condition) {
    if (item.condition != condition && condition != null) {
      stripe.setCondition(item, condition);
      changed(item);
    }
  }

  /** Makes all live items due once more; those that back off stay as they are. */
  public void hintAll(long now, long period) {
    forEachStripe(stripe -> stripe.forEachLive(item -> request(
        stripe,
        item,
        item.token == null ? Condition.dueOnceMore(item.condition, now, period) : Condition.requested(item.condition))));
  }

  /** A requested refresh of an item does not take place. */
  public void refuse(Item<K, V> item, Throwable failure) {
    stripe(item.hash).locked(stripe -> {
      if (item.isMapped()) {
        refuse(stripe, item, failure);
      }
    });
  }

  void refuse(Stripe<K, V> stripe, Item<K, V> item, Throwable failure) {
    if (item.isRequested()) {
      stripe.setCondition(item, Condition.unrequested(item.condition));
      changed(item);
      stripe.waiters.refuse(item, failure);
    }
  }

  /** The caller waits no longer. */
  public void leave(Item<K, V> item, Waiter waiter) {
    stripe(item.hash).locked(stripe -> stripe.waiters.remove(item, waiter));
  }

  /** Looks at an item, whether or not it is in the map; its last value stays its value. */
  public Seen<V> look(Item<K, V> item, Waiter waiter) {
    return stripe(item.hash).under(stripe ->
        new Seen<>(item.value, item.isMapped(), item.isMarked(), item.terminal, waiter.answer()));
  }

  /** Makes all that wait look again. */
  public void wakeWaiters() {
    forEachStripe(stripe -> stripe.waiters.wakeAll());
    readiness.wakeWaiters();
  }

  /** The cache starts: it is ready when each live item that is there now was confirmed, has failed, or is gone. */
  public Readiness start() {
    forEachStripe(stripe -> stripe.forEachLive(stripe::expect));
    readiness.countDown();
    return readiness;
  }

  public Readiness readiness() { return readiness; }

  // Counters

  public long evictions() { return eviction.count(); }

  public long insertions() { return insertions.sum(); }

  Stripe<K, V> stripe(int hash) { return stripes[hash & stripes.length - 1]; }

  /** For the tests: what must hold when no call is in progress. */
  Stripe<K, V>[] stripes() { return stripes; }

  Table<K, V> table() { return table; }

  long maximumSize() { return maximumSize; }

  int exactSize() { return size.get(); }
}
