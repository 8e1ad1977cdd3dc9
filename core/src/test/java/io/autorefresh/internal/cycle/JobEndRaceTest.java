package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.kit.Await;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A cycle's last job ends in its thread at the moment at which the owner looks. */
@Timeout(60)
class JobEndRaceTest {

  /** So many, or as many as a busy machine has the time for. */
  private static final int ROUNDS = 50_000;

  private static final long ENOUGH = Duration.ofSeconds(3).toNanos();
  private static final long TIMEOUT = 1_000;

  private static final class Items extends Table<Integer, Integer> {}

  private final Thread owner = Thread.currentThread();
  private final long begun = System.nanoTime();
  private volatile long ownersTime;
  private volatile long othersTime;

  /** The job that the other thread is to run as soon as it sees it; null when it has. */
  private final AtomicReference<@Nullable Runnable> next = new AtomicReference<>();

  private volatile boolean over;

  private final Worker<Void> other = Worker.start(() -> {
    while (!over) {
      Await.spinUntil(() -> over || next.get() != null);
      Runnable job = next.get();
      if (job != null) {
        job.run();
        next.set(null);
      }
    }
  });

  /** A cycle of one item, and its job, which has been handed out. */
  private final class OneJob {

    /** How many events the listener was told of, by the owner's thread. */
    int told;
    final ItemMap<Integer, Integer> map =
        new ItemMap<>(new Items(), 10, this::now, value -> false, false, event -> told++, () -> {});
    final List<SteppedJob<Integer, Integer>> jobs = new ArrayList<>();
    final Cycle<Integer, Integer> whole;
    final SteppedCycle<Integer, Integer> cycle;

    OneJob() throws InterruptedException {
      map.creations().getOrCreate(1, 0);
      Context<Integer, Integer> context = new ContextBuilder(map).ticker(this::now).timeout(TIMEOUT).build();
      whole = new Cycle<>(context, "c/cycle-1", 1, Agenda.sync(), () -> false, () -> {});
      cycle = new SteppedCycle<>(whole, false, jobs::add);
      assertThat(cycle.step()).isTrue();
    }

    SteppedJob<Integer, Integer> job() {
      return jobs.getFirst();
    }

    private long now() {
      return Thread.currentThread() == owner ? ownersTime : othersTime;
    }
  }

  private boolean isRoundLeft(int round) {
    return round < ROUNDS && System.nanoTime() - begun < ENOUGH;
  }

  /** Lets the other thread run a task, and returns when it may have begun, after a pause of some length, or has ended. */
  private void begin(Runnable task, int round) {
    next.set(task);
    if (round % 256 == 0) {
      awaitEnd();
    }
    for (int i = round % 256; i > 0; i--) {
      Thread.onSpinWait();
    }
  }

  private void awaitEnd() {
    Await.spinUntil(() -> next.get() == null);
  }

  @AfterEach
  void stop() throws Exception {
    over = true;
    other.result();
  }

  @Test
  void R1_theLastJobWakesTheOwnerOrIsSeen() throws Exception {
    for (int round = 0; isRoundLeft(round); round++) {
      OneJob one = new OneJob();
      assertThat(one.job().begin()).isTrue();
      begin(one.job()::end, round);
      boolean more = one.cycle.step();
      awaitEnd();
      if (more) {
        assertThat(one.cycle.left()).as("nanoseconds until the owner wakes").isZero();
        assertThat(one.cycle.step()).as("there is more to do").isFalse();
      }
    }
  }

  @Test
  void R5_aJobWhoseTimeIsOverAsItEnds_hasEnded() throws Exception {
    for (int round = 0; isRoundLeft(round); round++) {
      ownersTime = 0;
      OneJob one = new OneJob();
      one.map.mark(1);
      ownersTime = 2 * TIMEOUT;
      begin(one.job()::begin, round);
      boolean more = one.cycle.step();
      awaitEnd();
      assertThat(more && one.cycle.step()).as("there is more to do").isFalse();
    }
  }

  @Test
  void R11_whatIsFailedForTheOwnerAsTheJobEnds_isTold() throws Exception {
    othersTime = 2 * TIMEOUT;
    int failures = 0;
    try (LogCapture log = LogCapture.open()) {
      for (int round = 0; isRoundLeft(round); round++) {
        OneJob one = new OneJob();
        assertThat(one.job().begin()).isTrue();
        begin(one.whole::checkTimes, round);
        one.job().end();
        for (int next = 1; one.cycle.step(); ) {
          while (next < one.jobs.size()) {
            one.jobs.get(next++).runAll();
          }
        }
        awaitEnd();
        int failed = one.map.inspect(1, item -> item.failure() == null ? 0 : 1);
        assertThat(one.told).as("events of %s failures", failed).isEqualTo(failed);
        failures += failed;
      }
    }
    assertThat(failures).as("rounds in which the time was over before the job had ended").isPositive();
  }
}
