package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.MILLI;
import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.ItemState.Trouble;
import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import io.autorefresh.internal.schedule.Schedule.Turnabout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** R7, R12 and M1: what a schedule hands out when calls fail, over calls whose ends a test reports. */
class SuspectTest {

  private static final long BACKOFF = SECOND;

  private final Planner planner = new Planner();
  /** The calls that were abandoned, and run. */
  private final List<Call<Thing>> hanging = new ArrayList<>();
  private final Map<Thing, Long> calledAt = new HashMap<>();
  private final List<Planner.Turn> turns = new ArrayList<>();

  @BeforeEach
  void callsAreOpen() {
    planner.answers = false;
  }

  /** Ends the open calls: those with a bad thing by the trouble, the others well; returns how many began since. */
  private int serve(Predicate<Thing> bad, BiConsumer<Call<Thing>, Long> trouble) {
    int served = 0;
    for (;;) {
      turns.addAll(planner.drain());
      List<Call<Thing>> calls = planner.takeOpen();
      if (calls.isEmpty()) {
        return served;
      }
      for (Call<Thing> call : calls) {
        served++;
        List<Thing> things = List.of(call.things());
        things.forEach(thing -> calledAt.put(thing, planner.now));
        if (things.stream().anyMatch(bad)) {
          trouble.accept(call, BACKOFF);
        } else {
          planner.succeed(call);
        }
      }
    }
  }

  private void hang(Call<Thing> call, long delay) {
    planner.hang(call, delay);
    hanging.add(call);
  }

  /** Lets cycles pass; returns how many calls there were. */
  private int run(int periods, Predicate<Thing> bad, BiConsumer<Call<Thing>, Long> trouble) {
    int calls = 0;
    for (int i = 0; i < periods; i++) {
      planner.begin(Extent.PERIOD);
      long end = planner.now + PERIOD;
      calls += serve(bad, trouble);
      for (long delay; (delay = planner.schedule().delay(Planner.time(planner.now))) < end - planner.now; ) {
        planner.now += Math.max(delay, MILLI);
        calls += serve(bad, trouble);
      }
      planner.now = end;
    }
    return calls;
  }

  private Call<Thing> only() {
    planner.drain();
    List<Call<Thing>> calls = planner.takeOpen();
    assertThat(calls).hasSize(1);
    return calls.getFirst();
  }

  @Test
  void R7_thingsOfACallThatThrew_areRetriedInHalves_notMixedWithOthers() {
    planner.batchSize = 8;
    List<Thing> things = planner.live("n", 8);
    planner.begin(Extent.PERIOD);
    planner.fail(only(), BACKOFF);
    List<Thing> others = planner.live("other", 3);
    others.forEach(thing -> planner.postpone(thing, BACKOFF));
    planner.now += BACKOFF - 1;
    assertThat(planner.drain()).as("they back off").isEmpty();
    planner.now += 1;
    assertThat(planner.drain()).extracting(turn -> Set.copyOf(turn.things())).containsExactlyInAnyOrder(
        Set.copyOf(things.subList(0, 4)), Set.copyOf(things.subList(4, 8)), Set.copyOf(others));
    assertThat(planner.turns).extracting(Planner.Turn::kind)
        .containsExactlyInAnyOrder(Kind.REFRESH, Kind.RETRY, Kind.RETRY, Kind.REFRESH);
  }

  @Test
  void R7_oneBadThingIsAloneAfterTheLogarithmOfTheBatch_andItsNeighboursAreFresh() {
    planner.batchSize = 16;
    List<Thing> things = planner.live("n", 160);
    Thing bad = things.get(37);
    run(1, bad::equals, planner::fail);
    long retries = turns.stream().filter(turn -> turn.kind() == Kind.RETRY && turn.things().size() > 1).count();
    assertThat(retries).as("batches of suspects that were no thing alone").isLessThanOrEqualTo(2 * 4);
    assertThat(things).filteredOn(thing -> thing.suspect).containsExactly(bad);
    assertThat(turns.getLast().things()).containsExactly(bad);
  }

