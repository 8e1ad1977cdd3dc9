package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.RemovalCause;
import io.autorefresh.RetryAfterException;
import io.autorefresh.internal.items.Item;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.schedule.Failure;
import io.autorefresh.internal.schedule.Schedule.Kind;
import java.util.List;

/**
 * Watches each item: never in two calls (R2), never before it is due (R6, S1), not after its end (C3, D2), as its
 * outcomes have left it (R3, R6), as a suspect only beside those of the same call (R7), untouched by what was meant for
 * another generation (D4), and never forgotten (R1).
 */
final class ItemRules {

  /**
   * So long does an item that is due wait at the most, while the load fits: from the beginning of one period to the
   * end of the next, of which the deletions may have the first tenth for themselves.
   */
  private static final long LONGEST = 2 * Scenario.PERIOD + Scenario.PERIOD / 10 + 30 * SECOND;

  /** The longest time between probes. */
  private static final long LONGEST_PROBE = 16 * Scenario.PERIOD;

  private final Known[] items;
  private final Waiting waiting;
  private final ItemMap<Integer, Value> map;
  /** When there was last more to do than fits. */
  private long fitsSince;
  int size;
  long refreshes;
  long failed;
  long longestWait;

  ItemRules(Known[] items, Waiting waiting, ItemMap<Integer, Value> map) {
    this.items = items;
    this.waiting = waiting;
    this.map = map;
  }

  void overloaded(long now) {
    fitsSince = now;
  }

  void created(Known item, Value value, long now) {
    item.generation = value.generation();
    item.value = value;
    item.present = true;
    item.marked = false;
    item.terminal = value.isFinal();
    item.isNew = !item.terminal;
    item.taker = null;
    item.reset();
    item.lastBatch = 0;
    item.lastCycle = 0;
    item.countedIn = 0;
    item.confirmedAt = now;
    item.callableSince = now;
    item.lastBegin = Known.NEVER;
    size++;
    waiting.update(item);
  }

  void marked(Known item) {
    if (!item.marked) {
      item.marked = true;
      item.isNew = false;
      item.taker = null;
      item.reset();
      waiting.update(item);
    }
  }

  /** The cache is closed: no failed deletion backs off any more. */
  void pardon() {
    for (Known item : items) {
      if (item.present && item.marked && item.taker == null) {
        item.reset();
      }
    }
  }

  // What the listener hears

  void hears(ItemEvent<Integer, Value> event, long now) {
    Known item = items[event.id()];
    Violation.unless(item.present, "R11 (event of an absent item)", now, event);
    Violation.unless(event.item().generation() == item.generation, "D4 (of another generation)", now, event);
    switch (event) {
      case ItemEvent.Updated<Integer, Value> updated -> {
        boolean mayChange = !item.marked && !item.terminal && item.taker != null;
        Violation.unless(mayChange, "D2, C3", now, updated);
        Violation.unless(updated.previous() == item.value, "R11 (previous value)", now, updated);
        item.value = updated.item();
      }
      case ItemEvent.BecameTerminal<Integer, Value> became -> {
        Violation.unless(item.value.isFinal() && !item.marked, "C3", now, became);
        item.terminal = true;
      }
      case ItemEvent.Removed<Integer, Value> removed -> removed(item, removed, now);
      case ItemEvent.RefreshFailed<Integer, Value> failure -> {
        Violation.unless(!item.marked, "D2", now, failure);
        fails(item, failure.failures(), failure.cause(), now);
      }
      case ItemEvent.DeletionFailed<Integer, Value> failure -> {
        Violation.unless(item.marked, "D3", now, failure);
        fails(item, failure.failures(), failure.cause(), now);
      }
      case ItemEvent.Recovered<Integer, Value> recovered ->
          Violation.unless(recovered.failures() == item.failures, "R6 (recovered)", now, recovered, item.failures);
      default -> Violation.unless(event instanceof ItemEvent.Created, "R11 (what is that?)", now, event);
    }
    waiting.update(item);
  }

  private void removed(Known item, ItemEvent.Removed<Integer, Value> event, long now) {
    Call taker = item.taker;
    boolean right = switch (event.cause()) {
      case DELETED -> item.marked && taker != null && taker.job.isDeletion();
      case DELETED_BY_REMOTE -> !item.marked && taker != null && item.gone + 1 >= Scenario.DELETED_AFTER;
      default -> event.cause() == RemovalCause.EVICTED;
    };
    Violation.unless(right, "D3 (cause)", now, event);
    item.present = false;
    item.marked = false;
    item.isNew = false;
    item.taker = null;
    size--;
  }

