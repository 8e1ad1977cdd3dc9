package io.autorefresh.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.ItemEvent;
import io.autorefresh.Outcome;
import io.autorefresh.RemovalCause;
import io.autorefresh.RetryAfterException;
import io.autorefresh.Stats;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** R11 in the thick of it: creations, refreshes, deletions and evictions of a few ids, all at once. */
@Timeout(60)
class ListenerRaceTest {

  /** A value that tells its generation; two are the same only if they are the same instance. */
  private static final class Step {
    private final int generation;
    private final int step;

    Step(int generation, int step) {
      this.generation = generation;
      this.step = step;
    }

    Step next() {
      return new Step(generation, step + 1);
    }

    @Override
    public String toString() {
      return generation + "." + step;
    }
  }

  /** The events of one id: each generation begins with its creation, goes on without a gap, and ends. */
  private static final class Story {
    private @Nullable Step last;
    private int ended = -1;

    /** Takes the next event; returns what is wrong with it, or null. */
    @Nullable String follow(ItemEvent<Integer, Step> event, @Nullable Step visible) {
      if (event instanceof ItemEvent.Created) {
        if (last != null || event.item().step != 0 || event.item().generation <= ended) {
          return "it follows " + last + " and generation " + ended;
        }
        last = event.item();
      }
      Step before = event instanceof ItemEvent.Updated<Integer, Step> updated ? updated.previous() : event.item();
      // The listener hears of a recovery before the update that brought it about.
      if (event instanceof ItemEvent.Recovered) {
        return null;
      }
      if (before != last) {
        return "it does not follow " + last;
      }
      boolean end = event instanceof ItemEvent.Removed;
      last = end ? null : event.item();
      ended = end ? event.item().generation : ended;
      return isVisible(event.item(), end, visible) ? null : "it is not visible: there is " + visible;
    }

    private static boolean isVisible(Step item, boolean end, @Nullable Step visible) {
      return visible == null || visible.generation > item.generation
          || !end && visible.generation == item.generation && visible.step >= item.step;
    }
  }

  @Test
  void R11_theEventsOfAnIdTellItsWholeStoryInOrder_oneAtATime() throws Exception {
    AtomicInteger generations = new AtomicInteger();
    AtomicBoolean stop = new AtomicBoolean();
    Map<Integer, Story> stories = new ConcurrentHashMap<>();
    Queue<String> wrong = new ConcurrentLinkedQueue<>();
    Map<String, AtomicInteger> told = new ConcurrentHashMap<>();
    AtomicInteger listening = new AtomicInteger();
    Holder holder = new Holder();
    try (AutoRefresh<Integer, Step> cache = AutoRefresh.<Integer, Step>builder().name("jobs")
        .refreshEvery(Duration.ofMillis(1)).maximumSize(4).batchSize(2)
        .backoff(Duration.ofMillis(1), Duration.ofMillis(1)).terminal(item -> item.step == 50)
        .refreshBatch(items -> {
          Map<Integer, Outcome<Step>> outcomes = new HashMap<>();
          Thread.yield();
          items.forEach((id, item) -> outcomes.put(id, switch (item.generation % 50 + item.step) {
            case 20 -> Outcome.deleted();
            case 21 -> Outcome.unchanged();
            default -> Outcome.updated(item.next());
          }));
          return outcomes;
        })
        .onDelete((id, item) -> {
          if (item.generation % 7 == 0 && item.step % 2 == 0) {
            throw new RetryAfterException(Duration.ofMillis(1), new IOException("of the test"));
          }
        })
        .listener(event -> {
          if (listening.incrementAndGet() != 1) {
            wrong.add(event + ": it is heard beside another one");
          }
          told.computeIfAbsent(kind(event), kind -> new AtomicInteger()).incrementAndGet();
          Step visible = holder.cache.get(event.id());
          String fault = stories.computeIfAbsent(event.id(), id -> new Story()).follow(event, visible);
          if (fault != null) {
            wrong.add(event + ": " + fault);
          }
          Thread.yield();
          listening.decrementAndGet();
        }).build()) {
      holder.cache = cache;
      cache.start();
      List<Worker<Void>> workers = Worker.startTogether(4, worker -> {
        for (int i = worker; !stop.get(); i++) {
          cache.getOrCreate(i % 6, id -> new Step(generations.incrementAndGet(), 0));
          switch (i % 11) {
            case 3 -> cache.deleteDelayed((i / 11) % 6);
            case 5, 7 -> cache.sync();
            default -> Thread.yield();
          }
        }
        return null;
      });
      try {
        Await.until("every kind of event was told often", () -> !wrong.isEmpty()
            || Stream.of("created", "updated", "removed DELETED", "removed DELETED_BY_REMOTE", "removed EVICTED",
                "deletion failed").allMatch(kind -> told.containsKey(kind) && told.get(kind).get() > 100)
            && told.get("updated").get() > 10_000);
      } finally {
        stop.set(true);
      }
      for (Worker<Void> worker : workers) {
        worker.result();
      }
      cache.close();
      assertThat(wrong).isEmpty();
      Stats stats = cache.stats();
      assertThat(stats.droppedEvents()).isZero();
      assertThat(told.get("created").get()).as("creations heard").isEqualTo((int) stats.creations());
      assertThat(told.get("updated").get()).as("updates heard").isEqualTo((int) stats.updated());
      assertThat(told.get("removed EVICTED").get()).as("evictions heard").isEqualTo((int) stats.evictions());
      assertThat(told.get("removed DELETED").get()).as("deletions heard").isEqualTo((int) stats.deletions());
    }
  }

  private static String kind(ItemEvent<?, ?> event) {
    Told told = Told.of(event);
    return told.detail() instanceof RemovalCause cause ? told.kind() + " " + cause : told.kind();
  }

  /** The cache, for its own listener. */
  private static final class Holder {
    private volatile AutoRefresh<Integer, Step> cache;
  }
}
