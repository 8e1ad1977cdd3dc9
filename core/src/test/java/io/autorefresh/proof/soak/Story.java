package io.autorefresh.proof.soak;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemEvent;
import io.autorefresh.Stats;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The listener of one life: checks that the events of each id tell one consistent story, and adds them up. */
final class Story implements Consumer<ItemEvent<String, Job>> {

  private static final int SLOW_EVERY = 50;
  private static final long SLOW_NANOS = 2_000_000;

  /** What was told of one id. */
  private static final class Chapter {
    final AtomicBoolean telling = new AtomicBoolean();
    volatile Job.Generation generation;
    /** Guarded by one event being told at a time. */
    int told;
  }

  private final Checks checks;
  private final Map<String, Chapter> chapters = new ConcurrentHashMap<>();
  private final LongAdder updated = new LongAdder();
  private final LongAdder terminal = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder deleted = new LongAdder();
  private final LongAdder evicted = new LongAdder();
  private volatile AutoRefresh<String, Job> cache;

  Story(Checks checks) {
    this.checks = checks;
  }

  void of(AutoRefresh<String, Job> cache) {
    this.cache = cache;
  }

  @Override
  public void accept(ItemEvent<String, Job> event) {
    Chapter chapter = chapters.computeIfAbsent(event.id(), id -> new Chapter());
    expect(chapter.telling.compareAndSet(false, true), "two events of an id at once", event);
    Job.Generation generation = event.item().generation();
    Job.Generation before = chapter.generation;
    expect(generation.id.equals(event.id()), "an item of another id", event);
    expect(before == null || before == generation || before.ended, "a later generation before the end of one", event);
    expect(!generation.ended, "an event after the end", event);
    chapter.generation = generation;
    tell(event, generation);
    if (++chapter.told % SLOW_EVERY == 0) {
      // Long enough for others to bring about the next event of this id.
      LockSupport.parkNanos(SLOW_NANOS);
    }
    chapter.telling.set(false);
  }

  private void tell(ItemEvent<String, Job> event, Job.Generation generation) {
    Job item = event.item();
    switch (event) {
      case ItemEvent.Updated<String, Job> e -> {
        updated.increment();
        expect(generation.marked < 0 || item.version() <= generation.marked, "an update of a marked item", event);
        expect(!generation.terminal && !e.previous().done(), "an update of a terminal item", event);
        expect(e.previous().generation() == generation && e.previous().version() == generation.told
            && item.version() == generation.told + 1, "an update out of order", event);
        generation.told = item.version();
      }
      case ItemEvent.BecameTerminal<String, Job> e -> {
        terminal.increment();
        expect(!generation.terminal && item.done(), "a wrong end state", event);
        generation.terminal = true;
      }
      case ItemEvent.Deleted<String, Job> e -> {
        deleted.increment();
        generation.deleted = true;
        generation.ended = true;
      }
      case ItemEvent.Evicted<String, Job> e -> {
        evicted.increment();
        generation.ended = true;
      }
      case ItemEvent.Failed<String, Job> e -> {
        failed.increment();
        expect(e.failures() > 0 && (e.deleting() || !generation.terminal), "a wrong failure", event);
      }
    }
    expect(item.version() == generation.told, "another version than the last one told", event);
    Job now = cache.get(event.id());
    boolean visible = now == null || now.generation() != generation
        || !generation.ended && now.version() >= item.version();
    expect(visible, "an event before its effect", event);
  }

  private void expect(boolean holds, String otherwise, ItemEvent<String, Job> event) {
    if (!holds) {
      checks.expect(false, "R11: " + otherwise + ": " + event);
    }
  }

  /** What does not add up, or an empty text; holds when nothing is in progress. */
  String contradiction(Stats stats) {
    long gone = stats.deletions() + stats.deletedByRemote() + stats.evictions();
    StringBuilder text = new StringBuilder();
    differ(text, "updated", updated, stats.updated());
    differ(text, "became terminal", terminal, stats.becameTerminal());
    differ(text, "failed", failed, stats.failed() + stats.deletionFailures());
    differ(text, "deleted", deleted, stats.deletions() + stats.deletedByRemote());
    differ(text, "evicted", evicted, stats.evictions());
    if (stats.creations() - gone != stats.size()) {
      text.append("; size ").append(stats.size()).append(" after ").append(stats.creations()).append(" creations and ")
          .append(gone).append(" removals");
    }
    return text.toString();
  }

  private static void differ(StringBuilder text, String what, LongAdder told, long counted) {
    if (told.sum() != counted) {
      text.append("; ").append(what).append(": told ").append(told.sum()).append(", counted ").append(counted);
    }
  }
}
