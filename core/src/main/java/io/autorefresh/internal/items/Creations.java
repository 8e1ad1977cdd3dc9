package io.autorefresh.internal.items;

import io.autorefresh.Ticker;
import io.autorefresh.internal.schedule.Schedule;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How items come into a map: of any number of callers for one id one creates, and all get the same item.
 *
 * <p>A caller looks without a lock first; after a miss it looks again under the lock of the stripe. A given value is
 * inserted at once. A creator runs outside the lock, in its caller's thread or in a job's, and other callers of its id
 * wait (see {@link Creation}). A creator may ask for other ids.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Creations<K, V> {

  private final ItemMap<K, V> map;
  private final Ticker ticker;
  private final Traits<K, V> traits;
  private final boolean grouped;
  private final boolean dated;
  private final boolean shared;
  private final Condition first;
  private final LongAdder failures = new LongAdder();
  /** The threads that run a creator. */
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile @Nullable Supplier<? extends RuntimeException> closed;

  Creations(ItemMap<K, V> map, Ticker ticker, Traits<K, V> traits, boolean grouped, boolean refreshOnCreate) {
    this.map = map;
    this.ticker = ticker;
    this.traits = traits;
    this.grouped = grouped;
    this.shared = traits.areShared();
    this.dated = traits.haveIntervals() || shared;
    this.first = refreshOnCreate ? Condition.NEW : dated ? Condition.INTERVAL : Condition.UNCONFIRMED;
  }

  /** Returns the value of an id, inserted if absent; waits if another caller makes it. */
  public V getOrCreate(K id, V value) throws InterruptedException {
    Item<K, V> newborn = newborn(id, value);
    boolean awaited;
    try (Stripe<K, V> stripe = map.hold(newborn)) {
      Item<K, V> present = map.table.find(id, newborn.hash);
      if (present != null) {
        return present.access();
      }
      checkOpen();
      awaited = !stripe.creations.isEmpty() && stripe.creations.containsKey(id);
      if (!awaited) {
        map.insert(stripe, newborn);
      }
    }
    if (awaited) {
      return getOrCreate(id, key -> value);
    }
    map.settle(newborn);
    return value;
  }

  /** Returns the value of an id, made by the caller if absent; waits if another thread makes it. */
  public V getOrCreate(K id, Function<? super K, ? extends V> creator) throws InterruptedException {
    Creation<K, V> creation = begin(new Creation<>(id));
    return creation.claim() ? create(creation, creator) : await(creation);
  }

  /**
   * Returns the value of an id; waits for it if absent.
   *
   * @param queue takes the creation, if there was none, so that a thread will claim it and make the item
   */
  public V getOrAwait(K id, Consumer<? super Creation<K, V>> queue) throws InterruptedException {
    Creation<K, V> mine = new Creation<>(id);
    Creation<K, V> creation = begin(mine);
    if (creation == mine && !mine.isOver()) {
      queue.accept(mine);
    }
    return await(creation);
  }

  /** Returns the creation of that id that is in progress, or else the given one, which is over if there is an item. */
  private Creation<K, V> begin(Creation<K, V> mine) {
    try (Stripe<K, V> stripe = map.stripe(mine.hash).hold()) {
      Item<K, V> present = map.table.find(mine.id, mine.hash);
      if (present != null) {
        mine.complete(present.access());
        return mine;
      }
      checkOpen();
      Creation<K, V> other = stripe.creations.putIfAbsent(mine.id, mine);
      return other == null ? mine : other;
    }
  }

  /** Makes an item of a value. Calls the user's functions of values, so no lock is held. */
  public Item<K, V> newborn(K id, V value) {
    int hash = Table.hash(id);
    boolean terminal = traits.isTerminal(value);
    Object group = traits.groupOf(id, value);
    String text = shared ? traits.textOf(id) : null;
    long now = ticker.read();
    long dueAt = terminal ? Schedule.NEVER : traits.dueAt(id, value, now);
    Condition condition = terminal ? Condition.UNCONFIRMED : first;
    if (shared) {
      return new SharedItem<>(id, hash, value, now, terminal, condition, group, dueAt, text);
    }
    if (dated) {
      return new DatedItem<>(id, hash, value, now, terminal, condition, group, dueAt);
    }
    return grouped ? new GroupedItem<>(id, hash, value, now, terminal, condition, group)
        : new Item<>(id, hash, value, now, terminal, condition);
  }

  private V await(Creation<K, V> creation) throws InterruptedException {
    if (creation.isMine()) {
      throw new IllegalStateException("the creator of '" + creation.id() + "' asks for its own id");
    }
    waiting.incrementAndGet();
    try {
      return creation.await();
    } finally {
      waiting.decrementAndGet();
    }
  }

  private V create(Creation<K, V> creation, Function<? super K, ? extends V> creator) {
    boolean outermost = beginCreator();
    try {
      V made = creator.apply(creation.id);
      insert(creation, newborn(creation.id, made));
      return made;
    } catch (Throwable t) {
      fail(creation, t);
      throw t;
    } finally {
      if (outermost) {
        endCreator();
      }
    }
  }

  /** Inserts a created item. Throws if the map is closed; the caller then lets the creation fail. */
  public void insert(Creation<K, V> creation, Item<K, V> newborn) {
    V made = newborn.value;
    try (Stripe<K, V> stripe = map.hold(newborn)) {
      checkOpen();
      stripe.creations.remove(creation.id);
      map.insert(stripe, newborn);
    }
    creation.complete(made);
    map.settle(newborn);
  }

  /** Nothing was created: the waiting callers get the exception, and the next caller begins anew. */
  public void fail(Creation<K, V> creation, Throwable thrown) {
    failures.increment();
    try (Stripe<K, V> stripe = map.stripe(creation.hash).hold()) {
      stripe.creations.remove(creation.id, creation);
    }
    creation.fail(thrown);
  }

  /** The calling thread runs a creator; returns whether it did not run one before. */
  public boolean beginCreator() { return running.add(Thread.currentThread()); }

  /** The calling thread runs none any more. */
  public void endCreator() {
    running.remove(Thread.currentThread());
  }

  /**
   * Closes the map to insertions. When this has returned, nothing more is inserted. Callers that wait for a creator get
   * the exception; creators run on, and their items are refused.
   *
   * @param reason makes the exception of later callers
   */
  public void close(Supplier<? extends RuntimeException> reason) {
    closed = reason;
    map.forEachStripe(stripe -> stripe.creations.values().forEach(creation -> creation.fail(reason.get())));
  }

  /** Throws if the map is closed. */
  void checkOpen() {
    Supplier<? extends RuntimeException> reason = closed;
    if (reason != null) {
      throw reason.get();
    }
  }

  /** Returns the number of creations that failed, or came after the close. */
  public long failures() { return failures.sum(); }

  /** Returns the number of threads that run a creator. */
  public int running() { return running.size(); }

  /** Whether the calling thread runs a creator. */
  public boolean isCreator() { return running.contains(Thread.currentThread()); }

  /** Returns the number of callers that wait for a creator of another thread. */
  public int waiting() { return waiting.get(); }
}
