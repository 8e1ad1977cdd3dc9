package io.autorefresh.internal.engine;

import static java.util.Objects.requireNonNull;

import io.autorefresh.AutoRefresh;
import io.autorefresh.CreationException;
import io.autorefresh.Creator;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemEvent;
import io.autorefresh.ItemNotFoundException;
import io.autorefresh.ItemState;
import io.autorefresh.Stats;
import io.autorefresh.Ticker;
import io.autorefresh.internal.cycle.Agenda;
import io.autorefresh.internal.cycle.CauseLog;
import io.autorefresh.internal.cycle.Context;
import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.Gate;
import io.autorefresh.internal.cycle.Log;
import io.autorefresh.internal.cycle.Tally;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.IdText;
import io.autorefresh.internal.items.Interruptible;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.internal.items.Teller;
import io.autorefresh.internal.schedule.Backoff;
import io.autorefresh.internal.schedule.Pacer;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The implementation behind {@link AutoRefresh}: puts the parts together and sees to their life. It is the table of
 * its items itself, so that {@code get} passes through nothing else.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public class Engine<K, V> extends Table<K, V> implements AutoRefresh<K, V> {

  private final Settings<K, V> settings;
  private final ItemMap<K, V> map;
  private final Context<K, V> context;
  private final Cycles<K, V> cycles;
  private final Loop<K, V> loop;
  private final Guards guards;
  private final Closing closing;
  private final Tally totals = new Tally();
  private final AtomicBoolean started = new AtomicBoolean();
  private volatile boolean looping;
  private final Callbacks<K, V> callbacks;

  /** Creates a cache that does nothing until it is started. */
  public static <K, V> Engine<K, V> create(Settings<K, V> settings) {
    return settings.recordStats() ? new RecordingEngine<>(settings) : new Engine<>(settings);
  }

  Engine(Settings<K, V> settings) {
    this.settings = settings;
    CauseLog causes = new CauseLog(settings.name());
    this.closing = new Closing(settings.name(), settings.ticker(), settings.closeTimeout());
    this.guards = new Guards(this::callbackEnded);
    this.callbacks = new Callbacks<>(settings, guards, totals, causes);
    Consumer<? super ItemEvent<K, V>> listener = settings.listener();
    this.map =
        new ItemMap<>(
            this,
            settings.maximumSize(),
            settings.ticker(),
            callbacks::isTerminal,
            settings.refreshOnCreate(),
            listener == null ? null : teller(listener),
            this::wakeLoop);
    Double calls = settings.maxCallsPerSecond();
    this.context =
        new Context<>(
            settings.name(),
            map,
            new Fence<>(map),
            settings.refresh(),
            settings.deleter(),
            settings.terminal(),
            settings.batchBy() == null ? null : callbacks::groupOf,
            settings.batchSize(),
            new Backoff(
                settings.backoffInitial(),
                settings.backoffMax(),
                () -> ThreadLocalRandom.current().nextDouble()),
            new Gate(settings.maxConcurrency(), calls == null ? null : Pacer.perSecond(calls)),
            settings.ticker(),
            Ticker.systemTicker(),
            settings.refreshTimeout(),
            settings.closeTimeout(),
            totals,
            causes);
    this.cycles = new Cycles<>(totals, callbacks::renewLog, closing::changed, settings.refreshTimeout());
    this.loop = new Loop<>(context, cycles, settings.refreshEvery(), settings.spread());
  }

  private Teller<K, V> teller(Consumer<? super ItemEvent<K, V>> listener) {
    return new Teller<>() {
      @Override
      public void tell(ItemEvent<K, V> event) {
        callbacks.tell(listener, event);
      }

      @Override
      public boolean mayWait() {
        return !isCallback();
      }
    };
  }

  // Lifecycle

  @Override
  public void start() {
    beginLoop();
    try {
      Thread.ofVirtual().name(settings.name()).start(this::runInBackground);
    } catch (Throwable t) {
      endLoop();
      throw t;
    }
  }

  private void runInBackground() {
    try {
      loop.run();
    } catch (InterruptedException e) {
      Log.warn(settings.name() + ": the background was interrupted by a stranger and has ended", e);
    } catch (Throwable t) {
      Log.warn(settings.name() + ": the background ended before its time", t);
    } finally {
      endLoop();
    }
  }

  @Override
  public void run() throws InterruptedException {
    beginLoop();
    try {
      loop.run();
    } finally {
      endLoop();
    }
  }

  private void beginLoop() {
    checkOpen();
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException(settings.name() + " was started before");
    }
    looping = true;
    loop.begin();
    if (cycles.isClosing()) {
      endLoop();
      throw callbacks.closed();
    }
  }

  private void endLoop() {
    looping = false;
    closing.changed();
  }

  @Override
  public CycleReport sync() throws InterruptedException {
    checkOpen();
    if (isCallback()) {
      throw new IllegalStateException(settings.name() + ".sync() was called from one of its own callbacks");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException(settings.name() + ".sync() was interrupted before it began");
    }
    long number = cycles.nextNumber();
    String name = settings.name() + "/cycle-" + number;
    CycleReport report =
        cycles.run(new Cycle<>(context, name, number, Agenda.sync(), cycles::isClosing, () -> {}));
    checkOpen();
    return report;
  }

  @Override
  public void close() {
    Closing.Beginning beginning = closing.begin();
    boolean callback = isCallback();
    // First of all: what an interruption ends must not let its cycle go on.
    cycles.close();
    guards.close(this::interruptFailed);
    map.creations().close(callbacks::closed, this::interruptFailed);
    loop.wake();
    if (callback) {
      closing.changed();
      return;
    }
    // By those who saw before that it is open.
    boolean inserted = map.awaitInsertions(settings.closeTimeout());
    closing.await(beginning, () -> inserted && isQuiet(), inserted ? this::callbackThreads : this::allThreads);
  }

  private void interruptFailed(Throwable thrown) {
    Log.warn(settings.name() + ": the close closed a channel in which a callback waits, and that failed", thrown);
  }

  private boolean isQuiet() {
    return !looping && cycles.isQuiet() && map.creations().threads().isEmpty() && guards.isQuiet();
  }

  private boolean isCallback() {
    Thread me = Thread.currentThread();
    for (Thread thread : callbackThreads()) {
      if (thread == me) {
        return true;
      }
    }
    return false;
  }

  private Set<Thread> callbackThreads() {
    Set<Thread> threads = new LinkedHashSet<>(cycles.callbackThreads());
    threads.addAll(map.creations().threads());
    threads.addAll(guards.threads());
    return threads;
  }

  /** With those that have a lock, and so run an id's {@code equals} if they do so for long. */
  private Iterable<Thread> allThreads() {
    Set<Thread> threads = callbackThreads();
    threads.addAll(map.lockOwners());
    return threads;
  }

  private void checkOpen() {
    if (cycles.isClosing()) {
      throw callbacks.closed();
    }
  }

  private void wakeLoop() {
    loop.wake();
  }

  // Reads

  @Override
  public V getOrThrow(K id) {
    V item = get(id);
    checkOpen();
    if (item == null) {
      throw new ItemNotFoundException(settings.name() + " has no item " + IdText.of(id));
    }
    return item;
  }

  @Override
  public int size() {
    return map.size();
  }

  @Override
  public Optional<ItemState<V>> inspect(K id) {
    return Inspection.of(map, requireNonNull(id, "id"), loop, settings.ticker());
  }

  @Override
  public Stats stats() {
    return Census.take(map, settings.ticker())
        .stats(
            map,
            cycles.totals(),
            context.gate(),
            hits(),
            misses(),
            cycles.backlog(),
            loop.effectivePeriod());
  }

  /** How many reads found an item. */
  long hits() {
    return 0;
  }

  /** How many reads found none. */
  long misses() {
    return 0;
  }

  // Creation and deletion

  @Override
  public V getOrCreate(K id, V item) {
    requireNonNull(id, "id");
    requireNonNull(item, "item");
    V present = present(id);
    if (present != null) {
      return present;
    }
    try {
      return map.creations().getOrCreate(id, item);
    } catch (InterruptedException e) {
      throw interrupted(id, e);
    }
  }

  @Override
  public V getOrCreate(K id, Creator<? super K, ? extends V> creator) {
    requireNonNull(id, "id");
    requireNonNull(creator, "creator");
    V present = present(id);
    if (present != null) {
      return present;
    }
    try {
      return map.creations().getOrCreate(id, key -> callbacks.create(key, creator));
    } catch (InterruptedException e) {
      throw interrupted(id, e);
    } finally {
      callbackEnded();
    }
  }

  /**
   * A callback that no cycle knows has ended in this thread. If it was one within a job and was interrupted by the
   * close, this was taken back at its end: the job itself is to end as well. (A callback within another such one is
   * seen to by {@link Interruptible}.)
   */
  private void callbackEnded() {
    if (cycles.isClosing() && cycles.callbackThreads().contains(Thread.currentThread())) {
      Thread.currentThread().interrupt();
    }
    closing.changed();
  }

  @Override
  public V getOrCreate(K id) {
    requireNonNull(id, "id");
    Creator<? super K, ? extends V> creator = settings.creator();
    if (creator == null) {
      checkOpen();
      throw new IllegalStateException(settings.name() + " was built without a creator");
    }
    return getOrCreate(id, creator);
  }

  private @Nullable V present(K id) {
    checkOpen();
    return get(id);
  }

  private CreationException interrupted(K id, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new CreationException(
        "interrupted while waiting for the creator of " + IdText.of(id) + " in " + settings.name(), e);
  }

  @Override
  public boolean deleteDelayed(K id) {
    requireNonNull(id, "id");
    checkOpen();
    return map.mark(id);
  }

  /** Checks all invariants that hold when no call is in progress; returns what is wrong, or an empty text. */
  public String check() {
    return map.check();
  }

  @Override
  public String toString() {
    return "AutoRefresh[" + settings.name() + ", " + size() + " items]";
  }
}
