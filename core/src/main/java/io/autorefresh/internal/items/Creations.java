package io.autorefresh.internal.items;

import io.autorefresh.CreationException;
import io.autorefresh.Ticker;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How items come into a map: of any number of callers for one id, one creates, and all get the same item.
 *
 * <p>A hit takes no lock. Who finds nothing looks again under the lock of the stripe. A value that is there already
 * is inserted at once; a creator runs outside the lock, and whoever asks for that id meanwhile waits for it, and
 * for nothing else (see {@link Creation}). Creators may ask for other ids, and so lie within each other in one thread,
 * but not as deep as its stack would let them: where that ends, nobody can clear up behind himself.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Creations<K, V> {

  /** How deep creators and other callbacks may lie within each other where one more is begun. */
  static final int MAX_DEPTH = 100;

  private final ItemMap<K, V> map;
  private final Table<K, V> table;
  private final Ticker ticker;
  private final Predicate<? super V> isTerminal;
  private final LongAdder failures = new LongAdder();
  /** Those in progress, for who closes: he must not wait for a lock that an id's {@code equals} may keep. */
  private final Set<Creation<K, V>> running = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Supplier<? extends RuntimeException> closed;

  Creations(
      ItemMap<K, V> map, Table<K, V> table, Ticker ticker, Predicate<? super V> isTerminal) {
    this.map = map;
    this.table = table;
    this.ticker = ticker;
    this.isTerminal = isTerminal;
  }

  /** Returns the value of an id, inserted if absent; waits if somebody makes it just now. */
  public V getOrCreate(K id, V value) throws InterruptedException {
    int hash = Table.hash(id);
    V present = accessed(table.find(id, hash));
    if (present != null) {
      return present;
    }
    boolean terminal = isTerminal.test(value);
    long now = ticker.read();
    Stripe<K, V> stripe = map.stripe(hash);
    Creation<K, V> creation;
    Item<K, V> item = null;
    stripe.lock.lock();
    try {
      present = accessed(table.find(id, hash));
      if (present != null) {
        return present;
      }
      creation = stripe.creation(id, hash);
      if (creation == null) {
        checkOpen();
        item = map.insert(stripe, id, hash, value, terminal, now);
      }
    } finally {
      stripe.lock.unlock();
    }
    if (item == null) {
      return creation.await();
    }
    map.settle(item);
    return value;
  }

  /** Returns the value of an id, made if absent; waits if somebody else makes it just now. */
  public V getOrCreate(K id, Function<? super K, ? extends V> creator) throws InterruptedException {
    int hash = Table.hash(id);
    V present = accessed(table.find(id, hash));
    if (present != null) {
      return present;
    }
    checkDepth(id);
    Stripe<K, V> stripe = map.stripe(hash);
    Creation<K, V> creation;
    boolean mine = false;
    stripe.lock.lock();
    try {
      present = accessed(table.find(id, hash));
      if (present != null) {
        return present;
      }
      checkOpen();
      creation = stripe.creation(id, hash);
      if (creation == null) {
        mine = true;
        creation = begin(stripe, id, hash);
      }
    } finally {
      stripe.lock.unlock();
    }
    return mine ? create(stripe, id, hash, creation, creator) : creation.await();
  }

  private static void checkDepth(Object id) {
    if (Interruptible.depth() >= MAX_DEPTH) {
      throw new IllegalStateException(
          "the creator of " + IdText.of(id) + " would be called by callbacks within each other, which may be " + MAX_DEPTH
              + " deep: is it a recursion without end?");
    }
  }

  private Creation<K, V> begin(Stripe<K, V> stripe, K id, int hash) {
    Creation<K, V> creation = new Creation<>(new Key<>(id, hash), left -> withdraw(stripe, left, exhausted(id)));
    try {
      running.add(creation);
      // After adding: either this sees the close, or who closes sees what was added.
      checkOpen();
      stripe.begin(creation);
    } catch (Throwable t) {
      creation.leave();
      creation.close();
      running.remove(creation);
      throw t;
    }
    return creation;
  }

  private V create(
      Stripe<K, V> stripe, K id, int hash, Creation<K, V> creation, Function<? super K, ? extends V> creator) {
    V value;
    Item<K, V> item;
    try {
      boolean terminal;
      try {
        value = creator.apply(id);
        terminal = isTerminal.test(value);
      } finally {
        creation.leave();
      }
      long now = ticker.read();
      stripe.lock.lock();
      try {
        checkOpen();
        end(stripe, creation);
        item = map.insert(stripe, id, hash, value, terminal, now);
      } finally {
        stripe.lock.unlock();
      }
    } catch (Throwable t) {
      failures.increment();
      Supplier<? extends RuntimeException> reason = closed;
      RuntimeException refusal = reason == null ? null : reason.get();
      withdraw(stripe, creation, refusal == null ? t : refusal);
      if (refusal != null) {
        refusal.initCause(t);
        throw refusal;
      }
      throw t;
    } finally {
      creation.close();
    }
    creation.complete(value);
    map.settle(item);
    return value;
  }

  private static RuntimeException exhausted(Object id) {
    return new CreationException("the creator of " + IdText.of(id) + " exhausted its thread's stack", null);
  }

  private void withdraw(Stripe<K, V> stripe, Creation<K, V> creation, Throwable thrown) {
    stripe.lock.lock();
    try {
      end(stripe, creation);
    } finally {
      stripe.lock.unlock();
      creation.fail(thrown);
    }
  }

  private void end(Stripe<K, V> stripe, Creation<K, V> creation) {
    stripe.end(creation);
    running.remove(creation);
  }

  private @Nullable V accessed(@Nullable Item<K, V> item) {
    return item == null ? null : item.access();
  }

  /**
   * Lets nothing more be inserted: creators in progress are interrupted, and who waits for them is sent away.
   *
   * @param reason makes the exception of those who come too late
   * @param onFailure takes what an interruption throws
   */
  public void close(Supplier<? extends RuntimeException> reason, Consumer<? super Throwable> onFailure) {
    closed = reason;
    running.forEach(creation -> creation.abort(reason.get(), onFailure));
  }

  /** How many creators threw, or came too late. */
  public long failures() {
    return failures.sum();
  }

  /** Returns the threads that run a creator. */
  public List<Thread> threads() {
    return running.stream().map(Creation::owner).toList();
  }

  private void checkOpen() {
    Supplier<? extends RuntimeException> reason = closed;
    if (reason != null) {
      throw reason.get();
    }
  }
}
