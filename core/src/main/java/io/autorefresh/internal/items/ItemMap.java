package io.autorefresh.internal.items;

import io.autorefresh.RemovalCause;
import io.autorefresh.Ticker;
import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The striped-lock map: the item of each id, how items come and go, and which thread may change them.
 *
 * <p><b>Locks.</b> Reads take none. Every change of an item is made under the lock of its stripe. No thread holds two
 * stripes, except to grow the table, which takes them all in order. The only user code under a lock is {@code equals}
 * and {@code hashCode}: creators, predicates and listeners run outside.
 *
 * <p><b>Fencing.</b> A job changes an item only while the item is mapped and bears the job's token, set by {@link
 * Fence#take}. Marking, removing and evicting take the token away, and a later generation of the id is another {@link
 * Item}. So a late result, for whatever reason, finds nothing to change.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class ItemMap<K, V> implements Schedule.Walk<Item<K, V>> {

  final Table<K, V> table;
  final Stripe<K, V>[] stripes;
  final long maximumSize;
  final AtomicInteger size = new AtomicInteger();
  final @Nullable EventQueue<K, V> events;
  private final LongAdder insertions = new LongAdder();
  private final Creations<K, V> creations;
  private final Eviction<K, V> eviction;
  private final Flight flight;
  final Consumer<? super Item<K, V>> onChange;
  private final Readiness readiness = new Readiness();
  private long keptFor = Schedule.NEVER;

  /**
   * Creates an empty map.
   *
   * @param table an empty table, which only this map will change
   * @param traits the user's functions of created values
   * @param grouped whether items have groups
   * @param refreshOnCreate whether a new item's first refresh goes ahead of the cycles
   * @param events takes the events, or null if there is no listener
   * @param flight records creations and removals
   * @param onChange is given, possibly under a lock, each inserted item and each item whose due time is now its own
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
    this.table = table;
    this.maximumSize = maximumSize;
    this.stripes = newStripes();
    while (table.length() < stripes.length) {
      table.grow();
    }
    this.events = events;
    this.flight = flight;
    this.onChange = onChange;
    this.creations = new Creations<>(this, ticker, traits, grouped, refreshOnCreate);
    this.eviction = new Eviction<>(this);
  }

  /** Returns a power of two of stripes, about four a core, each of them for at least a hundred items. */
  private Stripe<K, V>[] newStripes() {
    long wanted = Math.min(4L * Runtime.getRuntime().availableProcessors(), maximumSize / 100);
    int count = (int) Long.highestOneBit(Math.max(1, wanted));
    @SuppressWarnings({"unchecked", "rawtypes"})
    Stripe<K, V>[] stripes = new Stripe[count];
    for (int i = 0; i < count; i++) {
      stripes[i] = new Stripe<>((int) (maximumSize / count), readiness);
    }
    return stripes;
  }

  /** Returns the creation of items in this map. */
  public Creations<K, V> creations() { return creations; }

  public Flight flight() { return flight; }

  public Readiness readiness() { return readiness; }

  public long insertions() { return insertions.sum(); }

  public long evictions() { return eviction.count(); }

  /** Returns the number of events that wait for the listener. */
  public int untold() { return events == null ? 0 : events.size(); }

  // Access under a lock

  /** Takes the lock of the item's stripe. */
  Stripe<K, V> hold(Item<K, V> item) { return stripe(item.hash).hold(); }

  Stripe<K, V> stripe(int hash) { return stripes[hash & stripes.length - 1]; }

  /** Runs an action under the lock of each stripe, one after the other. */
  void forEachStripe(Consumer<? super Stripe<K, V>> action) {
    for (Stripe<K, V> each : stripes) {
      try (Stripe<K, V> stripe = each.hold()) {
        action.accept(stripe);
      }
    }
  }

  /** Runs an action under the lock of the id's stripe, with the item, or with null if there is none. */
  private <R extends @Nullable Object> R at(
      K id, BiFunction<? super Stripe<K, V>, ? super @Nullable Item<K, V>, R> action) {
    int hash = Table.hash(id);
    try (Stripe<K, V> stripe = stripe(hash).hold()) {
      return action.apply(stripe, table.find(id, hash));
    }
  }

  // Reads

  /** Returns the item of an id, or null if there is none; this is no access. */
  public @Nullable Item<K, V> find(K id) { return table.find(id, Table.hash(id)); }

  public int size() { return Math.max(0, size.get()); }

  /** Shows an item to the reader under its lock, which is no access. Returns null if there is none. */
  public <R> @Nullable R inspect(K id, Function<Item<K, V>, R> reader) {
    return at(id, (stripe, item) -> item == null ? null : reader.apply(item));
  }

  /** Returns the job whose call runs for an item, also if the job has lost the item, or null. Called by a reader. */
  public @Nullable Token running(Item<K, V> item) {
    Token call = item.call();
    return call == null ? stripe(item.hash).orphans.of(item.id) : call;
  }

  /** Returns a live view; every method that would change it throws. */
  public Map<K, V> view() { return Collections.unmodifiableMap(new MapView<>(this)); }

  /** As {@link Table#items}. */
  public Iterable<Item<K, V>> items() { return table.items(); }

  /** Returns the numbers of items in each state. */
  public Gauges gauges() {
    Gauges sum = new Gauges();
    forEachStripe(sum::add);
    return sum;
  }

  /**
   * Shows every item that is neither terminal nor marked. Each stripe's items, as they are at one moment, go to a
   * visitor of their own, under the stripe's lock, in the order of its queues, which is about the order of creation.
   * That is mostly their order in memory, too, since a collector that moves objects follows the links between them. In
   * the order of the table each item would be a cache miss.
   *
   * @param visitors makes the visitor of a stripe, without a lock, given the approximate number of items; the visitor
   *     must not call user code
   */
  @Override
  public void live(IntFunction<? extends Consumer<? super Item<K, V>>> visitors) {
    for (Stripe<K, V> each : stripes) {
      Consumer<? super Item<K, V>> visitor = visitors.apply(each.live());
      try (Stripe<K, V> stripe = each.hold()) {
        stripe.forEachLive(visitor);
      }
    }
  }

  // Insertion

  /** Inserts an item that is known to be absent. The caller holds the lock, and then calls {@link #settle}. */
  void insert(Stripe<K, V> stripe, Item<K, V> item) {
    stripe.enqueue(item);
    table.insert(item);
    size.incrementAndGet();
    insertions.increment();
    if (events != null) {
      events.post(new Event.Created<>(item.id, item.value));
    }
  }

  /** Completes an insertion without a lock: the first refresh, and room in the map and in the table. */
  void settle(Item<K, V> newcomer) {
    onChange.accept(newcomer);
    eviction.evictExcess(newcomer);
    growIfCrowded(0);
    flight.created(newcomer.id);
    flight.flush();
  }

  /**
   * Grows the table while it is half full. Most hits find their item first in its chain then: a processor that has to
   * guess the length of a chain guesses wrong less often, which saves more than the array costs.
   *
   * @param held how many stripes are locked; the others will be
   */
  private void growIfCrowded(int held) {
    int length = table.length();
    if (size.get() < length >>> 1 || length >= Table.MAX_LENGTH) {
      return;
    }
    if (held == stripes.length) {
      table.grow();
      return;
    }
    stripes[held].lock.lock();
    try {
      growIfCrowded(held + 1);
    } finally {
      stripes[held].lock.unlock();
    }
  }

  // Deletion

  /** Marks the item of an id for deletion; returns whether there is one. */
  public boolean mark(K id) {
    return at(id, (stripe, item) -> {
      if (item != null && !item.isMarked()) {
        // Under the lock: the close collects marked items after it has passed through here.
        creations.checkOpen();
        stripe.becomeMarked(item);
      }
      return item != null;
    });
  }

  /** Removes the item of an id at once, without a call; returns whether there was one. */
  public boolean forget(K id) {
    return at(id, (stripe, item) -> {
      creations.checkOpen();
      if (item != null) {
        remove(stripe, item, RemovalCause.FORGOTTEN);
      }
      return item != null;
    });
  }

  /** Takes an item out of the map for good. The caller holds the lock. */
  void remove(Stripe<K, V> stripe, Item<K, V> item, RemovalCause cause) {
    size.decrementAndGet();
    if (item instanceof SharedItem) {
      stripe.rememberRemoved(item);
    }
    unmap(stripe, item, cause);
  }

  /** As {@link #remove}, for an eviction, which counts the size down before it chooses the item. */
  void unmap(Stripe<K, V> stripe, Item<K, V> item, RemovalCause cause) {
    table.remove(item);
    stripe.dequeue(item);
    flight.removed(item.id, cause);
    if (events != null) {
      events.post(new Event.Removed<>(item.id, item.value, cause));
    }
  }

  /**
   * Returns the items that are marked for deletion and that no job has.
   *
   * @param pardon whether items that back off are due now; otherwise they are left out
   */
  public List<Item<K, V>> marked(long now, boolean pardon) {
    List<Item<K, V>> found = new ArrayList<>();
    forEachStripe(stripe -> stripe.marked.forEach(item -> {
      if (pardon && item.token == null && item.failure() != null) {
        stripe.setCondition(item, item.condition.pardoned());
      }
      if (item.isWanted(Schedule.Kind.DELETION, now)) {
        found.add(item);
      }
    }));
    return found;
  }

  /** Removes the items that are marked for deletion, where there is no callback for that; returns their number. */
  public int removeMarked() {
    AtomicInteger count = new AtomicInteger();
    forEachStripe(stripe -> stripe.marked.forEach(item -> {
      remove(stripe, item, RemovalCause.DELETED);
      count.incrementAndGet();
    }));
    return count.get();
  }

  /** Sets for how many nanoseconds terminal items are kept. Called before there are any. */
  public void keepTerminal(long nanos) {
    keptFor = nanos;
  }

  /** Removes the items that have been terminal for as long as they are kept. */
  public void removeKeptLongEnough(long now) {
    if (keptFor != Schedule.NEVER) {
      forEachStripe(stripe -> stripe.terminal.forEach(item -> {
        if (now - stripe.terminalSince.getOrDefault(item, item.confirmedAt) >= keptFor) {
          remove(stripe, item, RemovalCause.KEPT_LONG_ENOUGH);
        }
      }));
    }
  }

  // Requests

  /**
   * Makes the item of an id due at once, ahead of others, unless it is marked. The caller waits for the first refresh
   * that begins from now on. Returns the item, or null if there is none.
   */
  public @Nullable Item<K, V> request(K id, Waiter waiter) {
    return at(id, (stripe, item) -> {
      creations.checkOpen();
      if (item != null && !item.isMarked()) {
        stripe.waiters.add(item, waiter);
        Failure hanging = item.hanging();
        if (hanging == null) {
          request(stripe, item, item.condition.requested());
        } else {
          waiter.begin();
          waiter.end(Waiter.Answer.FAILED, EventQueue.summary(hanging.cause()));
        }
      }
      return item;
    });
  }

  /** The same for a hint, for which no caller waits; returns whether there is an item. */
  public boolean hint(K id, long now, long period) {
    return at(id, (stripe, item) -> {
      creations.checkOpen();
      if (item != null && !item.isMarked() && item.hanging() == null) {
        request(stripe, item, item.condition.hinted(now, period));
      }
      return item != null;
    });
  }

  /** Makes all live items due once more, except items that back off. */
  public void hintAll(long now, long period) {
    forEachStripe(stripe -> stripe.forEachLive(item -> request(
        stripe,
        item,
        item.token == null ? item.condition.dueOnceMore(now, period) : item.condition.requested())));
  }

  private void request(Stripe<K, V> stripe, Item<K, V> item, Condition condition) {
    if (item.condition != condition) {
      stripe.setCondition(item, condition);
      onChange.accept(item);
    }
  }

  /** Refuses a requested refresh of an item. */
  public void refuse(Item<K, V> item, Throwable failure) {
    try (Stripe<K, V> stripe = hold(item)) {
      refuse(stripe, item, failure);
    }
  }

  void refuse(Stripe<K, V> stripe, Item<K, V> item, Throwable failure) {
    if (item.isRequested()) {
      stripe.setCondition(item, item.condition.unrequested());
      onChange.accept(item);
      stripe.waiters.begin(item);
      stripe.waiters.end(item, Waiter.Answer.FAILED, failure);
    }
  }

  // Waiting

  /** The state of an item at one moment, and the answer that a waiting caller has by then. */
  public record Seen<V>(V value, boolean mapped, boolean marked, boolean terminal, Waiter.Answer answer) {}

  /** Adds a caller that waits for changes of the item of an id; returns the item, or null if there is none. */
  public @Nullable Item<K, V> await(K id, Waiter waiter) {
    return at(id, (stripe, item) -> {
      if (item != null) {
        stripe.waiters.add(item, waiter);
        // No interval holds up an item for which a caller waits.
        if (!(item instanceof SharedItem)) {
          item.setIntervalEnd(Schedule.NEVER);
        }
      }
      return item;
    });
  }

  /** The caller waits no longer. */
  public void leave(Item<K, V> item, Waiter waiter) {
    try (Stripe<K, V> stripe = hold(item)) {
      stripe.waiters.remove(item, waiter);
    }
  }

  /** Returns the state of an item, whether or not it is mapped. An item that was removed keeps its last value. */
  @SuppressWarnings("try")
  public Seen<V> look(Item<K, V> item, Waiter waiter) {
    try (Stripe<K, V> stripe = hold(item)) {
      return new Seen<>(item.value, item.isMapped(), item.isMarked(), item.terminal, waiter.answer());
    }
  }

  /** Makes all waiting callers look again. */
  public void wakeWaiters() {
    forEachStripe(stripe -> stripe.waiters.wakeAll());
    readiness.wakeWaiters();
  }

  /** The cache starts, and its readiness depends on the live items that are there now. */
  public void start() {
    forEachStripe(stripe -> stripe.forEachLive(readiness::expect));
    readiness.settle(readiness);
  }
}
