package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.kit.LogCapture;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R2: a job whose cycle was cancelled has its item until it ends, or until its time is over. */
class CancelledJobTest {

  private static final long TIMEOUT = 1_000;

  private static final class Items extends Table<Integer, Integer> {}

  @AutoClose
  private final LogCapture log = LogCapture.open();

  private long now = 10 * TIMEOUT;
  private long realNow;
  private boolean ending;
  private final ItemMap<Integer, Integer> map =
      new ItemMap<>(new Items(), 10, () -> now, value -> false, false, null, () -> {});
  private final Gate gate = new Gate(1, null);
  private final Context<Integer, Integer> context = new ContextBuilder(map)
      .gate(gate).ticker(() -> now).realTime(() -> realNow).timeout(TIMEOUT).build();
  private final List<SteppedJob<Integer, Integer>> jobs = new ArrayList<>();
  private final SteppedCycle<Integer, Integer> cycle = new SteppedCycle<>(
      new Cycle<>(context, "c/cycle-1", 1, Agenda.sync(), () -> ending, () -> {}), false, jobs::add);

  @BeforeEach
  void aJobIsHandedOut() throws InterruptedException {
    map.creations().getOrCreate(1, 0);
    assertThat(cycle.step()).isTrue();
  }

  private void beginAndCancel() {
    assertThat(jobs.getFirst().begin()).isTrue();
    cancel();
  }

  private void cancel() {
    ending = true;
    assertThat(cycle.step()).isTrue();
    assertThat(jobs.getFirst().isAwaited()).isFalse();
  }

  private boolean isInFlight() {
    return Boolean.TRUE.equals(map.inspect(1, item -> item.isInFlight()));
  }

  @Test
  void R2_itsItemIsInFlightHoweverLongTheJobTakesToEnd() {
    beginAndCancel();
    realNow += 10 * SteppedJob.GRACE;
    assertThat(cycle.step()).isTrue();
    assertThat(isInFlight()).isTrue();
    assertThat(gate).returns(1, Gate::running).returns(0, Gate::abandoned);

    jobs.getFirst().end();
    assertThat(isInFlight()).isFalse();
    assertThat(gate.running()).isZero();
    assertThat(cycle.step()).as("there is more to do").isFalse();
  }

  @Test
  void R7_itIsNotAbandonedBeforeItsThreadHasBegun() {
    cancel();
    for (int i = 0; i < 3; i++) {
      now += TIMEOUT;
      realNow += SteppedJob.GRACE;
      assertThat(cycle.step()).isTrue();
    }
    assertThat(gate).returns(1, Gate::running).returns(0, Gate::abandoned);
    assertThat(log.entries()).isEmpty();

    assertThat(jobs.getFirst().begin()).as("it asks").isFalse();
    assertThat(gate.running()).isZero();
    assertThat(cycle.step()).as("there is more to do").isFalse();
  }

  @Test
  void R7_itIsAbandonedWhenItsTimeIsOver() {
    beginAndCancel();
    now += TIMEOUT;
    assertThat(cycle.step()).isTrue();
    assertThat(gate.abandoned()).isZero();
    realNow += SteppedJob.GRACE;
    assertThat(cycle.step()).isTrue();
    assertThat(isInFlight()).isFalse();
    assertThat(gate).returns(0, Gate::running).returns(1, Gate::abandoned);

    jobs.getFirst().end();
    assertThat(gate.abandoned()).isZero();
    assertThat(cycle.step()).as("there is more to do").isFalse();
  }
}
