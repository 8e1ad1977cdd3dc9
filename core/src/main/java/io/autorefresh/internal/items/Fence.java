package io.autorefresh.internal.items;

import io.autorefresh.RemovalCause;
import io.autorefresh.internal.items.Condition.Next;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The jobs' side of the map: taking items, and changing those that a job has taken.
 *
 * <p>Every method except the taking one has an effect only as long as the item is mapped and bears the token given, and
 * returns whether it had. Each takes the lock of the item's stripe for a moment. None of them compares ids.
 *
 * @param <K> the type of ids
 * @param <V> the type of items
 */
public final class Fence<K, V> {

  private final ItemMap<K, V> map;
  private final @Nullable EventQueue<K, V> events;

  public Fence(ItemMap<K, V> map) {
    this.map = map;
    this.events = map.events();
  }

  /** Takes an item for a job of that kind, if it is to have one. */
  public boolean take(Item<K, V> item, Token token, Schedule.Kind kind, long now) {
    // Not as the others do: an object for each call would be dear, here and in confirm.
    Stripe<K, V> stripe = stripe(item);
    stripe.lock.lock();
    try {
      boolean wanted = item.isWanted(kind, now);
      if (wanted) {
        stripe.setCondition(item, Condition.started(item.condition));
        item.token = token;
        stripe.waiters.begin(item);
      }
      return wanted;
    } finally {
      stripe.lock.unlock();
    }
  }

  /**
   * The item is as it was, or has a new value; the job lets go of it.
   *
   * @param updated the new value, or null
   * @param group the key of the group of the new value
   * @param at the ticker's reading at which the answer was true
   * @param dueAt when the item is due next, or {@link Schedule#NEVER} for the next cycle
   * @param named whether the remote named this time; otherwise an item for which a caller waits is due in every cycle
   */
  public boolean confirm(
      Item<K, V> item,
      Token token,
      @Nullable V updated,
      @Nullable Object group,
      boolean terminal,
      long at,
      long dueAt,
      boolean named) {
    Stripe<K, V> stripe = stripe(item);
    stripe.lock.lock();
    try {
      if (item.token != token) {
        return false;
      }
      V previous = item.value;
      Failure failure = item.failure();
      if (updated != null) {
        item.value = updated;
        if (item instanceof GroupedItem<K, V> grouped) {
          grouped.group = group;
        }
      }
      boolean becomesTerminal = terminal && !item.terminal;
      if (becomesTerminal) {
        stripe.becomeTerminal(item);
        map.keepTerminal(stripe, item, at);
      } else if (!terminal && item.terminal) {
        stripe.becomeLive(item);
      }
      item.confirmedAt = at;
      boolean together = dueAt == Schedule.NEVER || terminal || !named && stripe.waiters.has(item);
      release(stripe, item, Condition.confirmed(item.condition, together || !named ? Next.OF_CYCLE : Next.NAMED, dueAt));
      // Last, as the schedule looks at this first; in another group it has another place.
      boolean toFile = item.setIntervalEnd(together || named ? Schedule.NEVER : dueAt);
      if (item.condition == null && item.isApart() && (toFile || group != null)) {
        map.changed(item);
      }
      stripe.waiters.end(item, Waiter.Answer.CONFIRMED, null);
      if (events != null) {
        postConfirmed(events, item, failure, updated == null ? null : previous, becomesTerminal);
      }
      return true;
    } finally {
      stripe.lock.unlock();
    }
  }

  private void postConfirmed(
      EventQueue<K, V> events, Item<K, V> item, @Nullable Failure failure, @Nullable V previous, boolean terminal) {
    if (failure != null) {
      events.post(new Event.Recovered<>(item.id, item.value, failure.count()));
    }
    if (previous != null) {
      events.post(new Event.Updated<>(item.id, previous, item.value));
    }
    if (terminal) {
      events.post(new Event.BecameTerminal<>(item.id, item.value));
    }
  }

  /** The item is gone at the remote, or its deletion was carried out: it is removed. */
  public boolean remove(Item<K, V> item, Token token) {
    return ifHeld(item, token, stripe -> {
      item.token = null;
      map.remove(stripe, item, item.isMarked() ? RemovalCause.DELETED : RemovalCause.DELETED_BY_REMOTE);
    });
  }

