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
 * How items come into a map: of any number of callers for one id, one creates, and all get the same item.
 *
 * <p>A caller looks without a lock first; a miss looks again here, under the lock of the stripe. A value that is there
 * already is inserted at once. A creator runs outside the lock, in its caller's thread or a job's; other callers of
 * that id wait for it (see {@link Creation}). Creators may ask for other ids.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Creations<K, V> {

  private final ItemMap<K, V> map;
  private final Table<K, V> table;
  private final Ticker ticker;
  private final Traits<K, V> traits;
  private final LongAdder failures = new LongAdder();
  /** The threads that run a creator. */
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile @Nullable Supplier<? extends RuntimeException> closed;

  Creations(ItemMap<K, V> map, Table<K, V> table, Ticker ticker, Traits<K, V> traits) {
    this.map = map;
    this.table = table;
    this.ticker = ticker;
    this.traits = traits;
  }

  /** Returns the value of an id, inserted if absent; waits if another caller makes it. */
  public V getOrCreate(K id, V value) throws InterruptedException {
    int hash = Table.hash(id);
    Newborn<V> newborn = newborn(id, value);
    Stripe<K, V> stripe = map.stripe(hash);
    Item<K, V> item;
    stripe.lock.lock();
    try {
      item = table.find(id, hash);
      if (item != null) {
        return item.access();
      }
      checkOpen();
      if (stripe.creations.isEmpty() || !stripe.creations.containsKey(new Key<>(id, hash))) {
        item = map.insert(stripe, id, hash, newborn);
      }
    } finally {
      stripe.lock.unlock();
    }
    if (item == null) {
      return getOrCreate(id, key -> value);
    }
    map.settle(item);
    return value;
  }

  /** Returns the value of an id, made by the caller if absent; waits if another thread makes it. */
  public V getOrCreate(K id, Function<? super K, ? extends V> creator) throws InterruptedException {
    Creation<K, V> creation = begin(new Creation<>(new Key<>(id, Table.hash(id))));
    return creation.claim() ? create(creation, creator) : await(creation);
  }

  /**
   * Returns the value of an id; waits for it if absent.
   *
   * @param queue takes the creation, if there was none, so that a thread will claim it and make the item
   */
  public V getOrAwait(K id, Consumer<? super Creation<K, V>> queue) throws InterruptedException {
    Creation<K, V> mine = new Creation<>(new Key<>(id, Table.hash(id)));
    Creation<K, V> creation = begin(mine);
    if (creation == mine && !mine.isOver()) {
      queue.accept(mine);
    }
    return await(creation);
  }

  /** Returns the creation of that id that is not over, or else the given one, which is over if there is an item. */
  private Creation<K, V> begin(Creation<K, V> mine) {
    Key<K> key = mine.key;
    return map.stripe(key.hash()).under(stripe -> {
      Item<K, V> present = table.find(key.id(), key.hash());
      if (present != null) {
        mine.complete(present.access());
        return mine;
      }
      checkOpen();
      Creation<K, V> other = stripe.creations.putIfAbsent(key, mine);
      return other == null ? mine : other;
    });
  }

  /** Finds out what is to be known of a value that was made. */
  public Newborn<V> newborn(K id, V value) {
    boolean terminal = traits.isTerminal(value);
    Object group = traits.groupOf(id, value);
    long now = ticker.read();
    return new Newborn<>(value, terminal, group, now, terminal ? Schedule.NEVER : traits.dueAt(id, value, now));
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
    V made;
    Newborn<V> newborn;
    boolean outermost = beginCreator();
    try {
      made = creator.apply(creation.id());
      newborn = newborn(creation.id(), made);
    } catch (Throwable t) {
      fail(creation, t);
      throw t;
    } finally {
      if (outermost) {
        endCreator();
      }
    }
    insert(creation, newborn);
    return made;
  }

  /** Makes an item of what was created; if the cache is closed, the creation fails by the exception that is thrown. */
  public void insert(Creation<K, V> creation, Newborn<V> newborn) {
    Key<K> key = creation.key;
    Item<K, V> item;
    try {
      item = map.stripe(key.hash()).under(stripe -> {
        checkOpen();
        stripe.creations.remove(key);
        return map.insert(stripe, key.id(), key.hash(), newborn);
      });
    } catch (Throwable t) {
      fail(creation, t);
      throw t;
    }
    creation.complete(newborn.value());
    map.settle(item);
  }

  /** Nothing was created: the callers that wait get the exception, and the next one begins anew. */
  public void fail(Creation<K, V> creation, Throwable thrown) {
    failures.increment();
    map.stripe(creation.key.hash()).under(stripe -> stripe.creations.remove(creation.key, creation));
    creation.fail(thrown);
  }

  /** The calling thread runs a creator; returns whether it did not run one before. */
  public boolean beginCreator() { return running.add(Thread.currentThread()); }

  /** The calling thread runs none any more. */
  public void endCreator() {
    running.remove(Thread.currentThread());
  }

  /**
   * Nothing more is inserted when this has returned. Callers that wait for a creator get the exception; creators run
   * on, and their items are refused.
   *
   * @param reason makes the exception of callers that come too late
   */
  public void close(Supplier<? extends RuntimeException> reason) {
    closed = reason;
    map.forEachStripe(stripe -> stripe.creations.values().forEach(creation -> creation.fail(reason.get())));
  }

  /** Refuses what comes after the close. */
  void checkOpen() {
    Supplier<? extends RuntimeException> reason = closed;
    if (reason != null) {
      throw reason.get();
    }
  }

  /** How many creations failed, or came too late. */
  public long failures() { return failures.sum(); }

  /** How many threads run a creator. */
  public int running() { return running.size(); }

  /** Whether the calling thread runs a creator. */
  public boolean isCreator() { return running.contains(Thread.currentThread()); }

  /** How many callers wait for a creator that another thread runs. */
  public int waiting() { return waiting.get(); }
}