  @Test
  void R7_aBadThingThatHangs_isAlone_andProbedEverMoreSeldom() {
    planner.batchSize = 16;
    List<Thing> things = planner.live("n", 160);
    Thing bad = things.get(37);
    int ordinary = 300 * 10;
    int calls = run(300, bad::equals, this::hang);
    assertThat(things).filteredOn(thing -> thing.suspect).containsExactly(bad);
    assertThat(bad.hung).as("probes in 300 periods, at most one in three periods by the limit of five minutes")
        .isBetween(16, 30);
    assertThat(calls).isLessThanOrEqualTo(ordinary + 4 * 2 + 30);
    assertThat(things).filteredOn(thing -> thing != bad)
        .allSatisfy(thing -> assertThat(planner.now - calledAt.get(thing)).isLessThanOrEqualTo(PERIOD));
  }

  @Test
  void R7_threadsOfAThingThatHangsForEver_growWithTheLogarithmOfTime() {
    Thing bad = planner.live("bad", 1).getFirst();
    planner.live("good", 1);
    run(1_000, bad::equals, this::hang);
    int thousand = bad.hung;
    run(3_000, bad::equals, this::hang);
    assertThat(bad.hung - thousand).as("in four times the time").isLessThanOrEqualTo(2);
  }

  @Test
  void R7_halvingAddsAtMostATenth_beyondThatFailedBatchesComeBackWhole() {
    planner.batchSize = 4;
    planner.spread = false;
    planner.live("n", 400);
    planner.begin(Extent.PERIOD);
    planner.drain();
    List<Call<Thing>> first = planner.takeOpen();
    assertThat(first).hasSize(100);
    int failed = 0;
    for (int i = 0; i < 100; i++) {
      if (i % 3 == 2) {
        // Without successes between, the group would seem to be down.
        planner.succeed(first.get(i));
      } else {
        planner.fail(first.get(i), BACKOFF);
        failed++;
      }
    }
    planner.now += BACKOFF;
    planner.drain();
    List<Call<Thing>> halves = planner.takeOpen();
    assertThat(halves).as("all of the first hundred may be halved").hasSize(2 * failed);
    for (Call<Thing> call : halves) {
      planner.fail(call, BACKOFF);
    }
    planner.now += BACKOFF;
    planner.drain();
    assertThat(planner.takeOpen()).as("a hundred are halved in all").hasSize(2 * failed + (100 - failed));
  }

  @Test
  void R7_inAnOutageOfCallsThatThrow_theGroupIsDown_andBatchesAreRetriedWhole() {
    planner.batchSize = 4;
    List<Thing> things = planner.live("n", 400);
    run(2, thing -> true, planner::fail);
    assertThat(planner.schedule().groupsDown()).isOne();
    assertThat(planner.turnabouts).extracting(Turnabout::down).containsExactly(true);
    assertThat(planner.schedule().troublesOf(null)).containsExactly(Trouble.GROUP_DOWN);
    turns.clear();
    int calls = run(3, thing -> false, planner::fail);
    assertThat(planner.schedule().groupsDown()).isZero();
    assertThat(planner.turnabouts).extracting(Turnabout::down).containsExactly(true, false);
    assertThat(things).noneMatch(thing -> thing.suspect);
    assertThat(calls).as("with the halves of the beginning").isLessThanOrEqualTo(300 + 200);
  }

  @Test
  void R7_batchesThatWereHalvedWhenAnOutageBegan_comeBackWhole() {
    planner.batchSize = 16;
    List<Thing> things = planner.live("n", 16);
    run(2, thing -> true, planner::fail);
    assertThat(turns).as("before the group was down").anyMatch(turn -> turn.things().size() == 1);
    assertThat(planner.schedule().groupsDown()).isOne();
    assertThat(turns.getLast().things()).containsExactlyInAnyOrderElementsOf(things);
    turns.clear();
    assertThat(run(1, thing -> false, planner::fail)).as("whole, and what was probed last").isLessThanOrEqualTo(2);
    assertThat(things).noneMatch(thing -> thing.suspect);
  }