  /** Returns how many times in a row, before this one, the remote said that it no longer has the item. */
  public int timesGone(Item<K, V> item) {
    Condition condition = item.condition;
    return condition == null ? 0 : condition.gone();
  }

  /** The answer did not mention the item, or said that the remote no longer has it, which is not believed yet. */
  public boolean leaveUnanswered(Item<K, V> item, Token token, boolean saidGone) {
    return ifHeld(item, token, stripe -> {
      release(stripe, item, Condition.unanswered(item.condition, saidGone));
      stripe.waiters.end(item, Waiter.Answer.UNANSWERED, null);
    });
  }

  /**
   * The refresh of the item, or its deletion, failed; the job lets go of it.
   *
   * @param told the cause as the listener gets it
   * @param next the failures in a row, from those before; must not call user code
   * @param callRuns whether the call has not ended: the item then waits for {@link #end}
   */
  public boolean fail(
      Item<K, V> item, Token token, Throwable told, UnaryOperator<@Nullable Failure> next, boolean callRuns) {
    return ifHeld(item, token, stripe -> {
      Failure failure = next.apply(item.failure());
      release(stripe, item, Condition.failed(item.condition, failure, callRuns ? token : null));
      stripe.waiters.end(item, Waiter.Answer.FAILED, told);
      if (events != null) {
        events.postFailure(item, told, failure);
      }
    });
  }

  /** The job has ended: it lets go of the item, if it still has it, and holds up no other call of the id. */
  public void end(Item<K, V> item, Token token) {
    stripe(item).locked(stripe -> {
      Condition condition = item.condition;
      if (item.token == token) {
        release(stripe, item, Condition.together(condition));
        item.setIntervalEnd(Schedule.NEVER);
        stripe.waiters.end(item, Waiter.Answer.CANCELLED, null);
      } else if (condition != null && condition.blocker() == token) {
        stripe.setCondition(item, Condition.blocked(condition, null));
        map.changed(item);
      }
      unblockSuccessor(stripe, item, token);
    });
  }

  /**
   * The job was abandoned: no other call of the id need wait for its end.
   *
   * @param probeAt when the item is to be tried again if it was alone with the call, else null
   */
  public void abandon(Item<K, V> item, Token token, @Nullable Long probeAt) {
    stripe(item).locked(stripe -> {
      Condition condition = item.condition;
      if (condition != null && condition.blocker() == token && !item.isMarked()) {
        Failure failure = condition.failure();
        boolean alone = probeAt != null && failure != null;
        stripe.setCondition(item, alone
            ? Condition.hung(condition, failure.hungOnceMore(), probeAt)
            : Condition.blocked(condition, null));
        map.changed(item);
        if (alone) {
          map.refuse(stripe, item, EventQueue.summary(failure.cause()));
        }
      }
      unblockSuccessor(stripe, item, token);
    });
  }

  private void unblockSuccessor(Stripe<K, V> stripe, Item<K, V> item, Token token) {
    Item<K, V> successor = stripe.orphans.remove(item, token);
    if (successor != null) {
      stripe.setCondition(successor, Condition.blocked(successor.condition, null));
      map.changed(successor);
    }
  }

  /** The job lets go of the item. */
  private void release(Stripe<K, V> stripe, Item<K, V> item, @Nullable Condition condition) {
    item.token = null;
    stripe.setCondition(item, condition);
    if (condition != null && condition.next() != Next.OF_CYCLE && condition.blocker() == null) {
      map.changed(item);
    }
  }

  /** Runs an action under the lock of the item's stripe, if the item bears the token; returns whether it does. */
  private boolean ifHeld(Item<K, V> item, Token token, Consumer<Stripe<K, V>> action) {
    return stripe(item).under(stripe -> {
      boolean held = item.token == token;
      if (held) {
        action.accept(stripe);
      }
      return held;
    });
  }

  private Stripe<K, V> stripe(Item<K, V> item) { return map.stripe(item.hash); }
}