  private void fails(Known item, int count, Throwable cause, long now) {
    failed++;
    item.failures++;
    Call call = item.taker;
    Violation.unless(call != null, "R6 (of no call)", now, item);
    Violation.unless(count == item.failures, "R6 (count)", now, item, "has", count, "failures, not", item.failures);
    Failure failure = map.inspect(item.id, Item::failure);
    long dueAt = failure == null ? Known.NEVER : VirtualTime.momentOf(failure.dueAt());
    long from;
    long until;
    if (cause instanceof RetryAfterException asked) {
      // A remote that asks again and again gets a tenth of the period at least, so that it is not called without end.
      from = until = now + Math.max(asked.delay().toNanos(), count == 1 ? 0 : Scenario.PERIOD / 10);
      item.suspectOf = null;
    } else {
      // Items of a call that failed as a whole are due with the one of them that failed least.
      int least = call != null && call.fate != Scenario.Fate.ANSWERS && !item.marked ? 1 : count;
      from = now + (long) (backOff(least) / 2) - 1;
      until = now + (long) backOff(count);
      item.suspectOf = call != null && call.fate != Scenario.Fate.ANSWERS && !item.marked ? call : null;
    }
    Violation.unless(dueAt >= from && dueAt <= until, "R6 (bounds)", now, item, "due at", dueAt, "not", from, until);
    item.apart = true;
    item.dueAt = dueAt;
    item.callableSince = Math.max(now, dueAt);
    item.taker = null;
    item.hung = false;
  }

  private static double backOff(int count) {
    return Math.min(Scenario.BACKOFF_MAX, Scenario.BACKOFF_INITIAL * Math.pow(2, count - 1));
  }

  /** A call has lost its slot: its items go on as suspects; an item that was alone is probed. */
  void abandoned(Call call, long now) {
    for (Known item : call.items) {
      item.callableSince = Math.max(item.callableSince, now);
      if (item.suspectOf == call) {
        item.hung = true;
        if (call.items.size() == 1) {
          dueAsProbed(item);
          boolean waits = item.dueAt >= now + Scenario.PERIOD;
          Violation.unless(waits, "R7 (alone with a hanging call)", now, item, item.dueAt);
        }
      }
      waiting.update(item);
    }
  }

  private void dueAsProbed(Known item) {
    Long dueAt = map.inspect(item.id, actual -> actual.dueAt(0));
    if (dueAt != null) {
      item.dueAt = VirtualTime.momentOf(dueAt);
      item.callableSince = Math.max(item.callableSince, item.dueAt);
    }
  }

  // Calls

  /** A batch is handed out; returns whether it is of the walk. */
  boolean handsOut(Kind kind, List<Known> batch, Object job, long now) {
    Known first = batch.getFirst();
    for (Known item : batch) {
      boolean deletion = kind == Kind.DELETION;
      boolean callable = deletion ? item.present && item.marked && !item.isDeletionBlocked()
          : item.isLive() && item.isNew == (kind == Kind.FIRST) && !item.isBlocked();
      Violation.unless(callable, "R1, R2, D3 (not to be called)", now, job, item);
      boolean together = kind == Kind.RETRY ? item.suspectOf != null : kind != Kind.REFRESH || item.suspectOf == null;
      boolean ofOneCall = item.suspectOf == first.suspectOf || Scenario.isOverload(now);
      Violation.unless(together && ofOneCall, "R7 (suspects alone)", now, job, item);
      Violation.unless(item.group() == first.group(), "R1 (groups in one batch)", now, job, item, "beside", first);
    }
    Violation.unless(batch.size() <= Scenario.BATCH, "R1 (batch size)", now, job, batch.size());
    return kind == Kind.REFRESH && batch.stream().anyMatch(item -> !item.apart);
  }

  void begins(Call call, long now) {
    boolean deletion = call.job.isDeletion();
    for (Known item : call.items) {
      boolean callable = deletion ? item.present && item.marked : item.isLive();
      Violation.unless(callable, "C3, D2, D3", now, call.job, item);
      boolean free = deletion ? !item.isDeletionBlocked() : !item.isBlocked();
      Violation.unless(free, "R2 (in two calls)", now, call.job, item);
      boolean backsOff = item.failures > 0 && item.apart && now < item.dueAt && !item.hung;
      Violation.unless(!backsOff, "R6 (backs off)", now, call.job, item);
      Violation.unless(deletion || item.isNew == (call.job.kind() == Kind.FIRST), "C4 (first)",
          now, call.job, item);
      if (!deletion) {
        refreshes++;
        checkWait(item, now);
      }
    }
    for (Known item : call.items) {
      item.lastBegin = now;
      item.isNew = false;
      item.taker = call;
      item.running.add(call);
    }
  }

