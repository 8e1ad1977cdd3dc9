package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.MILLI;
import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static io.autorefresh.internal.schedule.Planner.times;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Planner.Turn;
import io.autorefresh.internal.schedule.Schedule.Extent;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** R8 as arithmetic: how many calls a second a schedule hands out, and when it says that there is something to do. */
class CallRateTest {

  private final Planner planner = new Planner();

  @Test
  void R8_allSorts_shareTheRate() {
    planner.callsPerSecond = 1.0;
    List<Thing> things = planner.live("n", 6);
    planner.fail(things.getFirst(), 0);
    planner.begin(Extent.PERIOD, things.get(1), things.get(2));
    planner.create("new", 3);
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(times(turns)).isEqualTo(LongStream.range(0, 9).mapToObj(i -> i * SECOND).toList());
    assertThat(planner.schedule().isPaced()).isTrue();
  }

  @Test
  void R8_aBurst_isOf50Milliseconds() {
    planner.callsPerSecond = 100.0;
    planner.live("n", 20);
    planner.begin(Extent.PERIOD);
    assertThat(planner.drain()).hasSize(5);
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(10 * MILLI);
    assertThat(planner.runUntil(PERIOD).getLast().at()).isEqualTo(150 * MILLI);
  }

  @Test
  void R8_whatIsGone_costsNoCall() {
    planner.callsPerSecond = 1.0;
    List<Thing> things = planner.live("n", 5);
    planner.busy = false;
    planner.begin(Extent.PERIOD, things.getLast());
    things.forEach(thing -> thing.live = false);
    things.get(2).live = true;
    List<Turn> turns = planner.runUntil(PERIOD);
    assertThat(turns).asString().isEqualTo("[REFRESH [n2]]");
    assertThat(turns.getFirst().at()).isZero();
    assertThat(planner.schedule().takeSkipped()).as("of refreshes").isEqualTo(3);
  }

  @Test
  void R8_beneathASpread_theSlowerOneCounts() {
    planner.spread = true;
    planner.callsPerSecond = 0.5;
    planner.live("n", 90);
    planner.begin(Extent.PERIOD);
    assertThat(times(planner.runUntil(7 * SECOND))).containsExactly(0L, 2 * SECOND, 4 * SECOND, 6 * SECOND);
  }

  @Test
  void R8_whereNothingWaits_thereIsNothingToWakeFor() {
    planner.callsPerSecond = 1.0;
    planner.live("n", 1);
    planner.begin(Extent.PERIOD);
    planner.drain();
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(Schedule.NEVER);
  }

  /** What the schedule says of its delay is so: nothing begins before, and something does then. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void R8_R9_theDelay_isExact(long seed) {
    Random random = new Random(seed);
    planner.batchSize = 1 + random.nextInt(3);
    planner.spread = random.nextBoolean();
    planner.groups = true;
    planner.phase = random.nextDouble();
    planner.callsPerSecond = random.nextBoolean() ? null : 0.1 + 3 * random.nextDouble();
    planner.begin(Extent.START);
    for (int step = 0; step < 2_000; step++) {
      List<Thing> all = planner.stripes.getFirst();
      switch (random.nextInt(all.isEmpty() ? 1 : 12)) {
        case 0 -> planner.create("n" + step, 1).getFirst().in(random.nextInt(3));
        case 1, 2 -> planner.fail(any(all, random), random.nextLong(60 * SECOND));
        case 3 -> planner.postpone(any(all, random), random.nextLong(3 * PERIOD));
        case 4 -> any(all, random).live = random.nextBoolean();
        case 5 -> planner.begin(Extent.PERIOD);
        default -> planner.now += random.nextLong(SECOND);
      }
      Turn turn = planner.next();
      if (turn != null) {
        turn.things().forEach(Thing::confirmed);
      } else {
        long delay = planner.schedule().delay(Planner.time(planner.now));
        assertThat(delay).as("step %s", step).isPositive();
        if (delay != Schedule.NEVER) {
          planner.now += delay - 1;
          assertThat(planner.next()).as("step %s, a moment before", step).isNull();
          planner.now++;
          assertThat(planner.schedule().delay(Planner.time(planner.now))).as("step %s, then", step).isZero();
        }
      }
    }
  }

  private static Thing any(List<Thing> things, Random random) {
    return things.get(random.nextInt(things.size()));
  }
}
