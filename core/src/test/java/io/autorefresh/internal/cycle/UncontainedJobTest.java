package io.autorefresh.internal.cycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.autorefresh.internal.cycle.Tally.Count;
import io.autorefresh.internal.items.ItemMap;
import io.autorefresh.internal.items.Outbox;
import io.autorefresh.internal.items.Table;
import org.junit.jupiter.api.Test;

/** R5: what is thrown even while a job contains something leaves no task, since that would end the scope for all. */
class UncontainedJobTest {

  private static final class Items extends Table<Integer, Integer> {}

  private final Tally totals = new Tally();
  private final ItemMap<Integer, Integer> map =
      new ItemMap<>(new Items(), 10, () -> 0, value -> false, false, null, () -> {});
  private final Context<Integer, Integer> context = new ContextBuilder(map).totals(totals).build();
  private final Cycle<Integer, Integer> cycle =
      new Cycle<>(context, "c/cycle-1", 1, Agenda.sync(), () -> false, () -> {});

  /** Cannot even say its name. */
  private final class Hopeless extends Job<Integer, Integer> {

    boolean released;

    Hopeless() {
      super(UncontainedJobTest.this.cycle, 1, false);
    }

    @Override
    String prefix() {
      throw new OutOfMemoryError("of the test");
    }

    @Override
    boolean take() {
      throw new OutOfMemoryError("of the test");
    }

    @Override
    void ask() {}

    @Override
    void apply() {}

    @Override
    void expire(Outbox<Integer, Integer> outbox) {}

    @Override
    void release() {
      released = true;
    }

    @Override
    void forget() {}

    @Override
    boolean isWanted() {
      return true;
    }

    @Override
    void skip() {}
  }

  @Test
  void R5_aJobThatCannotContainWhatIsThrown_endsAndThrowsNothing() {
    Hopeless job = new Hopeless();
    assertThatCode(job::call).doesNotThrowAnyException();
    assertThat(job.isDone()).isTrue();
    assertThat(job.released).isTrue();
    assertThat(totals.sum(Count.CONTAINED)).isEqualTo(1);
  }
}
