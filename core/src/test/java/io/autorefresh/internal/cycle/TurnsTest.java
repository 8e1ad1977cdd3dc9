package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Table;
import io.autorefresh.kit.LogCapture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;

/** R1: who is due has its turn once, in the order in which items came, but that batches have one lock each. */
class TurnsTest {

  private static final int BATCH = 3;
  private static final int EACH = 7;

  private static final class Items extends Table<Integer, Integer> {}

  @AutoClose
  private final LogCapture log = LogCapture.open();

  private final ItemMap<Integer, Integer> map =
      new ItemMap<>(new Items(), 100_000, () -> 0, value -> value < 0, false, null, () -> {});
  private final Context<Integer, Integer> context = new ContextBuilder(map)
      .batchSize(BATCH).gate(new Gate(1_000, null)).build();

  @Test
  void R1_stripesHaveTurnsOfABatch_andWhatIsNotDueTakesUpNoPlace() throws Exception {
    int stripes = Integer.highestOneBit(4 * Runtime.getRuntime().availableProcessors());
    List<List<Integer>> due = new ArrayList<>();
    for (int stripe = 0; stripe < stripes; stripe++) {
      int first = stripe;
      due.add(IntStream.range(0, EACH).map(i -> first + i * stripes).boxed().toList());
    }
    for (int id = 0; id < EACH * stripes; id++) {
      // Terminal ones lie between the others.
      map.creations().getOrCreate(-1 - id, -1);
      map.creations().getOrCreate(id, 0);
    }
    List<Integer> expected = new ArrayList<>();
    for (int from = 0; from < EACH; from += BATCH) {
      for (List<Integer> own : due) {
        expected.addAll(own.subList(from, Math.min(from + BATCH, EACH)));
      }
    }
    assertThat(sync()).isEqualTo(expected);
  }

  /** Runs a cycle and returns what its jobs took, one after the other. */
  private List<Integer> sync() throws InterruptedException {
    Queue<SteppedJob<Integer, Integer>> jobs = new ArrayDeque<>();
    SteppedCycle<Integer, Integer> cycle = new SteppedCycle<>(
        new Cycle<>(context, "c/cycle-1", 1, Agenda.sync(), () -> false, () -> {}), false, jobs::add);
    List<Integer> ids = new ArrayList<>();
    while (cycle.step()) {
      for (SteppedJob<Integer, Integer> job; (job = jobs.poll()) != null; ) {
        assertThat(job.begin()).isTrue();
        ids.addAll(job.ids());
        job.end();
      }
    }
    return ids;
  }
}
