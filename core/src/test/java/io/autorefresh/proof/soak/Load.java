package io.autorefresh.proof.soak;

import io.autorefresh.AutoRefresh;
import io.autorefresh.CycleReport;
import io.autorefresh.ItemNotFoundException;
import io.autorefresh.ItemState;
import io.autorefresh.RefreshFailedException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** What one thread does in one life: operation after operation, each result checked. */
final class Load {

  private static final int CREATORS_FAIL_EVERY = 20;
  private static final int LOOK_EVERY = 256;
  private static final int WAIT_EVERY = 4_096;
  private static final Duration WAIT = Duration.ofMillis(20);
  private static final long PATIENCE_NANOS = 20_000_000_000L;
  /** Where no background runs. */
  private static final int SYNC_EVERY = 20_000;
  /** A listener drops none of so many events. */
  private static final int MANY_EVENTS = 30_000;
  private static final long PAUSE_NANOS = 500_000;

  /** Failing creators throw this, so that it is told from what the cache throws. */
  private static final class CreatorFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  private final AutoRefresh<String, Job> cache;
  private final Checks checks;
  private final int thread;
  private final boolean isAlone;
  private final Map<String, Job> lastSeen = new HashMap<>();

  /**
   * Creates the load of one thread.
   *
   * @param isAlone whether no background runs
   */
  Load(AutoRefresh<String, Job> cache, Checks checks, int thread, boolean isAlone) {
    this.thread = thread;
    this.cache = cache;
    this.checks = checks;
    this.isAlone = isAlone;
  }

  /** Runs the operations of a round; returns false if the cache was closed meanwhile. */
  boolean run(SplittableRandom numbers, int operations) throws Exception {
    for (int i = 0; i < operations && checks.isAllRight(); i++) {
      try {
        run(Plan.operation(numbers, thread), Plan.id(numbers), numbers.nextInt(CREATORS_FAIL_EVERY) == 0);
        if (i % WAIT_EVERY == 0) {
          await(Plan.id(numbers), numbers.nextInt(6));
        }
        if (i % LOOK_EVERY == 0) {
          letTheListenerKeepUp();
        }
        if (isAlone && i % SYNC_EVERY == 0) {
          sync(cache.sync());
        }
      } catch (IllegalStateException e) {
        checks.expect(isClosed(e), "an unexpected refusal: " + e);
        return false;
      }
    }
    return true;
  }

  private static boolean isClosed(IllegalStateException e) {
    return String.valueOf(e.getMessage()).endsWith(" is closed");
  }

  /** Waits in one of the ways that there are; it must end, with a reason. */
  private void await(String id, int way) throws Exception {
    long begin = System.nanoTime();
    checks.requested.add(id);
    try {
      switch (way) {
        case 0 -> see(id, cache.await(id, job -> job.version() > 1, WAIT));
        case 1 -> see(id, cache.refreshNow(id, WAIT));
        case 2 -> see(id, cache.getFresh(id, Plan.PERIOD, WAIT));
        case 3 -> checks.expect(cache.awaitReady(WAIT) || !cache.stats().isReady() || isAlone, "W5: ready in vain");
        case 4 -> cache.refreshSoon(id);
        default -> cache.asMap().forEach(this::see);
      }
    } catch (ItemNotFoundException | TimeoutException | RefreshFailedException e) {
      checks.expect(way < 4, "W2: no reason for " + e);
    } catch (IllegalStateException e) {
      boolean known = way == 0 && e.getMessage().contains("terminal")
          || isAlone && e.getMessage().contains("no background");
      if (!known) {
        throw e;
      }
    }
    long late = System.nanoTime() - begin - WAIT.toNanos();
    checks.expect(late < PATIENCE_NANOS, "W1: a wait ended " + late + " ns late");
  }

  /** Where no background runs, cycles hear the events. */
  private void letTheListenerKeepUp() throws Exception {
    while (cache.stats().waitingEvents() > MANY_EVENTS && checks.isAllRight()) {
      if (isAlone) {
        sync(cache.sync());
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private void run(Plan.Operation operation, String id, boolean isSpecial) throws Exception {
    switch (operation) {
      case GET -> see(id, cache.get(id));
      case GET_OR_THROW -> {
        try {
          see(id, cache.getOrThrow(id));
        } catch (ItemNotFoundException e) {
          lastSeen.remove(id);
        }
      }
      case CREATE_FROM_VALUE ->
          create(() -> created(id, cache.getOrCreate(id, isSpecial ? Job.finished(id) : Job.first(id))));
      case CREATE_BY_DEFAULT -> create(() -> created(id, cache.getOrCreate(id)));
      case CREATE_BY_CREATOR -> create(() -> created(id, cache.getOrCreate(id, key -> {
        if (isSpecial) {
          throw new CreatorFailed();
        }
        return Job.first(key);
      })));
      case DELETE -> {
        cache.deleteDelayed(id);
        inspect(id, cache.inspect(id));
      }
      case INSPECT -> inspect(id, cache.inspect(id));
      case SIZE -> checks.expect(cache.size() >= 0, "the size is negative");
      case STATS -> checks.expect(cache.stats().runningJobs() <= Plan.MAX_CONCURRENCY, "R8: too many jobs run");
      case SYNC -> sync(cache.sync());
    }
  }

  /** Creates; a creator that fails may be that of another caller, whose end this one waited for. */
  private static void create(Runnable creation) {
    try {
      creation.run();
    } catch (CreatorFailed e) {
      // as planned
    }
  }

  /** The builder's creator: fails for some ids. */
  static Job createByDefault(String id) {
    if (id.hashCode() % CREATORS_FAIL_EVERY == 0) {
      throw new CreatorFailed();
    }
    return Job.first(id);
  }

  private void created(String id, @Nullable Job job) {
    checks.expect(job != null, "C1: no item of " + id);
    see(id, job);
  }

  /** Values of an id come from its own generation, never go back, and not from one that has ended. */
  private void see(String id, @Nullable Job job) {
    if (job == null) {
      lastSeen.remove(id);
      return;
    }
    Job.Generation generation = job.generation();
    checks.expect(generation.id.equals(id), "G1: " + id + " has an item of another id");
    if (generation.ended) {
      Job again = cache.get(id);
      checks.expect(again == null || again.generation() != generation, "D4: " + id + " is there after its end");
    }
    Job before = lastSeen.put(id, job);
    checks.expect(before == null || before.generation() != generation || before.version() <= job.version(),
        "D4: " + id + " went back to an older version");
  }

  private void inspect(String id, Optional<ItemState<Job>> state) {
    state.ifPresent(seen -> {
      see(id, seen.value());
      if (seen.marked()) {
        seen.value().generation().marked = seen.value().version();
      }
      checks.expect(!seen.age().isNegative() && seen.failures() >= 0 && seen.unanswered() >= 0
          && seen.started() != isAlone, "a wrong state: " + seen);
      checks.expect(seen.confirmed() || seen.value().version() == 0, "updated and not confirmed: " + seen);
      checks.expect(seen.marked() || !seen.terminal() || seen.due() == ItemState.Due.NEVER
          || seen.due() == ItemState.Due.IN_FLIGHT || seen.due() == ItemState.Due.REQUESTED,
          "C3: terminal and due: " + seen);
    });
  }

  private void sync(CycleReport report) {
    checks.expect(report.items() == report.updated() + report.unchanged() + report.deletedByRemote() + report.failed()
        + report.unanswered() + report.staleOutcomes() + report.skipped(), "R3: it does not add up: " + report);
  }
}
