package io.autorefresh.proof.soak;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.AutoRefresh;
import io.autorefresh.Stats;
import io.autorefresh.internal.items.Invariants;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.ThreadDump;
import io.autorefresh.proof.Proof;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** Life after life of a cache under a mixed load, until the time is over. */
@Proof
@Tag("soak")
class SoakTest {

  private static final int THREADS = Math.max(4, Runtime.getRuntime().availableProcessors() + 1);
  /** What the heap may have grown by between the end of the first life and that of the last. */
  private static final long HEAP_BOUND = 8 << 20;
  private static final int THREAD_BOUND = 8;
  private static final long PATIENCE_SECONDS = 120;
  private static final long CLOSE_TIMEOUT_SECONDS = 10;

  private final long seed = Long.getLong("soak.seed", System.nanoTime());
  /** Brief among all other proofs, longer if asked for by name. */
  private final double minutes = Double.parseDouble(
      System.getProperty("soak.minutes", "soak".equals(System.getProperty("proof")) ? "10" : "1"));
  private final Plan plan = new Plan(seed);

  @Test
  void soak_allRulesHoldUnderAMixedLoadWithFaults(TestReporter reporter) throws Exception {
    long end = System.nanoTime() + (long) (minutes * TimeUnit.MINUTES.toNanos(1));
    long heap = 0;
    int threads = 0;
    int lives = 0;
    reporter.publishEntry("soak.seed", String.valueOf(seed));
    System.getLogger(SoakTest.class.getName()).log(System.Logger.Level.INFO, "-Dsoak.seed=" + seed);
    try (Checks checks = new Checks();
        ExecutorService callers = Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().factory())) {
      do {
        live(lives, checks, callers);
        if (lives++ == 0) {
          heap = heap();
          threads = ThreadDump.take().threads().size();
        }
      } while (checks.isAllRight() && System.nanoTime() - end < 0);
      reporter.publishEntry("lives", String.valueOf(lives));
      assertThat(checks.wrong()).as("with -Dsoak.seed=%s, in life %s", seed, lives - 1).isEmpty();
      assertThat(heap()).as("the heap, with -Dsoak.seed=%s", seed).isLessThan(heap + HEAP_BOUND);
      assertThat(ThreadDump.take().threads()).as("the threads").hasSizeLessThan(threads + THREAD_BOUND);
    }
  }

  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    System.gc();
    System.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private void live(int life, Checks checks, ExecutorService callers) throws Exception {
    boolean isAlone = plan.isAlone(life);
    FaultyRemote remote = new FaultyRemote(plan, life, checks);
    Story story = new Story(checks, Plan.name(life), plan.deletedAfter(life));
    AutoRefresh<String, Job> cache = plan.settings(life).refreshBatch(remote).onDelete(remote).listener(story)
        .create(Load::createByDefault).build();
    story.of(cache);
    if (!isAlone) {
      cache.start();
    }
    List<Load> loads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      loads.add(new Load(cache, checks, i, isAlone));
    }
    for (int round = 0; round < Plan.ROUNDS && checks.isAllRight(); round++) {
      remote.beginRound(round);
      checks.requested.clear();
      long begin = System.nanoTime();
      if (!together(callers, life, round, loads)) {
        checks.expect(false, "a caller did not return in " + PATIENCE_SECONDS + " s: " + cache.stats());
      }
      remote.calmDown();
      isSound(cache, story, remote, checks, life, begin);
    }
    closeUnderLoad(cache, story, remote, checks, callers, loads, life);
  }

  /** Runs a round of every thread; returns whether all have returned in time. */
  private boolean together(ExecutorService callers, int life, int round, List<Load> loads) throws Exception {
    List<Callable<Boolean>> tasks = new ArrayList<>();
    for (int i = 0; i < loads.size(); i++) {
      int thread = i;
      tasks.add(() -> loads.get(thread).run(plan.numbers(life, round, thread), Plan.OPERATIONS));
    }
    boolean inTime = true;
    for (Future<Boolean> task : callers.invokeAll(tasks, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      if (task.isCancelled()) {
        inTime = false;
      } else {
        task.get();
      }
    }
    return inTime;
  }

  /**
   * Looks at everything in a moment at which nothing is in progress; there are many such between two calls. No load and
   * no fault is there any more, so in the end each live item is confirmed, and each marked one is gone.
   */
  private void isSound(AutoRefresh<String, Job> cache, Story story, FaultyRemote remote, Checks checks, int life,
      long begin) throws Exception {
    long calm = System.nanoTime();
    String[] wrong = {""};
    try {
      Await.until("the cache is quiet, fresh and sound", () -> {
        if (plan.isAlone(life)) {
          cache.sync();
        }
        long sinceCalm = System.nanoTime() - calm;
        Stats before = cache.stats();
        wrong[0] = before.inFlight() + before.runningJobs() + before.abandonedJobs() > 0
            ? "; it is busy"
            : unfinished(before) + stale(cache, sinceCalm) + story.contradiction(before) + map(cache);
        return wrong[0].isEmpty();
      });
    } catch (AssertionError e) {
      checks.expect(false, "it never became sound" + wrong[0] + ": " + cache.stats());
    }
    if (plan.isSpread(life) && !plan.isAlone(life)) {
      isSpread(cache, remote, checks);
    }
    int rate = plan.callsPerSecond(life);
    if (rate > 0) {
      // At the beginning and at the end no call was on its way, so the pacer's own bound holds exactly.
      int calls = remote.calls();
      double most = 1 + (System.nanoTime() - begin) / 1e9 * rate + 0.05 * rate;
      checks.expect(calls <= most, "R8: " + calls + " calls, not " + most);
    }
    checks.expect(cache.size() <= Plan.MAXIMUM_SIZE, "C5: the size is " + cache.size());
    checks.expect(!cache.stats().hasFailed(), "R5: the background has failed");
  }

  private static String unfinished(Stats stats) {
    long count = stats.pendingDeletion() + stats.failing() + stats.neverRefreshed();
    return count == 0 ? "" : "; " + count + " items are marked, failing or new";
  }

  private static String stale(AutoRefresh<String, Job> cache, long sinceCalm) {
    long oldest = cache.freshness().count() == 0 ? 0 : cache.freshness().max().toNanos();
    return oldest < sinceCalm ? "" : "; not confirmed since all is well: " + cache.freshness();
  }

  /** What is wrong with the map; a job that begins while one looks may look wrong, too. */
  private static String map(AutoRefresh<String, Job> cache) {
    try {
      String wrong = Invariants.check(cache);
      return wrong.isEmpty() ? "" : "; " + wrong;
    } catch (NullPointerException e) {
      return "; something moved: " + e;
    }
  }

  /**
   * R9, as far as it shows at the remote: without creations, deletions and failures, walk and things with due times of
   * their own bring at most the calls that their two meters allow, and those under way at the beginning.
   */
  private void isSpread(AutoRefresh<String, Job> cache, FaultyRemote remote, Checks checks) throws Exception {
    double batches = (double) Plan.MAXIMUM_SIZE / Plan.BATCH + Plan.GROUPS;
    double rate = batches / (0.9 * Plan.PERIOD.toNanos() / 1e9);
    long cycles = cache.stats().cycles();
    int before = remote.calls();
    long begin = System.nanoTime();
    Await.until("five cycles are over", () -> cache.stats().cycles() >= cycles + 5);
    int calls = remote.calls() - before;
    double stretch = (System.nanoTime() - begin) / 1e9;
    double most = 2 * (1 + (stretch + 0.05) * rate) + Plan.MAX_CONCURRENCY;
    checks.expect(calls <= most, "R9: " + calls + " calls in " + stretch + " s, not " + most);
  }

  private void closeUnderLoad(AutoRefresh<String, Job> cache, Story story, FaultyRemote remote, Checks checks,
      ExecutorService callers, List<Load> loads, int life) throws Exception {
    remote.beginRound(Plan.ROUNDS);
    List<Future<Boolean>> running = new ArrayList<>();
    for (int i = 0; i < loads.size(); i++) {
      int thread = i;
      running.add(callers.submit(
          () -> loads.get(thread).run(plan.numbers(life, Plan.ROUNDS, thread), Integer.MAX_VALUE)));
    }
    int calls = 20;
    Await.until("there are calls to close upon",
        () -> remote.calls() > calls || !checks.isAllRight() || cache.stats().failed() > 0);
    long begin = System.nanoTime();
    cache.close();
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    int running0 = remote.running();
    boolean inTime = took.toSeconds() < CLOSE_TIMEOUT_SECONDS;
    checks.expect(!inTime || running0 == 0, "L2: " + running0 + " calls run after the close");
    checks.expect(took.toSeconds() < 2 * CLOSE_TIMEOUT_SECONDS, "L2: closing took " + took);
    for (Future<Boolean> load : running) {
      checks.expect(!load.get(PATIENCE_SECONDS, TimeUnit.SECONDS) || !checks.isAllRight(), "L3: it is not closed");
    }
    Await.until("no thread of the cache is left",
        () -> ThreadDump.take().threads().stream().noneMatch(name -> name.startsWith(Plan.name(life) + "/")
            || name.equals(Plan.name(life))));
    Stats stats = cache.stats();
    checks.expect(stats.inFlight() + stats.runningJobs() + stats.abandonedJobs() == 0, "L2: " + stats);
    checks.expect(map(cache).isEmpty(), "after the close" + map(cache));
    if (inTime) {
      String contradiction = story.contradiction(stats);
      checks.expect(contradiction.isEmpty(), "L2: what took effect is not told" + contradiction);
      checks.expect(untried(cache, begin).isEmpty(), "L2: deletions were not tried: " + untried(cache, begin));
    }
  }

  /** The items that are still marked, though no call of the deleter for them has ended since the close began. */
  private static List<String> untried(AutoRefresh<String, Job> cache, long begin) {
    return IntStream.range(0, Plan.IDS).mapToObj(i -> "id-" + i)
        .filter(id -> cache.inspect(id)
            .filter(state -> state.marked() && !state.value().generation().isDeletionTriedSince(begin)).isPresent())
        .toList();
  }
}
