package io.autorefresh.internal.items;

import io.autorefresh.Ticker;
import io.autorefresh.internal.schedule.Schedule;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How items come into a map: of any number of callers for one id, one creates, and all get the same item.
 *
 * <p>A caller looks without a lock first; a miss looks again here, under the lock of the stripe. A value that is there
 * already is inserted at once. A creator runs outside the lock, in its caller's thread; other callers of that id wait
 * for it (see {@link Creation}). Creators may ask for other ids.
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

  /** Returns the value of an id, made if absent; waits if another caller makes it. */
  public V getOrCreate(K id, Function<? super K, ? extends V> creator) throws InterruptedException {
    int hash = Table.hash(id);
    Stripe<K, V> stripe = map.stripe(hash);
    Creation<V> mine = new Creation<>();
    Creation<V> other;
    stripe.lock.lock();
    try {
      Item<K, V> present = table.find(id, hash);
      if (present != null) {
        return present.access();
      }
      checkOpen();
      other = stripe.creations.putIfAbsent(new Key<>(id, hash), mine);
    } finally {
      stripe.lock.unlock();
    }
    return other == null ? create(stripe, id, hash, mine, creator) : await(other, id);
  }

  private Newborn<V> newborn(K id, V value) {
    boolean terminal = traits.isTerminal(value);
    Object group = traits.groupOf(id, value);
    long now = ticker.read();
    return new Newborn<>(value, terminal, group, now, terminal ? Schedule.NEVER : traits.dueAt(id, value, now));
  }

  private V await(Creation<V> other, K id) throws InterruptedException {
    if (other.isMine()) {
      throw new IllegalStateException("the creator of '" + id + "' asks for its own id");
    }
    waiting.incrementAndGet();
    try {
      return other.await();
    } finally {
      waiting.decrementAndGet();
    }
  }

  private V create(
      Stripe<K, V> stripe, K id, int hash, Creation<V> creation, Function<? super K, ? extends V> creator) {
    V made;
    Item<K, V> item;
    boolean outermost = running.add(Thread.currentThread());
    try {
      made = creator.apply(id);
      Newborn<V> newborn = newborn(id, made);
      item = stripe.under(locked -> {
        checkOpen();
        locked.creations.remove(new Key<>(id, hash));
        return map.insert(locked, id, hash, newborn);
      });
    } catch (Throwable t) {
      failures.increment();
      stripe.under(locked -> locked.creations.remove(new Key<>(id, hash)));
      creation.fail(t);
      throw t;
    } finally {
      if (outermost) {
        running.remove(Thread.currentThread());
      }
    }
    creation.complete(made);
    map.settle(item);
    return made;
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

  /** How many creators threw, or came too late. */
  public long failures() { return failures.sum(); }

  /** How many threads run a creator. */
  public int running() { return running.size(); }

  /** Whether the calling thread runs a creator. */
  public boolean isCreator() { return running.contains(Thread.currentThread()); }

  /** How many callers wait for a creator of another caller. */
  public int waiting() { return waiting.get(); }
}