  @Test
  void R7_inAnOutageOfCallsThatHang_thingsStayOut_andOneProbeAtATimeFindsTheRemoteAgain() {
    planner.batchSize = 4;
    planner.slots = 4;
    List<Thing> things = planner.live("n", 400);
    planner.begin(Extent.PERIOD);
    // As many as there are slots begin, and hang; then the next ones.
    for (int i = 0; i < 6; i++) {
      for (int slot = 0; slot < 4; slot++) {
        planner.next();
      }
      planner.now += 20 * SECOND;
      planner.takeOpen().forEach(call -> hang(call, BACKOFF));
    }
    assertThat(planner.schedule().groupsDown()).isOne();
    int abandoned = hanging.size();
    assertThat(planner.drain()).as("more than maxConcurrency hang: all waits").isEmpty();
    run(100, thing -> true, this::hang);
    assertThat(hanging.size() - abandoned).as("probes in 100 periods").isBetween(30, 40);
    long before = planner.now;
    int beginnings = planner.turns.size();
    run(3, thing -> false, this::hang);
    run(2, thing -> false, this::hang);
    assertThat(planner.turns.size()).isGreaterThan(beginnings);
    assertThat(planner.schedule().groupsDown()).as("the calls hang still, but the remote answers").isZero();
    assertThat(things).noneMatch(thing -> thing.suspect)
        .allSatisfy(thing -> assertThat(calledAt.get(thing)).isGreaterThanOrEqualTo(before));
  }

  @Test
  void R7_afterAnOutageOfHangingCalls_whatStayedOutComesBackInHalves() {
    planner.batchSize = 8;
    planner.slots = 100;
    planner.live("n", 80);
    planner.begin(Extent.PERIOD);
    planner.drain();
    List<Call<Thing>> calls = planner.takeOpen();
    calls.subList(0, 9).forEach(call -> hang(call, 10 * PERIOD));
    planner.now += PERIOD;
    hang(calls.get(9), 10 * PERIOD);
    assertThat(planner.schedule().groupsDown()).isOne();
    planner.now += PERIOD;
    Planner.Turn probe = planner.next();
    assertThat(probe).isNotNull();
    assertThat(probe.things()).hasSize(4);
    assertThat(planner.next()).as("one at a time").isNull();
    planner.takeOpen().forEach(planner::succeed);
    assertThat(planner.drain()).extracting(turn -> turn.things().size()).as("halves of eight, that of the probe aside")
        .hasSize(20 - 1).containsOnly(4);
  }

  @Test
  void R7_whileFewCallsHang_thingsThatAreNoSuspectsAreCalledAlsoInAGroupThatIsDown() {
    planner.slots = 4;
    List<Thing> bad = planner.live("bad", 4);
    List<Thing> good = planner.live("good", 2);
    planner.begin(Extent.PERIOD);
    for (int i = 0; i < 4; i++) {
      planner.next();
    }
    planner.takeOpen().forEach(call -> hang(call, BACKOFF));
    planner.now += PERIOD;
    assertThat(planner.schedule().groupsDown()).isZero();
    Call<Thing> ordinary = lastOf(planner.next());
    planner.fail(ordinary, BACKOFF);
    assertThat(planner.schedule().groupsDown()).isOne();
    assertThat(Planner.things(planner.drain())).as("four hang, which is not more than four").contains(good.get(1))
        .doesNotContainAnyElementsOf(bad);
  }

  private Call<Thing> lastOf(Object turn) {
    assertThat(turn).isNotNull();
    return planner.takeOpen().getLast();
  }

  @Test
  void R7_aThingAloneWhoseCallEnds_isCalledWhenItsBackOffIsOver() {
    Thing thing = planner.live("n", 1).getFirst();
    planner.begin(Extent.PERIOD);
    Call<Thing> call = only();
    planner.hang(call, BACKOFF);
    planner.now += BACKOFF;
    assertThat(planner.drain()).as("it is not called while the call runs").isEmpty();
    planner.end(call, BACKOFF);
    planner.now += BACKOFF;
    assertThat(Planner.things(planner.drain())).containsExactly(thing);
  }

