package io.autorefresh.proof.simulation;

import static io.autorefresh.proof.simulation.VirtualTime.SECOND;

import io.autorefresh.ItemEvent;
import io.autorefresh.RetryAfterException;
import io.autorefresh.internal.cycle.SteppedCycle;
import io.autorefresh.internal.cycle.SteppedJob;
import org.jspecify.annotations.Nullable;

/**
 * Watches each item: never in two calls, never before it is due, not after its end; once in each cycle, and in none
 * too late (C3, C4, D2, D3, R1, R2, R6). It knows only what the remote, the users and the listener see.
 */
final class ItemRules {

  private static final long NEVER = Long.MIN_VALUE;
  /**
   * So long does an item that is due wait at the most, while the load fits: from the beginning of one period to the
   * end of the next, of which the deletions have the first tenth for themselves if there are so many.
   */
  private static final long LONGEST = 2 * Scenario.PERIOD + Scenario.PERIOD / 10 + 30 * SECOND;

  private final boolean[] present = new boolean[Scenario.IDS];
  private final boolean[] terminal = new boolean[Scenario.IDS];
  private final boolean[] marked = new boolean[Scenario.IDS];
  private final int[] failures = new int[Scenario.IDS];
  private final long[] createdAt = new long[Scenario.IDS];
  private final long[] firstUntil = new long[Scenario.IDS];
  private final long[] lastBegin = new long[Scenario.IDS];
  private final long[] lastEnd = new long[Scenario.IDS];
  /** The bounds of the time from which on the item may be tried again. */
  private final long[] dueFrom = new long[Scenario.IDS];
  private final long[] dueUntil = new long[Scenario.IDS];
  private final @Nullable Call[] refreshing = new Call[Scenario.IDS];
  private final @Nullable Call[] deleting = new Call[Scenario.IDS];
  private final SteppedCycle<?, ?>[] lastCycle = new SteppedCycle<?, ?>[Scenario.IDS];

  /** When the load last ceased to be too much. */
  private long fitsSince;
  private int size;
  private int waitingForFirst;
  private int coming;

  long refreshes;
  long longestGap;
  long failed;

  int size() {
    return size;
  }

  boolean isPresent(int id) {
    return present[id];
  }

  /** How many items were to be deleted at a moment that is no more than just gone. */
  int deletionsDue(long moment) {
    int due = 0;
    for (int id = 0; id < Scenario.IDS; id++) {
      due += marked[id] && deleting[id] == null && dueUntil[id] <= moment ? 1 : 0;
    }
    return due;
  }

  /** There is more to do just now than the limits let through. */
  void overloaded(long now) {
    fitsSince = now;
  }

  /** So many will be created at once, in whichever order they are refreshed then. */
  void expect(int created) {
    coming = created;
  }

  void created(int id, long now) {
    present[id] = true;
    terminal[id] = false;
    createdAt[id] = now;
    lastBegin[id] = NEVER;
    lastEnd[id] = NEVER;
    lastCycle[id] = null;
    reset(id);
    size++;
    waitingForFirst++;
    coming = Math.max(0, coming - 1);
    double wait = (waitingForFirst + coming) / Scenario.firstsPerSecond(now);
    firstUntil[id] = now + 10 * SECOND + (long) (wait * SECOND);
  }

  void marked(int id) {
    if (!marked[id]) {
      marked[id] = true;
      forgetFirst(id);
      reset(id);
    }
  }

  private void reset(int id) {
    failures[id] = 0;
    dueFrom[id] = NEVER;
    dueUntil[id] = NEVER;
  }

  private void forgetFirst(int id) {
    if (lastBegin[id] == NEVER && firstUntil[id] != NEVER) {
      firstUntil[id] = NEVER;
      waitingForFirst--;
    }
  }

  private void removed(int id) {
    forgetFirst(id);
    present[id] = false;
    marked[id] = false;
    size--;
  }

  /** What the listener is told. */
  void hears(ItemEvent<Integer, Integer> event, long now) {
    int id = event.id();
    Violation.unless(present[id], "R11 (event of an absent item)", now, event);
    switch (event) {
      case ItemEvent.Updated<Integer, Integer> updated ->
          Violation.unless(!marked[id] && !terminal[id], "D2, C3", now, updated);
      case ItemEvent.BecameTerminal<Integer, Integer> became -> terminal[id] = true;
      case ItemEvent.Deleted<Integer, Integer> deleted -> {
        Violation.unless(deleted.byRemote() != marked[id], "D3", now, deleted);
        removed(id);
      }
      case ItemEvent.Evicted<Integer, Integer> evicted -> removed(id);
      case ItemEvent.Failed<Integer, Integer> failure -> fails(id, failure, now);
    }
  }

