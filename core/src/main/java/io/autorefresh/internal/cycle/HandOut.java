package io.autorefresh.internal.cycle;

import io.autorefresh.ItemState.Trouble;
import io.autorefresh.internal.items.Creation;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.schedule.Call;
import io.autorefresh.internal.schedule.Pacer;
import io.autorefresh.internal.schedule.Schedule;
import io.autorefresh.internal.share.Sharing;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ObjLongConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The schedule of a cache, and which cycle hands out by it.
 *
 * <p>One cycle at a time hands out: a <i>special</i> one, on demand or at the close, or else the open <i>periodic</i>
 * one. Its owner uses the schedule under the lock. Other threads send messages: an item that is new, or whose due time
 * changed, goes to the inbox, and the owner is woken.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class HandOut<K, V> {

  private final Settings<K, V> settings;
  private final ObjLongConsumer<Item<K, V>> refusal;
  private final @Nullable Sharing<K, V> sharing;
  private final Queue<Item<K, V>> inbox = new ConcurrentLinkedQueue<>();
  /** What waits for its creation by a job. */
  private final Queue<Creation<K, V>> creations = new ConcurrentLinkedQueue<>();
  private final Queue<Runnable> reports = new ConcurrentLinkedQueue<>();
  private final Queue<Schedule.Turnabout> turnabouts = new ConcurrentLinkedQueue<>();
  private final ReentrantLock lock = new ReentrantLock();
  /** Guarded by the lock. */
  private final Schedule<Item<K, V>> schedule;
  private volatile @Nullable Cycle<K, V> periodic;
  private volatile @Nullable Cycle<K, V> special;
  private volatile int backlog;
  private volatile int groupsPaused;
  private volatile int groupsDown;
  private volatile long effectivePeriod;

  @SuppressWarnings("unchecked")
  HandOut(
      Settings<K, V> settings,
      Slots slots,
      @Nullable Sharing<K, V> sharing,
      ObjLongConsumer<Item<K, V>> refusal) {
    this.settings = settings;
    this.refusal = refusal;
    this.sharing = sharing;
    this.effectivePeriod = settings.period;
    Double calls = settings.maxCallsPerSecond;
    this.schedule = new Schedule<>(
        settings.batchSize,
        settings.period,
        settings.spread,
        settings.isGrouped(),
        settings.random.getAsDouble(),
        calls == null ? null : Pacer.perSecond(calls, settings.ticker.read()),
        settings.maxConcurrency,
        length -> (Item<K, V>[]) new Item<?, ?>[length],
        new Surroundings());
    if (sharing != null) {
      sharing.use(schedule.share(slots::free, inbox::add));
    }
  }

  /** What the schedule asks and says; called under the lock. */
  private final class Surroundings implements Schedule.Surroundings<Item<K, V>> {

    @Override
    public boolean isCreationWaiting() {
      Creation<K, V> first;
      while ((first = creations.peek()) != null && !first.isUnclaimed()) {
        creations.remove(first);
      }
      return first != null;
    }

    @Override
    public void turned(Schedule.Turnabout turnabout) {
      turnabouts.add(turnabout);
    }

    @Override
    public void refused(Item<K, V> item, long until) {
      refusal.accept(item, until);
    }
  }

  /** An item is new, or has a due time of its own. May be called by any thread, under a lock. */
  public void changed(Item<K, V> item) {
    // Without a background nobody empties the inbox between cycles; the next one finds new items by itself.
    boolean isFiled = item.isApart() && (item.hasInterval() || !item.isSuspect());
    if (item.isUrgent() ? periodic != null || item.isTerminal() : isFiled) {
      inbox.add(item);
      wake();
    }
  }

  /** An item is to be created by a job. May be called by any thread. */
  public void create(Creation<K, V> creation) {
    creations.add(creation);
    wake();
  }

  /** Takes the creation that waits for longest, or returns null. May be called by any thread. */
  @Nullable Creation<K, V> pollCreation() { return creations.poll(); }

  private void wake() {
    Cycle<K, V> special = this.special;
    Cycle<K, V> periodic = this.periodic;
    if (special != null) {
      special.signal.ring();
    } else if (periodic != null) {
      periodic.signal.ring();
    }
  }

  /**
   * A call has that result; see {@link Schedule#report}. May be called by any thread.
   *
   * @param items in the order of the call
   */
  void report(Call<Item<K, V>> call, Call.Result result, List<Item<K, V>> items, long time) {
    reports.add(() -> schedule.report(call, result, items, time, settings.ticker.read()));
    // After it was added: the owner looks at the reports again once it has found something wrong.
    if (result != Call.Result.ANSWERED || call.isAwaited()) {
      wake();
    }
  }

  /** The owner is to do that when it uses the schedule next. May be called by any thread. */
  void tell(Runnable report) {
    reports.add(report);
    wake();
  }

  /** A group is paused; see {@link Schedule#pause}. May be called by any thread. */
  void pause(@Nullable Object group, long until) {
    tell(() -> schedule.pause(group, until, settings.ticker.read()));
  }

  /**
   * Takes in the results of calls. The owner calls it in its turn, after it found a free slot: the call that gave the
   * slot back may have paused its group.
   */
  void takeReports() {
    for (Runnable report; (report = reports.poll()) != null; ) {
      report.run();
    }
  }

  private void emptyInbox() {
    takeReports();
    for (Item<K, V> item; (item = inbox.poll()) != null; ) {
      if (item.standing() == Item.Standing.NEW && item.isMapped() && !item.isMarked()) {
        schedule.addNew(item);
      } else if (item.dueTime() != Schedule.NEVER) {
        schedule.file(item, settings.ticker.read());
      } else if (item.isApart() && item.isDueAt(item.dueAt(0)) && !item.isSuspect()) {
        schedule.addApart(item, item.dueAt(0));
      }
    }
  }

  /** Makes a cycle the open periodic one, or closes the last one if it is null. */
  public void openPeriodic(@Nullable Cycle<K, V> cycle) {
    Cycle<K, V> before = periodic;
    periodic = cycle;
    if (before != null) {
      before.signal.ring();
    }
  }

  /** Makes a cycle the special one, which hands out before the periodic one. */
  public void openSpecial(Cycle<K, V> cycle) {
    lock.lock();
    try {
      Cycle<K, V> before = special;
      // The last cycle of a closed cache keeps its place.
      if (before == null || !before.isLast()) {
        special = cycle;
      }
    } finally {
      lock.unlock();
    }
  }

  /** A cycle ends, perhaps before it has handed out all. */
  void close(Cycle<K, V> cycle) {
    lock.lock();
    try {
      closeSpecial(cycle);
    } finally {
      lock.unlock();
    }
  }

  /** A special cycle has handed out all, or ends before. The caller holds the lock. */
  private void closeSpecial(Cycle<K, V> cycle) {
    if (special == cycle) {
      special = null;
      schedule.endDemand();
      wake();
    }
  }

  /** Whether a special cycle hands out. */
  public boolean isSpecialOpen() { return special != null; }

  /** Whether the open periodic cycle has not handed out all that it took in when it began. */
  public boolean isBehind() {
    lock.lock();
    try {
      return schedule.isBehind();
    } finally {
      lock.unlock();
    }
  }

  /** Returns why the walk is not handed out in time, with its arithmetic. */
  public String overrunText() {
    lock.lock();
    try {
      Double calls = settings.maxCallsPerSecond;
      String limits = "maxConcurrency is " + settings.maxConcurrency;
      String text = "the cycles overrun their period: ";
      return calls == null ? text + schedule.load(limits)
          : text + schedule.load("maxCallsPerSecond is " + Schedule.number(calls)) + ", " + limits;
    } finally {
      lock.unlock();
    }
  }

  /** Returns the effective period in nanoseconds: how long the present load takes for one call of each item. */
  public long effectivePeriod() { return effectivePeriod; }

  /**
   * Gives the schedule to a cycle if that is the one that hands out; otherwise closes the cycle if it is over.
   *
   * @param late how late the owner woke
   * @param turn hands out; returns whether to go on at once
   */
  boolean takeTurn(Cycle<K, V> cycle, long late, Predicate<Schedule<Item<K, V>>> turn) {
    lock.lock();
    try {
      boolean isSpecial = cycle == special;
      if (!isSpecial && (special != null || cycle != periodic)) {
        if (cycle != periodic) {
          cycle.close();
        }
        return false;
      }
      if (!cycle.hasBegun()) {
        emptyInbox();
        cycle.begin(schedule);
      }
      emptyInbox();
      if (sharing != null) {
        sharing.look(settings.ticker.read(), late);
      }
      boolean more = turn.test(schedule);
      if (sharing != null) {
        long now = settings.ticker.read();
        sharing.send(now);
        cycle.signal.wakeAfter(now, sharing.delay(now));
      }
      backlog = schedule.waiting();
      groupsPaused = schedule.groupsPaused();
      groupsDown = schedule.groupsDown();
      effectivePeriod = schedule.effectivePeriod();
      if (isSpecial && schedule.isHandedOut()) {
        cycle.close();
        closeSpecial(cycle);
      }
      return more;
    } finally {
      lock.unlock();
    }
  }

  /** Returns a group that went down or came up, or null. */
  Schedule.@Nullable Turnabout pollTurnabout() { return turnabouts.poll(); }

  /** Returns what is wrong with a group. Not to be called under the lock of a stripe, which an owner may wait for. */
  public Set<Trouble> troublesOf(@Nullable Object group) {
    if (groupsPaused == 0 && groupsDown == 0) {
      return Set.of();
    }
    lock.lock();
    try {
      return schedule.troublesOf(group);
    } finally {
      lock.unlock();
    }
  }

  /** How many groups are paused. */
  public int groupsPaused() { return groupsPaused; }

  /** How many groups are down. */
  public int groupsDown() { return groupsDown; }

  /** How many items wait to be handed to a job. */
  public int backlog() { return backlog; }
}