  @Test
  void R7_aboveFourTimesMaxConcurrency_thereIsOneProbeAtATime() {
    planner.slots = 2;
    planner.live("n", 9);
    planner.begin(Extent.PERIOD);
    while (hanging.size() < 9) {
      assertThat(planner.next()).isNotNull();
      planner.takeOpen().forEach(call -> hang(call, BACKOFF));
    }
    planner.now += PERIOD;
    assertThat(planner.next()).isNotNull();
    assertThat(planner.drain()).as("nine hang").isEmpty();
    planner.takeOpen().forEach(planner::succeed);
    planner.now += PERIOD;
    assertThat(planner.next()).as("the next probe").isNotNull();
    planner.takeOpen().forEach(planner::succeed);
    assertThat(planner.drain()).as("nine hang still").hasSize(1);
  }

  @Test
  void R7_retryAfter_neitherBringsAGroupDownNorEndsThat() {
    planner.batchSize = 4;
    planner.slots = 100;
    planner.live("n", 40);
    planner.begin(Extent.PERIOD);
    planner.drain();
    List<Call<Thing>> calls = planner.takeOpen();
    planner.now += PERIOD;
    calls.subList(0, 5).forEach(call -> planner.throttle(call, 0));
    assertThat(planner.schedule().groupsDown()).isZero();
    planner.fail(calls.get(5), PERIOD);
    planner.fail(calls.get(6), PERIOD);
    planner.now += PERIOD;
    planner.fail(calls.get(7), PERIOD);
    assertThat(planner.schedule().groupsDown()).isOne();
    planner.throttle(calls.get(8), 0);
    assertThat(planner.schedule().groupsDown()).isOne();
    planner.succeed(calls.get(9));
    assertThat(planner.schedule().groupsDown()).isZero();
  }

  @Test
  void M1_aPausedGroupWaits_newThingsIncluded_whileOtherGroupsGoOn() {
    planner.groups = true;
    planner.live("a", 2, "A");
    planner.live("b", 2, "B");
    planner.begin(Extent.PERIOD);
    planner.next();
    Call<Thing> call = planner.takeOpen().getFirst();
    assertThat(call.things()[0].group).isEqualTo("A");
    planner.throttle(call, 50 * SECOND);
    assertThat(planner.schedule().groupsPaused()).isOne();
    assertThat(planner.schedule().troublesOf("A")).containsExactly(Trouble.GROUP_PAUSED);
    assertThat(planner.schedule().troublesOf("B")).isEmpty();
    planner.schedule().addNew(new Thing("newA").fresh().in("A"));
    planner.schedule().addNew(new Thing("newB").fresh().in("B"));
    assertThat(Planner.things(planner.drain())).extracting(thing -> thing.group).containsOnly("B").hasSize(3);
    assertThat(planner.schedule().isHandedOut()).as("nothing else could be called").isTrue();
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(50 * SECOND);
    assertThat(Planner.things(planner.runUntil(50 * SECOND - 1))).isEmpty();
    planner.now += 1;
    assertThat(Planner.things(planner.drain())).extracting(thing -> thing.group).containsOnly("A").hasSize(3);
    assertThat(planner.schedule().groupsPaused()).isZero();
  }

  @Test
  void M1_theLatestAnswerCounts_andAnHourAtMost() {
    long hour = 3_600 * SECOND;
    planner.slots = 4;
    planner.live("n", 4);
    planner.begin(Extent.PERIOD);
    planner.next();
    planner.next();
    List<Call<Thing>> calls = planner.takeOpen();
    planner.throttle(calls.get(0), 48 * hour);
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(hour);
    planner.throttle(calls.get(1), SECOND);
    assertThat(planner.schedule().delay(Planner.time(planner.now))).isEqualTo(SECOND);
    assertThat(planner.schedule().groupsPaused()).isOne();
  }

