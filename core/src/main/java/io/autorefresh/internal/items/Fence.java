package io.autorefresh.internal.items;

import io.autorefresh.RemovalCause;
import io.autorefresh.internal.items.Condition.Next;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The jobs' side of the map: taking items, and changing items that a job has taken.
 *
 * <p>Every method except {@link #take} has an effect only while the item is mapped and bears the given token, and
 * returns whether it had. Each takes the lock of the item's stripe for a moment.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Fence<K, V> {

  private final ItemMap<K, V> map;

  public Fence(ItemMap<K, V> map) {
    this.map = map;
  }

  /** Takes an item for a job of the given kind, if it is to have one. */
  public boolean take(Item<K, V> item, Token token, Schedule.Kind kind, long now) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      boolean wanted = item.isWanted(kind, now);
      if (wanted) {
        stripe.setCondition(item, item.condition.started());
        item.token = token;
        stripe.waiters.begin(item);
      }
      return wanted;
    }
  }

  /**
   * The job lets go of the item, which is as it was, or has a new value.
   *
   * @param updated the new value, or null
   * @param group the key of the group of the new value
   * @param at the ticker's reading at which the answer was true
   * @param dueAt when the item is due next, or {@link Schedule#NEVER} for the next cycle
   * @param named whether the remote named this time; otherwise an awaited item is due in every cycle
   * @param version of the value, where other caches share the refreshes
   */
  public boolean confirm(
      Item<K, V> item,
      Token token,
      @Nullable V updated,
      @Nullable Object group,
      boolean terminal,
      long at,
      long dueAt,
      boolean named,
      long version) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      if (item.token != token) {
        return false;
      }
      boolean awaited = stripe.waiters.has(item);
      if (item instanceof SharedItem<K, V> shared) {
        shared.version = version;
        shared.own = true;
        awaited = false;
      }
      boolean together = dueAt == Schedule.NEVER || terminal || !named && awaited;
      Next next = together || !named ? Next.OF_CYCLE : Next.NAMED;
      V previous = item.value;
      Failure failure = item.failure();
      boolean becomesTerminal = put(stripe, item, updated, group, terminal, at);
      release(stripe, item, item.condition.confirmed(next, dueAt), Waiter.Answer.CONFIRMED, null);
      file(item, together || named ? Schedule.NEVER : dueAt, group != null);
      post(item, failure, updated == null ? null : previous, becomesTerminal);
      return true;
    }
  }

  /** The item was as it is at the given time, or has a new value; returns whether that makes it terminal. */
  private boolean put(
      Stripe<K, V> stripe, Item<K, V> item, @Nullable V updated, @Nullable Object group, boolean terminal, long at) {
    if (updated != null) {
      item.value = updated;
      if (item instanceof GroupedItem<K, V> grouped) {
        grouped.group = group;
      }
    }
    boolean becomesTerminal = terminal && !item.terminal;
    if (terminal != item.terminal) {
      stripe.setTerminal(item, terminal);
    } else if (terminal) {
      stripe.terminalSince.putIfAbsent(item, item.confirmedAt);
    }
    item.confirmedAt = at;
    return becomesTerminal;
  }

  /** Sets the end of the item's interval. Last, as the schedule looks at it first. */
  private void file(Item<K, V> item, long intervalEnd, boolean moved) {
    boolean toFile = item.setIntervalEnd(intervalEnd);
    // In another group the item has another place.
    if (item.hasInterval() && (toFile || moved)) {
      map.onChange.accept(item);
    }
  }

  /** Posts the events of a confirmation. */
  private void post(Item<K, V> item, @Nullable Failure failure, @Nullable V previous, boolean becomesTerminal) {
    if (map.events == null) {
      return;
    }
    if (failure != null) {
      map.events.post(new Event.Recovered<>(item.id, item.value, failure.count()));
    }
    if (previous != null) {
      map.events.post(new Event.Updated<>(item.id, previous, item.value));
    }
    if (becomesTerminal) {
      map.events.post(new Event.BecameTerminal<>(item.id, item.value));
    }
  }

  /**
   * An answer that another cache has got for an item.
   *
   * @param seen the value with which the new one was compared
   * @param updated the new value, or null if the item is as it was
   * @param at the ticker's reading at which the answer was true
   * @param version of the value that the item has then
   * @param epoch in which the value was published, or zero if that is not known
   */
  public record Arrival<V>(
      V seen,
      @Nullable V updated,
      @Nullable Object group,
      boolean terminal,
      long at,
      long version,
      long dueAt,
      int epoch) {}

  /**
   * Applies an answer that another cache has got, if it is newer than the item's last confirmation. Requests wait on. A
   * running call whose answer can only be older has no effect any more.
   */
  public boolean receive(SharedItem<K, V> item, Arrival<V> arrival) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      boolean isKnown = item.value == arrival.seen && arrival.version >= item.version;
      if (!isKnown || !mayReceive(stripe, item, arrival.at)) {
        return false;
      }
      item.version = arrival.version;
      item.own = false;
      if (arrival.epoch > 0) {
        item.setPublishedIn(arrival.epoch);
      }
      Failure before = item.failure();
      boolean becomesTerminal = put(stripe, item, arrival.updated, arrival.group, arrival.terminal, arrival.at);
      stripe.setCondition(item, item.condition.received(arrival.at, item.token));
      item.token = null;
      file(item, arrival.terminal ? Schedule.NEVER : arrival.dueAt, arrival.group != null);
      stripe.waiters.wake(item);
      Failure over = item.failure() == null ? before : null;
      post(item, over, arrival.updated == null ? null : arrival.seen, becomesTerminal);
      return true;
    }
  }

  /** Removes the item: another cache's remote does not have it any more. A new item is kept. */
  public boolean receiveDeletion(SharedItem<K, V> item, long at) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      boolean gone = item.isConfirmed() && mayReceive(stripe, item, at);
      if (gone) {
        map.remove(stripe, item, RemovalCause.DELETED_BY_REMOTE);
      }
      return gone;
    }
  }

  /** Whether an answer of the given time is newer than the last confirmation, and than what a running call may say. */
  private boolean mayReceive(Stripe<K, V> stripe, SharedItem<K, V> item, long at) {
    Token running = item.token;
    return item.isLive() && (!item.isConfirmed() && !item.isRecreated || at - item.confirmedAt > 0)
        && (running == null || at - running.asOf() > 0 && !stripe.waiters.has(item));
  }

  /**
   * Makes an item due no sooner than at the given time, unless a caller has requested it: another cache refreshes it.
   */
  public boolean postpone(SharedItem<K, V> item, long dueAt) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      if (!item.isLive() || item.isInFlight() || item.isRequested()) {
        return false;
      }
      // The interval of a new item has not begun.
      long end = item.isNew() ? Schedule.NEVER : item.intervalEnd();
      stripe.setCondition(item, item.condition.postponed(dueAt));
      boolean toFile = item.setIntervalEnd(end == Schedule.NEVER || dueAt - end > 0 ? dueAt : end);
      if (toFile || item.condition != Condition.CONFIRMED) {
        map.onChange.accept(item);
      }
      return true;
    }
  }

  /** Removes the item: the remote does not have it any more, or its deletion was carried out. */
  public boolean remove(Item<K, V> item, Token token) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      if (item.token != token) {
        return false;
      }
      item.token = null;
      map.remove(stripe, item, item.isMarked() ? RemovalCause.DELETED : RemovalCause.DELETED_BY_REMOTE);
      return true;
    }
  }

  /** Returns how many times in a row, before this one, the remote answered that it does not have the item. */
  public int timesGone(Item<K, V> item) { return item.condition.gone(); }

  /**
   * The job lets go of the item, which the answer did not mention.
   *
   * @param saidGone whether the answer mentioned it as deleted, which is not believed yet
   * @param dueAt when the item is due next, or {@link Schedule#NEVER} for the next cycle
   */
  public boolean leaveUnanswered(Item<K, V> item, Token token, boolean saidGone, long dueAt) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      if (item.token != token) {
        return false;
      }
      item.setIntervalEnd(dueAt);
      Next next = dueAt == Schedule.NEVER ? Next.OF_CYCLE : Next.INTERVAL;
      release(stripe, item, item.condition.unanswered(saidGone, next), Waiter.Answer.UNANSWERED, null);
      return true;
    }
  }

  /**
   * The job lets go of the item, whose refresh or deletion failed.
   *
   * @param next returns the failures in a row, given those before; must not call user code
   * @param callRuns whether the call has not ended: the item then waits for {@link #end}
   */
  public boolean fail(
      Item<K, V> item, Token token, Throwable thrown, UnaryOperator<@Nullable Failure> next, boolean callRuns) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      if (item.token != token) {
        return false;
      }
      Failure failure = next.apply(item.failure());
      Token blocker = callRuns ? token : null;
      // A terminal item has no further refresh that could end its failures: the caller that asked for this one gets it.
      boolean isLeft = item.terminal && !item.isMarked();
      Condition condition = isLeft ? item.condition.blocked(blocker) : item.condition.failed(failure, blocker);
      release(stripe, item, condition, Waiter.Answer.FAILED, thrown);
      if (map.events != null && !isLeft) {
        map.events.postFailure(item, thrown, failure);
      }
      return true;
    }
  }

  /** The job has ended. It lets go of the item if it still has it, and no other call of the id waits for it. */
  public void end(Item<K, V> item, Token token) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      if (item.token == token) {
        release(stripe, item, item.condition.together(), Waiter.Answer.CANCELLED, null);
        item.setIntervalEnd(Schedule.NEVER);
      }
      unblock(stripe, item, token);
    }
  }

  /**
   * The job was abandoned. No other refresh of the id waits for its end.
   *
   * @param probeAt when the item is tried again if it was alone with the call, else null
   */
  public void abandon(Item<K, V> item, Token token, @Nullable Long probeAt) {
    try (Stripe<K, V> stripe = map.hold(item)) {
      boolean waits = item.condition.blocker() == token;
      Failure failure = item.failure();
      if (waits && !item.isMarked() && probeAt != null && failure != null) {
        stripe.setCondition(item, item.condition.hung(failure.hungOnceMore(), probeAt));
        map.onChange.accept(item);
        map.refuse(stripe, item, EventQueue.summary(failure.cause()));
      } else if (!waits || !item.isMarked()) {
        unblock(stripe, item, token);
      }
    }
  }

  /** The item of the id waits for the call no longer. */
  private void unblock(Stripe<K, V> stripe, Item<K, V> item, Token call) {
    stripe.orphans.remove(item.id, call);
    Item<K, V> mapped = map.table.find(item.id, item.hash);
    if (mapped != null && mapped.condition.blocker() == call) {
      stripe.setCondition(mapped, mapped.condition.blocked(stripe.orphans.of(item.id)));
      map.onChange.accept(mapped);
    }
  }

  /** The job lets go of the item. */
  private void release(
      Stripe<K, V> stripe, Item<K, V> item, Condition condition, Waiter.Answer answer, @Nullable Throwable failure) {
    item.token = null;
    stripe.setCondition(item, condition);
    if (condition.next() != Next.OF_CYCLE && condition.blocker() == null) {
      map.onChange.accept(item);
    }
    stripe.waiters.end(item, answer, failure);
  }
}
