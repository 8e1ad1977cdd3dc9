package io.autorefresh.internal.engine;

import static java.util.Objects.requireNonNull;

import io.autorefresh.AutoRefresh;
import io.autorefresh.BatchCreator;
import io.autorefresh.CreationException;
import io.autorefresh.Creator;
import io.autorefresh.CycleReport;
import io.autorefresh.Freshness;
import io.autorefresh.ItemNotFoundException;
import io.autorefresh.ItemState;
import io.autorefresh.Stats;
import io.autorefresh.internal.cycle.Arrivals;
import io.autorefresh.internal.cycle.Count;
import io.autorefresh.internal.cycle.Counters;
import io.autorefresh.internal.cycle.Cycle;
import io.autorefresh.internal.cycle.Cycles;
import io.autorefresh.internal.cycle.FailureLog;
import io.autorefresh.internal.cycle.NamedThreads;
import io.autorefresh.internal.cycle.Settings;
import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.items.Creation;
import io.autorefresh.internal.items.EventQueue;
import io.autorefresh.internal.items.Gauges;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.internal.schedule.Schedule.Extent;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The implementation behind {@link AutoRefresh}: puts the parts together and keeps their life cycle. It is the table of
 * its items itself, so that {@code get} passes through nothing else.
 *
 * <p>The file is longer than others since it has every method of the interface.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public class Engine<K, V> extends Table<K, V> implements AutoRefresh<K, V> {

  private final Settings<K, V> settings;
  private final Snapshots<V> snapshots;
  private final FailureLog log;
  private final @Nullable EventQueue<K, V> events;
  private final ItemMap<K, V> map;
  private final Cycles<K, V> cycles;
  private final Callbacks<K, V> callbacks;
  private final Dispatcher<K, V> dispatcher;
  private final Shutdown<K, V> shutdown;
  private final AtomicBoolean started = new AtomicBoolean();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Negligence negligence;
  private final Waiting<K, V> waiting;
  private volatile boolean running;
  private volatile boolean failed;

  /** Creates a cache that does nothing until it is started. */
  public static <K, V> Engine<K, V> create(Settings<K, V> settings, Snapshots<V> snapshots) {
    return settings.recordStats ? new RecordingEngine<>(settings, snapshots) : new Engine<>(settings, snapshots);
  }

  Engine(Settings<K, V> settings, Snapshots<V> snapshots) {
    this.settings = settings;
    this.snapshots = snapshots;
    Counters counters = new Counters();
    this.log = new FailureLog(settings.name, settings.ticker, counters);
    this.events = settings.listener == null ? null : new EventQueue<>();
    this.callbacks = new Callbacks<>(settings, log);
    this.map =
        new ItemMap<>(
            this,
            settings.maximumSize,
            settings.ticker,
            callbacks,
            settings.isGrouped(),
            settings.refreshOnCreate,
            events,
            new Flight(settings.name),
            this::changed);
    if (settings.keepTerminal != null) {
      map.keepTerminal(settings.keepTerminal.toNanos());
    }
    this.cycles = new Cycles<>(settings, map, events, counters, log);
    this.dispatcher = new Dispatcher<>(cycles);
    this.shutdown = new Shutdown<>(cycles, () -> !running);
    this.negligence = new Negligence(settings, log);
    this.waiting = new Waiting<>(settings, map, this::checkAlive);
    cycles.onEnd(this::changed);
  }

  private void changed(Item<K, V> item) {
    if (negligence.isPossible()) {
      negligence.created();
    }
    cycles.handOut.changed(item);
  }

  private void changed() {
    dispatcher.wake();
    shutdown.changed();
  }

  // Lifecycle

  @Override
  public void start() {
    begin();
    boolean begun = false;
    try {
      new NamedThreads(settings).platform(settings.name).newThread(this::runInBackground).start();
      begun = true;
    } finally {
      if (!begun) {
        end();
      }
    }
  }

  private void runInBackground() {
    try {
      dispatcher.run();
    } catch (InterruptedException e) {
      log.log(Level.WARNING, "the background thread was interrupted from outside; refreshing has stopped");
    } catch (Throwable t) {
      failed = true;
      log.log(Level.WARNING, "the background has failed; refreshing has stopped", t);
    } finally {
      end();
    }
  }

  @Override
  public void run() throws InterruptedException {
    begin();
    NamedThreads threads = new NamedThreads(settings);
    threads.enter();
    try {
      dispatcher.run();
    } catch (RuntimeException | Error e) {
      failed = true;
      throw e;
    } finally {
      end();
      threads.leave();
    }
  }

  private void begin() {
    checkOpen();
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException(settings.name + " was started before");
    }
    negligence.isOver();
    map.start();
    running = true;
    if (cycles.sharing != null) {
      cycles.sharing.start(new Arrivals<>(cycles, cycles.sharing, callbacks));
    }
    dispatcher.begin();
    if (closed.get()) {
      end();
      throw closedException();
    }
  }

  private void end() {
    running = false;
    dispatcher.end();
    map.wakeWaiters();
    changed();
  }

  @Override
  public CycleReport sync() throws InterruptedException {
    checkOpen();
    if (isCallback()) {
      throw new IllegalStateException(settings.name + ".sync() was called from one of its own callbacks");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException(settings.name + ".sync() was interrupted before it began");
    }
    negligence.isOver();
    long number = cycles.nextNumber();
    Cycle<K, V> cycle = new Cycle<>(cycles, settings.name + "/cycle-" + number, number, Extent.DEMAND);
    if (!dispatcher.isTicking() || !dispatcher.demand(cycle)) {
      cycles.turnOfDemand.acquire();
      cycles.handOut.openSpecial(cycle);
      cycle.start(cycles.listen());
    }
    cycle.awaitSettled();
    checkOpen();
    if (cycle.isGivenUp()) {
      // The background has ended meanwhile.
      return sync();
    }
    if (cycle.failure() != null) {
      failed = true;
      throw new IllegalStateException(cycle.name() + " has failed", cycle.failure());
    }
    return snapshots.cycleReport().apply(cycle);
  }

  @Override
  public void close() {
    boolean first = closed.compareAndSet(false, true);
    if (first) {
      // First: callers that wait for a creating job get the exception of the close, and not that of a cancellation.
      map.creations().close(this::closedException);
      cycles.close();
      map.wakeWaiters();
      dispatcher.wake();
      if (cycles.sharing != null) {
        cycles.sharing.close();
      }
      shutdown.begin();
    }
    if (!isCallback()) {
      shutdown.await();
    }
  }

  private boolean isCallback() {
    return map.creations().isCreator() || cycles.callbackThreads().contains(Thread.currentThread());
  }

  private void checkOpen() {
    if (closed.get()) {
      throw closedException();
    }
  }

  private void checkAlive() {
    checkOpen();
    if (failed) {
      throw new IllegalStateException("the background of " + settings.name + " has failed");
    }
  }

  private void checkRunning() {
    checkAlive();
    if (!dispatcher.isTicking()) {
      throw new IllegalStateException("no background of " + settings.name + " runs");
    }
  }

  private IllegalStateException closedException() { return new IllegalStateException(settings.name + " is closed"); }

  // Reads

  @Override
  public V getOrThrow(K id) {
    V item = get(id);
    if (item == null) {
      throw new ItemNotFoundException(settings.name + " has no item '" + id + "'");
    }
    return item;
  }

  @Override
  public int size() { return map.size(); }

  @Override
  public Map<K, V> asMap() { return map.view(); }

  @Override
  public Optional<ItemState<V>> inspect(K id) {
    requireNonNull(id, "id");
    ItemView<V> view = ItemView.of(map, id, dispatcher, settings.ticker.read(), started.get());
    if (view != null) {
      view.troubles().addAll(cycles.handOut.troublesOf(view.group()));
    }
    return Optional.ofNullable(view).map(snapshots.itemState());
  }

  @Override
  public Freshness freshness() { return snapshots.freshness().apply(Ages.of(map, settings.ticker.read())); }

  @Override
  public Stats stats() {
    Counters stats = cycles.sum();
    Gauges gauges = map.gauges();
    stats.add(Count.HITS, hits());
    stats.add(Count.MISSES, misses());
    stats.add(Count.CREATIONS, map.insertions());
    stats.add(Count.CREATION_FAILURES, map.creations().failures());
    stats.add(Count.EVICTIONS, map.evictions());
    stats.add(Count.DROPPED_EVENTS, events == null ? 0 : events.dropped());
    stats.add(Count.SIZE, map.size());
    stats.add(Count.TERMINAL, gauges.terminal);
    stats.add(Count.PENDING_DELETION, gauges.marked);
    stats.add(Count.NEVER_REFRESHED, gauges.isNew);
    stats.add(Count.FAILING, gauges.failing);
    stats.add(Count.SUSPECTS, gauges.suspects);
    stats.add(Count.WAITING_EVENTS, events == null ? 0 : events.size());
    stats.add(Count.RUNNING_CREATORS, map.creations().running());
    stats.add(Count.WAITING_FOR_CREATORS, map.creations().waiting());
    Duration period = Duration.ofNanos(cycles.handOut.effectivePeriod());
    return snapshots.stats().make(stats, period, map.readiness().isReady(), failed);
  }

  /** How many reads found an item. */
  long hits() { return 0; }

  /** How many reads found none. */
  long misses() { return 0; }

  // Creation and deletion

  @Override
  public V getOrCreate(K id, V item) {
    requireNonNull(id, "id");
    requireNonNull(item, "item");
    return presentOr(id, () -> map.creations().getOrCreate(id, item));
  }

  @Override
  public V getOrCreate(K id, Creator<? super K, ? extends V> creator) {
    requireNonNull(id, "id");
    requireNonNull(creator, "creator");
    return presentOr(id, () -> map.creations().getOrCreate(id, key -> callbacks.create(key, creator)));
  }

  @Override
  public V getOrCreate(K id) {
    requireNonNull(id, "id");
    BatchCreator<K, V> batchCreator = settings.batchCreator;
    if (batchCreator != null) {
      return presentOr(id, () -> dispatcher.isTicking() && !isCallback()
          ? map.creations().getOrAwait(id, this::createByJob)
          : map.creations().getOrCreate(id, key -> callbacks.createAlone(key, batchCreator)));
    }
    Creator<? super K, ? extends V> creator = settings.creator;
    if (creator == null) {
      checkOpen();
      throw new IllegalStateException(settings.name + " was built without a creator");
    }
    return getOrCreate(id, creator);
  }

  private void createByJob(Creation<K, V> creation) {
    cycles.handOut.create(creation);
    // After it was added: the background may have ended meanwhile.
    if (!dispatcher.isTicking()) {
      cycles.refuseCreations();
    }
  }

  /** Makes an item that is absent; waits if another caller makes it. */
  private interface Creating<V> {
    V create() throws InterruptedException;
  }

  private V presentOr(K id, Creating<V> absent) {
    checkOpen();
    V present = get(id);
    if (present != null) {
      return present;
    }
    try {
      return absent.create();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CreationException("interrupted while waiting for the creator of '" + id + "' in " + settings.name, e);
    }
  }

  @Override
  public boolean deleteDelayed(K id) {
    requireNonNull(id, "id");
    checkOpen();
    return map.mark(id);
  }

  @Override
  public boolean forget(K id) {
    requireNonNull(id, "id");
    checkOpen();
    return map.forget(id);
  }

  // Waiting

  @Override
  public V await(K id, Predicate<? super V> condition, Duration timeout)
      throws InterruptedException, TimeoutException {
    requireNonNull(id, "id");
    requireNonNull(condition, "condition");
    requireNonNull(timeout, "timeout");
    checkOpen();
    return waiting.await(id, condition, timeout);
  }

  @Override
  public V refreshNow(K id, Duration timeout) throws InterruptedException, TimeoutException {
    requireNonNull(id, "id");
    requireNonNull(timeout, "timeout");
    checkOpen();
    if (cycles.callbackThreads().contains(Thread.currentThread())) {
      throw new IllegalStateException(settings.name + ".refreshNow() was called from one of its own jobs");
    }
    return waiting.refreshNow(id, timeout, this::checkRunning);
  }

  @Override
  public V getFresh(K id, Duration maxAge, Duration timeout) throws InterruptedException, TimeoutException {
    requireNonNull(id, "id");
    requireNonNull(maxAge, "maxAge");
    requireNonNull(timeout, "timeout");
    checkOpen();
    long now = settings.ticker.read();
    V fresh = map.inspect(id, item -> {
      Duration age = Duration.ofNanos(now - item.confirmedAt());
      return item.isTerminal() || item.isConfirmed() && age.compareTo(maxAge) <= 0 ? item.value() : null;
    });
    return fresh != null ? fresh : refreshNow(id, timeout);
  }

  @Override
  public boolean refreshSoon(K id) {
    requireNonNull(id, "id");
    checkOpen();
    return map.hint(id, settings.ticker.read(), settings.period());
  }

  @Override
  public void refreshAllSoon() {
    checkOpen();
    map.hintAll(settings.ticker.read(), settings.period());
  }

  @Override
  public boolean awaitReady(Duration timeout) throws InterruptedException {
    requireNonNull(timeout, "timeout");
    checkOpen();
    return waiting.awaitReady(timeout);
  }

  @Override
  public String toString() {
    String ended = started.get() ? "stopped" : "not started";
    String state = closed.get() ? "closed" : failed ? "failed" : running ? "running" : ended;
    String shares = cycles.sharing == null ? "" : ", " + cycles.sharing.counts();
    return "AutoRefresh[" + settings.name + ", " + size() + " items, " + state + shares + "]";
  }
}
