package io.autorefresh.internal.cycle;

import io.autorefresh.ItemEvent;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Ticker;
import io.autorefresh.internal.flight.Flight;
import io.autorefresh.internal.items.Creation;
import io.autorefresh.internal.items.EventQueue;
import io.autorefresh.internal.items.Fence;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.schedule.Backoff;
import io.autorefresh.internal.schedule.Cause;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.internal.schedule.Tally;
import io.autorefresh.internal.share.Sharing;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The state that the cycles of a cache share: settings, items, slots, counters and log; and the set of running cycles.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Cycles<K, V> {

  private static final int MANY_UNANSWERED = 3;
  private static final Tally NONE = new Tally();

  public final Settings<K, V> settings;
  public final FailureLog log;
  public final ItemMap<K, V> map;
  public final HandOut<K, V> handOut;
  /** Held by the one cycle on demand that may run. */
  public final Semaphore turnOfDemand = new Semaphore(1);
  final Flight flight;
  final Fence<K, V> fence;
  final Backoff backoff;
  final Intervals<K, V> intervals;
  final Slots slots;
  /** Where other caches share the refreshes, else null. */
  public final @Nullable Sharing<K, V> sharing;
  private final Counters ended;
  private final AtomicLong numbers = new AtomicLong();
  private final Set<Cycle<K, V>> running = ConcurrentHashMap.newKeySet();
  private final @Nullable EventQueue<K, V> events;
  /** The one task that calls the listener, or null. */
  private final AtomicReference<@Nullable Listening<K, V>> listening = new AtomicReference<>();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile Runnable onEnd = () -> {};
  private volatile boolean closing;
  private volatile boolean manyAbandoned;
  private volatile boolean overrunning;
  private final AtomicBoolean strangersNoted = new AtomicBoolean();
  private final Tally groupsDown = new Tally();
  private final AtomicLong droppedBefore = new AtomicLong();

  /**
   * Creates the state before the first cycle.
   *
   * @param counters counts for all ended cycles, and everything that belongs to no cycle
   */
  public Cycles(
      Settings<K, V> settings,
      ItemMap<K, V> map,
      @Nullable EventQueue<K, V> events,
      Counters counters,
      FailureLog log) {
    this.ended = counters;
    this.settings = settings;
    this.map = map;
    this.events = events;
    this.log = log;
    this.flight = map.flight();
    this.fence = new Fence<>(map);
    this.slots = new Slots(settings.maxConcurrency);
    this.backoff = new Backoff(settings.backoffInitial, settings.backoffMax, settings.period / 10, settings.random);
    this.intervals = new Intervals<>(settings, log);
    this.sharing = settings.exchange == null ? null : new Sharing<>(
        settings.exchange, settings.ticker, settings.period, settings.backoffMax, fence, new ExchangeHost());
    this.handOut = new HandOut<>(settings, slots, sharing, this::refuse);
  }

  // Used by jobs and owners

  Refresh<K, V> refresh() { return Objects.requireNonNull(settings.refresh); }

  Ticker ticker() { return settings.ticker; }

  /** What this cache does for its exchange. */
  private final class ExchangeHost implements Sharing.Host {

    @Override
    public Thread thread(String suffix, Runnable task) {
      return new NamedThreads(settings).virtual(settings.name + suffix).newThread(task);
    }

    @Override
    public void tell(Runnable report) {
      handOut.tell(report);
    }

    @Override
    public void contain(String callback, Object id, Throwable thrown) {
      log.contain(callback, id, thrown);
    }

    @Override
    public void ended() {
      onEnd.run();
    }
  }

  /** Fails a request, since the group is paused. */
  private void refuse(Item<K, V> item, long until) {
    map.refuse(item, new RetryAfterException(Duration.ofNanos(until - ticker().read())));
  }

  /** Logs an exception of a callback; returns the part of it that is kept. Contains what its own code throws. */
  Cause note(String callback, Object id, Throwable thrown) {
    String message = null;
    long retryAfter = -1;
    try {
      retryAfter = Backoff.retryAfter(thrown);
      message = thrown.getMessage();
    } catch (Throwable t) {
      log.contain("the code of an exception", thrown.getClass().getName(), t);
    }
    Tally failing = log.failed(callback, id, thrown, retryAfter < 0 ? Level.WARNING : Level.DEBUG);
    return new Cause(thrown.getClass().getName(), message, retryAfter, failing);
  }

  /** Logs, once, that an answer has other ids alone. */
  void noteStranger(Object asked, Object answered) {
    if (strangersNoted.compareAndSet(false, true)) {
      log.log(Level.WARNING, "asked for " + FailureLog.text(asked) + " (" + asked.getClass().getName() + ") and others,"
          + " but the answer has other ids alone, as " + FailureLog.text(answered)
          + " (" + answered.getClass().getName() + ")");
    }
  }

  /** Logs that answers do not mention an item, after several in a row. */
  void noteUnanswered(Item<K, V> item) {
    int times = item.unanswered();
    if (times >= MANY_UNANSWERED) {
      log.occurred("answers did not mention items", "", NONE,
          () -> times + " answers in a row did not mention " + FailureLog.text(item.id()));
    }
  }

  /** Counts an overrun; logs the first of a row, and the end of the row. */
  public void noteOverrun(boolean overrun) {
    if (overrun) {
      ended.add(Count.OVERRUNS, 1);
      flight.overrun(handOut.backlog(), handOut.effectivePeriod());
    }
    if (overrun != overrunning) {
      overrunning = overrun;
      log.log(overrun ? Level.WARNING : Level.INFO,
          overrun ? handOut.overrunText() : "the cycles end in their period again");
    }
  }

  void noteAbandoned(Job<K, V> job) {
    int abandoned = slots.abandoned();
    if (job.isDone()) {
      return;
    }
    flight.abandoned(job.name());
    log.occurred("calls ignored their interruption", "call", slots.abandonedCalls(),
        () -> FailureLog.text(job.name()) + " ignores its interruption and is abandoned; " + abandoned
            + (abandoned == 1 ? " such call runs" : " such calls run"));
    if (abandoned > slots.max() && !manyAbandoned) {
      manyAbandoned = true;
      log.log(Level.WARNING,
          "more abandoned calls run than maxConcurrency, which is " + slots.max() + ": each keeps its thread");
    }
  }

  /** Logs that groups went down, or that none is down any more. */
  void noteTurnabouts() {
    if (sharing != null) {
      sharing.logTimeouts();
    }
    for (Schedule.Turnabout news; (news = handOut.pollTurnabout()) != null; ) {
      Object group = news.group();
      groupsDown.add(news.down() ? 1 : -1);
      flight.group(Objects.requireNonNullElse(group, "all"), news.down(), ticker().read() - news.since());
      flight.flush();
      if (!news.down()) {
        log.look();
      } else if (settings.isGrouped()) {
        log.occurred(
            "groups were down", "group", groupsDown, () -> "the group " + FailureLog.text(group) + " is down");
      } else {
        log.occurred("the remote was down", "", groupsDown, () -> "the remote is down");
      }
    }
  }

  /** Fails the creations that wait for a job, since no job begins any more. May be called by any thread. */
  public void refuseCreations() {
    for (Creation<K, V> creation; (creation = handOut.pollCreation()) != null; ) {
      if (creation.claim()) {
        Exception ended = new IllegalStateException("the background of " + settings.name + " has ended");
        map.creations().fail(creation, settings.creationFailed(creation.id(), ended));
      }
    }
  }

  /** A cycle on demand has settled. */
  void endTurnOfDemand() {
    turnOfDemand.release();
    onEnd.run();
  }

  /** Counts what belongs to no cycle. */
  void count(Count count, long n) {
    ended.add(count, n);
  }

  // The running cycles

  public long nextNumber() { return numbers.incrementAndGet(); }

  public void add(Cycle<K, V> cycle) {
    running.add(cycle);
    if (closing && !cycle.isLast()) {
      cycle.end(false);
    }
    look();
  }

  /** Logs dropped events, and troubles that last or are over. */
  private void look() {
    long dropped = events == null ? 0 : events.dropped();
    if (dropped > droppedBefore.getAndSet(dropped)) {
      log.occurred("the listener was too slow", "", NONE,
          () -> "the listener is too slow: " + dropped + " events were dropped so far");
    }
    log.look();
  }

  void remove(Cycle<K, V> cycle) {
    handOut.close(cycle);
    lock.lock();
    try {
      running.remove(cycle);
      cycle.counters().addTo(ended);
    } finally {
      lock.unlock();
    }
    look();
    onEnd.run();
  }

  /** Sets the action for the end of a cycle, of a turn on demand, and of the task that calls the listener. */
  public void onEnd(Runnable action) {
    onEnd = action;
  }

  /** Returns the counts of all cycles, the running ones included, and the gauges of jobs. */
  public Counters sum() {
    Counters sum = new Counters();
    lock.lock();
    try {
      ended.addTo(sum);
      running.forEach(cycle -> cycle.counters().addTo(sum));
    } finally {
      lock.unlock();
    }
    sum.add(Count.IN_FLIGHT, running.stream().mapToInt(cycle -> cycle.monitor().inFlight()).sum());
    sum.add(Count.BACKLOG, handOut.backlog());
    sum.add(Count.GROUPS_PAUSED, handOut.groupsPaused());
    sum.add(Count.GROUPS_DOWN, handOut.groupsDown());
    sum.add(Count.RUNNING_JOBS, slots.running());
    sum.add(Count.ABANDONED_JOBS, slots.abandoned());
    if (sharing != null) {
      Sharing.Counts counts = sharing.counts();
      sum.add(Count.CLAIMS, counts.claims.get());
      sum.add(Count.EXCHANGE_FAILURES, counts.failures.get());
      sum.add(Count.ENTRIES_PUBLISHED, counts.published.get());
      sum.add(Count.ENTRIES_DROPPED, counts.dropped.get());
    }
    return sum;
  }

  /** Creates the task that calls the listener; returns null if there is no listener, or another task calls it. */
  public @Nullable Listening<K, V> listen() {
    Consumer<? super ItemEvent<K, V>> listener = settings.listener;
    if (events == null || listener == null) {
      return null;
    }
    Listening<K, V> task = new Listening<>(this, events, listener);
    return listening.compareAndSet(null, task) ? task : null;
  }

  void forget(Listening<K, V> task) {
    listening.compareAndSet(task, null);
    onEnd.run();
  }

  /** Returns the threads that run user code for this cache, except those of its callers. */
  public List<Thread> callbackThreads() {
    List<Thread> threads = new ArrayList<>();
    running.forEach(cycle -> threads.addAll(cycle.monitor().threads()));
    Listening<K, V> task = listening.get();
    Thread thread = task == null ? null : task.thread();
    if (thread != null) {
      threads.add(thread);
    }
    if (sharing != null) {
      threads.addAll(sharing.threads());
    }
    return threads;
  }

  // The end

  /** The cache is closed: the cycles hand out no more, and running refreshes are cancelled. */
  public void close() {
    closing = true;
    running.forEach(cycle -> cycle.end(false));
  }

  public boolean isClosing() { return closing; }

  /** Cancels the jobs of every kind, and the listener. */
  public void cancelAll() {
    running.forEach(cycle -> cycle.end(true));
    Listening<K, V> task = listening.get();
    if (task != null) {
      task.stop();
    }
    if (sharing != null) {
      sharing.interruptAll();
    }
  }

  /** Whether no cycle runs, and no thread calls the exchange. */
  public boolean haveEnded() { return running.isEmpty() && (sharing == null || sharing.threads().isEmpty()); }

  /** Whether no task calls the listener. */
  public boolean isSilent() { return listening.get() == null; }
}