  @Test
  void R12_theNextBatchComesFromTheGroupWithTheFewestRunningCalls() {
    planner.groups = true;
    planner.live("a", 4, "A");
    planner.live("b", 2, "B");
    planner.live("c", 2, "C");
    planner.begin(Extent.PERIOD);
    planner.drain();
    assertThat(Planner.things(planner.turns)).extracting(thing -> String.valueOf(thing.group))
        .startsWith("A", "B", "C", "A", "B", "C").endsWith("A", "A");
    planner.takeOpen().stream().filter(call -> !"A".equals(call.things()[0].group)).forEach(planner::succeed);
    planner.turns.clear();
    planner.live("more", 2, "A").forEach(thing -> planner.postpone(thing, 0));
    planner.live("others", 2, "B").forEach(thing -> planner.postpone(thing, 0));
    planner.drain();
    assertThat(Planner.things(planner.turns)).as("four calls of A run").extracting(thing -> thing.group)
        .containsExactly("B", "B", "A", "A");
  }

  @Test
  void R12_aGroupWhoseLastCallTimedOutHasOneSlot_andAllSuchGroupsHalf() {
    planner.groups = true;
    planner.slots = 8;
    for (int group = 0; group < 6; group++) {
      planner.live("bad" + group + "-", 4, group);
    }
    planner.begin(Extent.PERIOD);
    List<Call<Thing>> first = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      planner.next();
    }
    first.addAll(planner.takeOpen());
    assertThat(first).extracting(call -> call.things()[0].group).doesNotHaveDuplicates();
    first.forEach(call -> hang(call, 100 * PERIOD));
    planner.drain();
    List<Call<Thing>> second = planner.takeOpen();
    assertThat(second).as("half of eight slots").hasSize(4)
        .extracting(call -> call.things()[0].group).as("one each").doesNotHaveDuplicates();
    planner.succeed(second.getFirst());
    assertThat(planner.drain()).as("one is well again, and has two more; another one takes its place").hasSize(3);
  }

  @Test
  void R12_withoutGroups_aTimeOutLimitsNothing() {
    planner.slots = 8;
    planner.live("n", 8);
    planner.begin(Extent.PERIOD);
    planner.next();
    planner.takeOpen().forEach(call -> hang(call, BACKOFF));
    assertThat(planner.drain()).hasSize(7);
  }

  @Test
  void R12_whereTheIdIsTheGroup_nothingIsKeptOfThoseThatRecovered() {
    planner.groups = true;
    int count = 10_000;
    List<Thing> things = planner.live("n", count);
    things.forEach(thing -> thing.in(thing));
    planner.begin(Extent.PERIOD);
    planner.drain();
    int nth = 0;
    for (Call<Thing> call : planner.takeOpen()) {
      switch (nth++ % 3) {
        case 0 -> planner.fail(call, BACKOFF);
        case 1 -> hang(call, BACKOFF);
        default -> planner.throttle(call, BACKOFF);
      }
    }
    assertThat(planner.schedule().lanes()).isEqualTo(count);
    planner.now += BACKOFF;
    hanging.forEach(call -> planner.end(call, 0));
    assertThat(serve(thing -> false, planner::fail)).isEqualTo(count);
    things.forEach(thing -> thing.live = false);
    planner.begin(Extent.PERIOD);
    assertThat(planner.schedule().lanes()).isZero();
    assertThat(planner.schedule().groupsDown()).isZero();
    assertThat(planner.schedule().groupsPaused()).isZero();
  }

  @Test
  void R12_whereTheIdIsTheGroup_nothingIsKeptOfThoseThatFailedAndAreGone() {
    planner.groups = true;
    int count = 1_000;
    List<Thing> things = planner.live("n", count);
    things.forEach(thing -> thing.in(thing));
    run(2, thing -> true, planner::fail);
    assertThat(planner.schedule().groupsDown()).isEqualTo(count);
    things.forEach(thing -> thing.live = false);
    run(2, thing -> true, planner::fail);
    assertThat(planner.schedule().groupsDown()).isZero();
    assertThat(planner.schedule().lanes()).isZero();
  }
}
