package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R8: the owner of a cycle whose jobs wait for processors is woken when so few are left that it is time for more. */
class SaturationTest {

  private static final int SLOTS = 64;
  private static final int ITEMS = 100;
  /** A quarter of the slots is enough to keep the processors busy meanwhile. */
  private static final int ENOUGH = SLOTS / 4;

  /** So many of the slots may be free, where time stands still, until somebody is woken. */
  private static final int MODERATED = SLOTS / 8;

  private static final class Items extends Table<Integer, Integer> {}

  private final ItemMap<Integer, Integer> map =
      new ItemMap<>(new Items(), ITEMS, () -> 0, value -> false, false, null, () -> {});
  private final Gate gate = new Gate(SLOTS, null);
  private final Context<Integer, Integer> context = new ContextBuilder(map).gate(gate).build();
  private final List<SteppedJob<Integer, Integer>> jobs = new ArrayList<>();

  private SteppedCycle<Integer, Integer> full() throws InterruptedException {
    for (int id = 0; id < ITEMS; id++) {
      map.creations().getOrCreate(id, 0);
    }
    SteppedCycle<Integer, Integer> cycle = new SteppedCycle<>(
        new Cycle<>(context, "c/cycle-1", 1, Agenda.sync(), () -> false, () -> {}), false, jobs::add);
    assertThat(cycle.step()).isTrue();
    assertThat(jobs).hasSize(SLOTS);
    return cycle;
  }

  private static boolean isWoken(SteppedCycle<?, ?> cycle) {
    return cycle.left() == 0;
  }

  @Test
  void R8_theOwnerSleepsUntilFewOfItsJobsWaitForAProcessor() throws InterruptedException {
    SteppedCycle<Integer, Integer> cycle = full();
    for (int i = 0; i < SLOTS - ENOUGH; i++) {
      assertThat(isWoken(cycle)).as("woken by the end of job %s", i).isFalse();
      jobs.get(i).runAll();
    }
    assertThat(jobs.get(SLOTS - ENOUGH).begin()).isTrue();
    assertThat(isWoken(cycle)).isTrue();
    assertThat(cycle.step()).isTrue();
    assertThat(jobs).as("one for every slot that was given back").hasSize(ITEMS);
  }

  @Test
  void R8_whereAllJobsHaveProcessorsTheOwnerIsWokenByThoseThatEnd() throws InterruptedException {
    SteppedCycle<Integer, Integer> cycle = full();
    for (SteppedJob<Integer, Integer> job : List.copyOf(jobs)) {
      assertThat(job.begin()).isTrue();
    }
    assertThat(isWoken(cycle)).isTrue();
    assertThat(cycle.step()).isTrue();
    assertThat(isWoken(cycle)).isFalse();
    for (int i = 0; i < MODERATED; i++) {
      assertThat(isWoken(cycle)).isFalse();
      jobs.get(i).end();
    }
    assertThat(isWoken(cycle)).isTrue();
    assertThat(cycle.step()).isTrue();
    assertThat(jobs).hasSize(SLOTS + MODERATED);
  }
}
