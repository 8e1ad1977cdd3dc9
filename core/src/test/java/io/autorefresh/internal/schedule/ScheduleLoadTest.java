package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Schedule.Extent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** R10 as arithmetic: what the log says of a cycle that could not hand out all in its period. */
class ScheduleLoadTest {

  private final Planner planner = new Planner();

  /** Runs a cycle of 100 seconds. */
  private String loadAfterACycle(Thing... deletions) {
    planner.begin(Extent.PERIOD, deletions);
    planner.runUntil(PERIOD);
    return planner.schedule().load("limited");
  }

  @Test
  void R10_theLoad_isTheCallsThatAreNeededAndTheTimeThatTheyTake() {
    planner.callsPerSecond = 10.0;
    planner.live("n", 100_000);
    String load = loadAfterACycle();
    int handedOut = planner.turns.size();
    assertThat(handedOut).as("ten a second").isEqualTo(1_000);
    assertThat(load).isEqualTo("100,000 items need 1,000 calls/s, limited: a cycle takes 10,000 s; "
        + "99,000 items and 0 deletions wait");
  }

  @Test
  void R10_batches_needFewerCalls() {
    planner.callsPerSecond = 1.0;
    planner.batchSize = 30;
    planner.live("n", 6_010);
    assertThat(loadAfterACycle()).as("201 batches, of which 100 went").isEqualTo(
        "6,010 items in batches of 30 need 2.01 calls/s, limited: a cycle takes 200.3 s; 3,010 items and 0 deletions wait");
  }

  @Test
  void R10_eachGroup_needsCallsOfItsOwn() {
    planner.callsPerSecond = 1.0;
    planner.groups = true;
    planner.batchSize = 100;
    for (int group = 0; group < 150; group++) {
      planner.live("g" + group + "-", 2, group);
    }
    assertThat(loadAfterACycle()).isEqualTo(
        "300 items in batches of 100 need 1.5 calls/s, limited: a cycle takes 150 s; 100 items and 0 deletions wait");
  }

  @Test
  void R10_deletionsThatWait_areCounted() {
    planner.callsPerSecond = 1.0;
    Thing[] marked = planner.live("marked", 150).toArray(Thing[]::new);
    planner.live("n", 100);
    String load = loadAfterACycle(marked);
    assertThat(load).as("ten seconds of deletions, then turns").startsWith(
        "100 items need 1 calls/s, limited: a cycle takes 222.2 s; 55 items and 95 deletions wait");
  }

  @Test
  void R10_whereNothingCouldBeHandedOut_theTimeIsThatOfOneCallACycle() {
    planner.live("n", 50);
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().load("limited")).endsWith("a cycle takes 5,000 s; 50 items and 0 deletions wait");
  }

  @Test
  void R10_whatWasLeftOver_isPartOfTheNextLoad() {
    planner.callsPerSecond = 1.0;
    List<Thing> things = planner.live("n", 150);
    loadAfterACycle();
    planner.begin(Extent.PERIOD);
    planner.runUntil(planner.now + PERIOD);
    assertThat(planner.schedule().load("limited")).startsWith("150 items need 1.5 calls/s").contains("50 items");
    assertThat(planner.schedule().effectivePeriod()).isEqualTo(150 * SECOND);
    assertThat(things).hasSize(150);
  }
}