  private void checkWait(Known item, long now) {
    longestWait = Math.max(longestWait, now - item.callableSince);
    long since = Math.max(item.callableSince, fitsSince);
    long longest = item.hung ? LONGEST + LONGEST_PROBE : LONGEST;
    Violation.unless(now - since <= longest, "R1 (starved)", now, item, "waits since", since);
  }

  /** Looks for items that are not called any more. */
  void checkWaits(long now) {
    for (Known item : items) {
      if (item.isLive() && !item.isBlocked()) {
        checkWait(item, now);
      }
    }
  }

  /** A call is about to end; returns whether its result counts for each item. */
  static boolean[] countsFor(Call call) {
    boolean[] counts = new boolean[call.items.size()];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = call.job.isAwaited() && call.items.get(i).taker == call;
    }
    return counts;
  }

  /** A call has ended, and the listener has heard of it. */
  void ends(Call call, boolean[] counts, long now) {
    long dueAt = Known.NEVER;
    for (int i = 0; i < counts.length; i++) {
      Known item = call.items.get(i);
      item.running.remove(call);
      item.callableSince = Math.max(item.callableSince, now);
      if (counts[i] && !call.job.isDeletion()) {
        if (call.fate == Scenario.Fate.ANSWERS) {
          answered(item, call, now);
        } else {
          dueAt = dueAt == Known.NEVER ? item.dueAt : dueAt;
          Violation.unless(item.dueAt == dueAt, "R6 (together)", now, call.job, item);
        }
      } else if (item.taker == call) {
        // The call was cancelled, since the cache is closed.
        item.apart = false;
      }
      if (item.taker == call) {
        item.taker = null;
      }
      if (call.wasAbandoned && item.suspectOf == call && call.items.size() == 1) {
        dueAsProbed(item);
      }
      waiting.update(item);
      checkState(item, now);
    }
  }

  private static void answered(Known item, Call call, long now) {
    Outcome<Value> outcome = call.answer.get(item.id);
    Outcome.Kind kind = outcome == null ? Outcome.Kind.DELETED : outcome.kind();
    switch (kind) {
      case UPDATED, UNCHANGED -> {
        item.reset();
        item.confirmedAt = now - outcome.age().toNanos();
        item.apart = outcome.nextIn().isPresent() && !item.terminal;
        if (item.apart) {
          item.dueAt = now + Math.max(Scenario.PERIOD / 10, outcome.nextIn().get().toNanos());
        }
        boolean equal = outcome.value() == null || outcome.value().equals(item.value);
        Violation.unless(equal, "R3 (value)", now, item, outcome);
        item.callableSince = item.apart ? item.dueAt : now;
      }
      case DELETED -> {
        item.gone += outcome == null ? 0 : 1;
        Violation.unless(!item.present || item.gone < Scenario.DELETED_AFTER, "R3 (deleted)", now, item);
        item.unanswered++;
        item.apart = false;
        item.suspectOf = null;
        item.hung = false;
        item.callableSince = now;
      }
      default -> Violation.unless(item.apart && item.failures > 0, "R6 (failed)", now, item, outcome);
    }
  }

  /** What the cache says of an item is what is known of it. */
  private void checkState(Known item, long now) {
    Boolean same = map.inspect(item.id, actual -> isSame(actual, item));
    boolean right = same == null ? !item.present : same;
    Violation.unless(right, "R3 (state)", now, item, right ? "" : map.inspect(item.id, ItemRules::text), "should be",
        item.value, item.failures, item.unanswered, item.confirmedAt, item.apart, item.dueAt);
  }

  private static boolean isSame(Item<Integer, Value> actual, Known item) {
    Failure failure = actual.failure();
    return item.present
        && actual.value().equals(item.value)
        && actual.isTerminal() == item.terminal
        && actual.isMarked() == item.marked
        && actual.isNew() == item.isNew
        && (failure == null ? 0 : failure.count()) == item.failures
        && actual.unanswered() == item.unanswered
        && VirtualTime.momentOf(actual.confirmedAt()) == item.confirmedAt
        && actual.isApart() == item.apart
        && (!item.apart || VirtualTime.momentOf(actual.dueAt(0)) == item.dueAt);
  }

  private static String text(Item<Integer, Value> actual) {
    return actual.value() + " " + actual.failure() + " " + actual.unanswered() + " " + VirtualTime.momentOf(
        actual.confirmedAt()) + " " + actual.isApart() + " " + VirtualTime.momentOf(actual.dueAt(0));
  }
}
