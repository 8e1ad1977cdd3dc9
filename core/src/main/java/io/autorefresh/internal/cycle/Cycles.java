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
import io.autorefresh.internal.items.Token;
import io.autorefresh.internal.schedule.Backoff;
import io.autorefresh.internal.schedule.Cause;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.internal.schedule.Tally;
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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the cycles of a cache share: its settings, items, slots, counters and log; and which of them run.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Cycles<K, V> {

  private static final int MANY_UNANSWERED = 3;
  private static final Tally NONE = new Tally();

  final Settings<K, V> settings;
  final FailureLog log;
  final Flight flight;
  final ItemMap<K, V> map;
  final Fence<K, V> fence;
  final Backoff backoff;
  final Intervals<K, V> intervals;
  final Slots slots;
  private final Counters ended;
  private final AtomicLong numbers = new AtomicLong();
  private final Set<Cycle<K, V>> running = ConcurrentHashMap.newKeySet();
  private final @Nullable EventQueue<K, V> events;
  /** The one task that calls the listener, or null. */
  private final AtomicReference<@Nullable Listening<K, V>> listening = new AtomicReference<>();

  private final HandOut<K, V> handOut;
  private final ReentrantLock lock = new ReentrantLock();
  private final Semaphore turnOfDemand = new Semaphore(1);
  private volatile Runnable onEnd = () -> {};
  private volatile boolean closing;
  private volatile boolean manyAbandoned;
  private final AtomicBoolean strangersNoted = new AtomicBoolean();
  private final Tally groupsDown = new Tally();
  private final AtomicLong droppedBefore = new AtomicLong();

  /**
   * Creates the cycles of a cache, none of which runs.
   *
   * @param map the items, which tells {@link #changed} of changes
   * @param counters for everything that belongs to no cycle
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
    this.handOut = new HandOut<>(settings, this::refuse);
  }

  /** Which cycle hands out. */
  public HandOut<K, V> handOut() { return handOut; }

  // What jobs and owners use

  Refresh<K, V> refresh() { return Objects.requireNonNull(settings.refresh); }

  Ticker ticker() { return settings.ticker; }

  /** A request is not carried out, since the group is paused. */
  private void refuse(Schedule.Refused<Item<K, V>> refused) {
    Duration left = Duration.ofNanos(refused.until() - ticker().read());
    map.refuse(refused.thing(), new RetryAfterException(left));
  }

  /** Fails one item of a call that has ended; returns whether that had an effect. */
  boolean fail(Item<K, V> item, Token token, Throwable thrown, Cause cause) {
    long now = ticker().read();
    double jitter = backoff.jitter();
    return fence.fail(item, token, thrown, before -> backoff.next(before, cause, now, jitter), false);
  }

  /**
   * Fails the items of a call as a whole: they are due again at the same time, that of the one that failed least.
   *
   * @param suspects whether they are to be called with no others
   * @param runs whether the call has not ended
   */
  WholeFailure failAll(
      Item<K, V>[] items, Token token, Throwable thrown, Cause cause, boolean suspects, boolean runs) {
    long now = ticker().read();
    int least = Integer.MAX_VALUE;
    for (Item<K, V> item : items) {
      least = Math.min(least, Failure.countAfter(item.failure()));
    }
    long delay = backoff.delay(least, cause, backoff.jitter());
    long dueAt = now + (suspects && cause.isRetryAfter() ? Math.min(delay, Schedule.LONGEST_PAUSE) : delay);
    int failed = 0;
    for (Item<K, V> item : items) {
      UnaryOperator<@Nullable Failure> next =
          before -> Failure.after(before, cause, now, dueAt, suspects && !cause.isRetryAfter(), runs);
      failed += fence.fail(item, token, thrown, next, runs) ? 1 : 0;
    }
    return new WholeFailure(failed, dueAt);
  }

  /**
   * What became of a call that failed as a whole.
   *
   * @param items how many items failed by it
   * @param dueAt when they are due again
   */
  record WholeFailure(int items, long dueAt) {}

  /** Logs what a callback threw; returns what is kept of it. Contains what the exception's own code throws. */
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

  /** Logs, once, that an answer mentions none of the ids asked for but others. */
  void noteStranger(Object asked, Object answered) {
    if (strangersNoted.compareAndSet(false, true)) {
      log.log(Level.WARNING, "asked for " + FailureLog.text(asked) + " (" + asked.getClass().getName() + ") and others,"
          + " but the answer has other ids alone, as " + FailureLog.text(answered) + " (" + answered.getClass().getName()
          + ")");
    }
  }

  /** Logs that answers do not mention an item, unless that may be by chance. */
  void noteUnanswered(Item<K, V> item) {
    int times = item.unanswered();
    if (times >= MANY_UNANSWERED) {
      log.occurred("answers did not mention items", "", NONE,
          () -> times + " answers in a row did not mention " + FailureLog.text(item.id()));
    }
  }

  /** No job creates anything any more: the callers that wait for one get an exception. May be called by any thread. */
  public void refuseCreations() {
    for (Creation<K, V> creation; (creation = handOut.pollCreation()) != null; ) {
      if (creation.claim()) {
        Exception ended = new IllegalStateException("the background of " + settings.name + " has ended");
        map.creations().fail(creation, settings.creationFailed(creation.id(), ended));
      }
    }
  }

  /** Counts an overrun. */
  public void noteOverrun() {
    ended.add(Count.OVERRUNS, 1);
    flight.overrun(handOut.backlog(), handOut.effectivePeriod());
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

  /** Logs that groups went down, and when none is down any more. */
  void noteTurnabouts() {
    for (Schedule.Turnabout news; (news = handOut.pollTurnabout()) != null; ) {
      Object group = news.group();
      groupsDown.add(news.down() ? 1 : -1);
      long failing = ticker().read() - news.since();
      flight.group(Objects.requireNonNullElse(group, "all"), news.down(), failing);
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

  /** Returns when it is the caller's turn to run a cycle on demand. */
  public void awaitTurnOfDemand() throws InterruptedException {
    turnOfDemand.acquire();
  }

  /** Whether it is the caller's turn to run a cycle on demand; if not, {@link #onEnd} hears when to ask again. */
  public boolean tryTurnOfDemand() { return turnOfDemand.tryAcquire(); }

  /** A cycle on demand has settled. */
  void endTurnOfDemand() {
    turnOfDemand.release();
    onEnd.run();
  }

  // The running cycles

  public long nextNumber() { return numbers.incrementAndGet(); }

  public void add(Cycle<K, V> cycle) {
    running.add(cycle);
    look();
  }

  /** Logs what became of troubles, and that events were dropped since this was done last. */
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

  /** Sets what is run when a cycle, a turn on demand, or a call of the listener has ended for good. */
  public void onEnd(Runnable action) {
    onEnd = action;
  }

  /** Counts for everything that belongs to no cycle, and for the cycles that have ended. */
  public Counters totals() { return ended; }

  /** Returns what was counted in all, the running cycles included, and the gauges of jobs. */
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
    return threads;
  }

  // The end

  /** The cache is closed: the cycles hand out no more, and running refreshes are cancelled. */
  public void close() {
    closing = true;
    running.forEach(cycle -> cycle.end(false));
  }

  public boolean isClosing() { return closing; }

  /** Cancels all that runs: jobs of every kind, and the listener. */
  public void cancelAll() {
    running.forEach(cycle -> cycle.end(true));
    Listening<K, V> task = listening.get();
    if (task != null) {
      task.stop();
    }
  }

  /** Whether no cycle runs. */
  public boolean haveEnded() { return running.isEmpty(); }

  /** Whether no task calls the listener. */
  public boolean isSilent() { return listening.get() == null; }
}