  private void fails(int id, ItemEvent.Failed<Integer, Integer> failure, long now) {
    failed++;
    int count = ++failures[id];
    Violation.unless(failure.failures() == count, "R6 (count)", now, failure, "should be the", count);
    Violation.unless(failure.deleting() == marked[id], "D2", now, failure);
    if (failure.cause() instanceof RetryAfterException asked) {
      dueFrom[id] = dueUntil[id] = now + asked.delay().toNanos();
    } else {
      double full = Math.min(Scenario.BACKOFF_MAX, Scenario.BACKOFF_INITIAL * Math.pow(2, count - 1));
      dueFrom[id] = now + (long) (full / 2) - 1;
      dueUntil[id] = now + (long) full;
    }
  }

  /** What the map says of when an item that failed is due lies within the bounds. */
  void isDueAt(int id, int count, long dueAt, long now) {
    boolean within = dueAt >= dueFrom[id] && dueAt <= dueUntil[id];
    Violation.unless(within && count == failures[id], "R6 (bounds)", now, id, "failed", count, "times, due at", dueAt);
  }

  void refreshBegins(Call call, long now) {
    SteppedJob<?, ?> job = call.job;
    Violation.unless(call.ids.size() <= Scenario.BATCH, "R1 (batch size)", now, job, call.ids.size());
    for (int id : call.ids) {
      refreshes++;
      Violation.unless(present[id] && !marked[id] && !terminal[id], "C3, D2", now, job, id);
      Call other = refreshing[id];
      Violation.unless(other == null || other.isAbandoned(now), "R2", now, id, "is in two calls:", job);
      refreshing[id] = call;
      Violation.unless(now >= dueFrom[id], "R6 (before it is due)", now, job, id, "due from", dueFrom[id]);
      boolean first = lastBegin[id] == NEVER;
      Violation.unless(first == job.cycle().isUrgent(), "C4 (first refreshes go first)", now, job, id);
      Violation.unless(lastCycle[id] != job.cycle(), "R1 (once in a cycle)", now, job, id);
      if (first) {
        waitingForFirst--;
        Violation.unless(now <= firstUntil[id], "C4 (at once)", now, job, id, "until", firstUntil[id]);
      } else {
        checkGap(id, now);
      }
      lastBegin[id] = now;
      lastCycle[id] = job.cycle();
    }
  }

  private void checkGap(int id, long now) {
    long since = Math.max(lastBegin[id], dueUntil[id]);
    longestGap = Math.max(longestGap, now - since);
    since = Math.max(since, fitsSince);
    Violation.unless(now - since <= LONGEST, "R1 (starved)", now, id, "due since", since);
  }

  void refreshEnds(Call call, long now) {
    for (int id : call.ids) {
      if (refreshing[id] == call) {
        refreshing[id] = null;
        lastEnd[id] = now;
      }
    }
  }

  /** The remote said that the item is there, in time. */
  void confirmed(int id) {
    if (!marked[id]) {
      reset(id);
    }
  }

  void deletionBegins(Call call, long now) {
    for (int id : call.ids) {
      Violation.unless(present[id] && marked[id], "D3", now, call.job, id);
      Call other = deleting[id];
      Violation.unless(other == null || other.isAbandoned(now), "D3 (twice at once)", now, call.job, id);
      Violation.unless(now >= dueFrom[id], "D3 (before it is due)", now, call.job, id);
      deleting[id] = call;
    }
  }

  void deletionEnds(Call call) {
    for (int id : call.ids) {
      if (deleting[id] == call) {
        deleting[id] = null;
      }
    }
  }

  /** A periodic cycle has ended: whatever was due at its beginning has had its turn since. */
  void cycleEnds(long began, long now) {
    for (int id = 0; id < Scenario.IDS; id++) {
      if (!present[id] || marked[id] || terminal[id] || refreshing[id] != null) {
        continue;
      }
      if (lastBegin[id] == NEVER) {
        Violation.unless(now <= firstUntil[id], "C4 (never)", now, id, "created at", createdAt[id]);
        continue;
      }
      checkGap(id, now);
      boolean wasDue = lastEnd[id] < began && dueUntil[id] <= began;
      Violation.unless(!wasDue || lastBegin[id] >= began, "R1 (left out)", now, id, "last at", lastBegin[id]);
    }
  }
}
