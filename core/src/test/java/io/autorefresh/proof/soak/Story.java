package io.autorefresh.proof.soak;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemEvent;
import io.autorefresh.RemovalCause;
import io.autorefresh.Stats;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * The listener of one life: checks that it hears one event at a time, in a thread of its own, and that the events of
 * each id tell one consistent story, and adds them up.
 */
final class Story implements Consumer<ItemEvent<String, Job>> {

  private static final int SLOW_EVERY = 20_000;
  private static final long SLOW_NANOS = 2_000_000;

  private final Checks checks;
  private final String thread;
  private final int deletedAfter;
  private final AtomicBoolean telling = new AtomicBoolean();
  /** The last generation of each id; as the generations' failures, guarded by one event being told at a time. */
  private final Map<String, Job.Generation> generations = new HashMap<>();
  private final LongAdder created = new LongAdder();
  private final LongAdder updated = new LongAdder();
  private final LongAdder terminal = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder deletionsFailed = new LongAdder();
  private final Map<RemovalCause, LongAdder> removed = Map.of(
      RemovalCause.DELETED, new LongAdder(),
      RemovalCause.DELETED_BY_REMOTE, new LongAdder(),
      RemovalCause.EVICTED, new LongAdder());
  private volatile AutoRefresh<String, Job> cache;
  private int told;

  /**
   * Creates a listener that has heard nothing.
   *
   * @param name of the cache
   * @param deletedAfter how many times in a row the remote has to say that an item is gone
   */
  Story(Checks checks, String name, int deletedAfter) {
    this.checks = checks;
    this.thread = name + "/listener";
    this.deletedAfter = deletedAfter;
  }

  void of(AutoRefresh<String, Job> cache) {
    this.cache = cache;
  }

  @Override
  public void accept(ItemEvent<String, Job> event) {
    expect(telling.compareAndSet(false, true), "two events at once", event);
    Thread current = Thread.currentThread();
    expect(current.isVirtual() && current.getName().equals(thread), "an event in " + current, event);
    Job.Generation generation = event.item().generation();
    Job.Generation before = generations.put(event.id(), generation);
    expect(generation.id.equals(event.id()), "an item of another id", event);
    expect(before == null || before == generation || before.ended, "a later generation before the end of one", event);
    expect(event instanceof ItemEvent.Created == (before != generation), "the creation is not told first", event);
    expect(!generation.ended, "an event after the end", event);
    tell(event, generation);
    if (++told % SLOW_EVERY == 0) {
      // Long enough for others to bring about many events.
      LockSupport.parkNanos(SLOW_NANOS);
    }
    telling.set(false);
  }

  private void tell(ItemEvent<String, Job> event, Job.Generation generation) {
    Job item = event.item();
    int recovers = 0;
    switch (event) {
      case ItemEvent.Created<String, Job> e -> {
        created.increment();
        generation.terminal = item.done();
      }
      case ItemEvent.Updated<String, Job> e -> {
        updated.increment();
        expect(generation.marked < 0 || item.version() <= generation.marked, "an update of a marked item", event);
        expect(!generation.terminal && !e.previous().done(), "an update of a terminal item", event);
        expect(e.previous().generation() == generation && e.previous().version() == generation.told
            && item.version() == generation.told + 1, "an update out of order", event);
        expect(generation.failures == 0, "an update after failures without a recovery", event);
        generation.told = item.version();
      }
      case ItemEvent.BecameTerminal<String, Job> e -> {
        terminal.increment();
        expect(!generation.terminal && item.done(), "a wrong end state", event);
        generation.terminal = true;
      }
      case ItemEvent.Removed<String, Job> e -> remove(e, generation);
      case ItemEvent.RefreshFailed<String, Job> e -> {
        failed.increment();
        expect(!generation.terminal && e.failures() == ++generation.failures, "a wrong failure", event);
      }
      case ItemEvent.Recovered<String, Job> e -> {
        expect(e.failures() > 0 && e.failures() == generation.failures, "a wrong recovery", event);
        generation.failures = 0;
        // The update that it came with is told after it.
        recovers = 1;
      }
      case ItemEvent.DeletionFailed<String, Job> e -> {
        deletionsFailed.increment();
        // A close forgets the failures before.
        generation.failedDeletions = e.failures() == 1 ? 1 : generation.failedDeletions + 1;
        expect(e.failures() == generation.failedDeletions, "a wrong failure of a deletion", event);
      }
      default -> expect(false, "an event of no known kind", event);
    }
    expect(item.version() == generation.told || item.version() == generation.told + recovers,
        "another version than the last one told", event);
    Job now = cache.get(event.id());
    boolean visible = now == null || now.generation() != generation
        || !generation.ended && now.version() >= item.version();
    expect(visible, "an event before its effect", event);
  }

  private void remove(ItemEvent.Removed<String, Job> event, Job.Generation generation) {
    removed.get(event.cause()).increment();
    switch (event.cause()) {
      case DELETED -> {
        expect(generation.isDeletionTried(), "deleted, but not at the remote", event);
        generation.deleted = true;
      }
      case DELETED_BY_REMOTE -> {
        expect(!generation.terminal && generation.timesGone(event.item().version()) >= deletedAfter,
            "deleted by a remote that did not say so " + deletedAfter + " times in a row", event);
        generation.deleted = true;
      }
      default -> { }
    }
    generation.ended = true;
  }

  private void expect(boolean holds, String otherwise, ItemEvent<String, Job> event) {
    if (!holds) {
      checks.expect(false, "R11: " + otherwise + ": " + event);
    }
  }

  /** What does not add up, or an empty text; holds when nothing is in progress and no event waits. */
  String contradiction(Stats stats) {
    long gone = stats.deletions() + stats.deletedByRemote() + stats.evictions();
    StringBuilder text = new StringBuilder();
    differ(text, "created", created, stats.creations());
    differ(text, "updated", updated, stats.updated());
    differ(text, "became terminal", terminal, stats.becameTerminal());
    differ(text, "failed", failed, stats.failed());
    differ(text, "deletions failed", deletionsFailed, stats.deletionFailures());
    differ(text, "deleted", removed.get(RemovalCause.DELETED), stats.deletions());
    differ(text, "deleted by the remote", removed.get(RemovalCause.DELETED_BY_REMOTE), stats.deletedByRemote());
    differ(text, "evicted", removed.get(RemovalCause.EVICTED), stats.evictions());
    if (stats.creations() - gone != stats.size()) {
      text.append("; size ").append(stats.size()).append(" after ").append(stats.creations()).append(" creations and ")
          .append(gone).append(" removals");
    }
    if (stats.waitingEvents() + stats.droppedEvents() > 0) {
      text.append("; ").append(stats.waitingEvents()).append(" events wait, ").append(stats.droppedEvents())
          .append(" were dropped");
    }
    return text.toString();
  }

  private static void differ(StringBuilder text, String what, LongAdder told, long counted) {
    if (told.sum() != counted) {
      text.append("; ").append(what).append(": told ").append(told.sum()).append(", counted ").append(counted);
    }
  }
}
