package io.autorefresh.internal.schedule;

import static io.autorefresh.internal.schedule.Planner.MILLI;
import static io.autorefresh.internal.schedule.Planner.PERIOD;
import static io.autorefresh.internal.schedule.Planner.SECOND;
import static io.autorefresh.internal.schedule.Schedule.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.internal.schedule.Claims.Claimed;
import io.autorefresh.internal.schedule.Planner.Turn;
import io.autorefresh.internal.schedule.Schedule.Extent;
import io.autorefresh.internal.schedule.Schedule.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Things are claimed before they are called, and batches are cut from what was granted. */
class ClaimsTest {

  private Planner planner = new Planner();
  private final List<Thing> givenBack = new ArrayList<>();
  private int freeSlots = 16;
  private Claims<Thing> claims;

  @BeforeEach
  void share() {
    planner.batchSize = 10;
    claims = planner.schedule().share(() -> freeSlots, givenBack::add);
    claims.begin();
  }

  /** Makes things that became due one after the other. */
  private List<Thing> due(int count) {
    List<Thing> things = planner.live("due-", count);
    for (Thing thing : things) {
      planner.postpone(thing, 0);
      planner.now++;
    }
    return things;
  }

  private void grant(List<Claimed<Thing>> claimed) {
    claimed.forEach(each -> claims.grant(each, time(), time(), time() + 15 * SECOND));
  }

  private long time() {
    return Planner.time(planner.now);
  }

  private List<Thing> claimed(int most) {
    return claims.take(most).stream().map(Claimed::thing).toList();
  }

  @Test
  void share_whatIsDue_isClaimedAndNotCalled() {
    List<Thing> due = due(25);
    assertThat(planner.drain()).isEmpty();
    assertThat(claimed(1_000)).isEqualTo(due);
  }

  @Test
  void share_whatIsNew_isClaimedAndNotCalled() {
    List<Thing> created = planner.create("new-", 25);
    assertThat(planner.drain()).isEmpty();
    assertThat(claimed(1_000)).isEqualTo(created);
  }

  @Test
  void share_whatIsOfTheWalk_isClaimedAndNotCalled() {
    List<Thing> live = planner.live("live-", 25);
    planner.begin(Extent.PERIOD);
    assertThat(planner.drain()).isEmpty();
    assertThat(claimed(1_000)).isEqualTo(live);
  }

  @Test
  void share_whatIsRequested_isCalledAtOnce() {
    Thing requested = planner.create("new-", 1).getFirst();
    requested.requested = true;
    planner.create("other-", 1);
    assertThat(planner.drain()).extracting(Turn::things).containsExactly(List.of(requested));
    assertThat(claimed(1_000)).extracting(thing -> thing.name).containsExactly("other-0");
  }

  @Test
  void share_suspects_areCalledAtOnce() {
    List<Thing> due = due(10);
    planner.drain();
    grant(claims.take(10));
    planner.answers = false;
    planner.drain();
    Call<Thing> call = planner.takeOpen().getFirst();
    planner.fail(call, SECOND);
    planner.now += SECOND;
    assertThat(planner.drain()).isNotEmpty().extracting(Turn::kind).containsOnly(Kind.RETRY);
    assertThat(claims.isWaiting()).isFalse();
    assertThat(due).isNotEmpty();
  }

  @Test
  void share_batches_areCutFromWhatWasGranted() {
    List<Thing> due = due(40);
    planner.drain();
    List<Claimed<Thing>> claimed = claims.take(40);
    for (int i = 0; i < 40; i++) {
      if (i % 4 == 3) {
        claims.release(claimed.get(i), time());
      } else {
        grant(List.of(claimed.get(i)));
      }
    }
    List<Turn> turns = planner.drain();
    assertThat(turns).extracting(turn -> turn.things().size()).containsExactly(10, 10, 10);
    assertThat(Planner.things(turns)).doesNotContain(due.get(3), due.get(39)).contains(due.get(0), due.get(38));
  }

  @Test
  void share_aBatchThatIsNotFull_waitsWhileThingsOfItsLaneAreClaimed() {
    due(12);
    planner.drain();
    List<Claimed<Thing>> claimed = claims.take(12);
    grant(claimed.subList(0, 5));
    assertThat(planner.drain()).isEmpty();
    assertThat(planner.schedule().delay(time())).isEqualTo(PERIOD / 20);
    claimed.subList(5, 12).forEach(each -> claims.release(each, time()));
    assertThat(planner.drain()).extracting(turn -> turn.things().size()).containsExactly(5);
  }

  @Test
  void share_aBatchThatIsNotFull_waitsNoLongerThanATwentiethOfThePeriod() {
    due(12);
    planner.drain();
    grant(claims.take(5));
    long begun = planner.now;
    assertThat(planner.runUntil(2 * PERIOD / 20)).extracting(Turn::at).containsExactly(begun + PERIOD / 20);
  }

  @Test
  void share_aCall_knowsWhenItsThingsWereClaimedFirst() {
    due(10);
    planner.drain();
    List<Claimed<Thing>> claimed = claims.take(10);
    long first = time();
    claims.grant(claimed.getFirst(), first, first, NEVER);
    planner.now += MILLI;
    grant(claimed.subList(1, 10));
    planner.answers = false;
    planner.drain();
    assertThat(planner.takeOpen()).extracting(Call::claimedAt).containsExactly(first);
  }

  @Test
  void share_whatWasGrantedWithoutAClaim_hasNoTimeOfAClaim() {
    due(10);
    planner.drain();
    claims.end(time());
    planner.answers = false;
    assertThat(planner.drain()).extracting(turn -> turn.things().size()).containsExactly(10);
    assertThat(planner.takeOpen()).extracting(Call::claimedAt).containsExactly(NEVER);
  }

  @Test
  void share_whileClaimsAreOff_everythingIsCalledAtOnce() {
    claims.end(time());
    due(25);
    planner.create("new-", 5);
    assertThat(Planner.things(planner.drain())).hasSize(30);
    claims.begin();
    due(5);
    assertThat(planner.drain()).isEmpty();
  }

  @Test
  void share_aGrantThatHasEnded_isClaimedAgain() {
    List<Thing> due = due(10);
    planner.drain();
    grant(claims.take(10));
    planner.now += 15 * SECOND;
    assertThat(planner.drain()).isEmpty();
    assertThat(claimed(10)).isEqualTo(due);
  }

  @Test
  void share_aThingThatNoJobMayTakeAnyMore_isLeftOut() {
    List<Thing> due = due(10);
    planner.drain();
    grant(claims.take(10));
    due.get(4).inFlight = true;
    assertThat(planner.drain()).extracting(turn -> turn.things().size()).containsExactly(9);
    assertThat(claims.isEmpty()).isTrue();
  }

  @Test
  void share_whatIsClaimedAndNotCalled_isBoundedByTheFreeSlots() {
    freeSlots = 2;
    due(100);
    planner.drain();
    List<Claimed<Thing>> claimed = claims.take(1_000);
    assertThat(claimed).hasSize(30);
    assertThat(planner.schedule().delay(time())).as("for nothing the owner need not wake").isEqualTo(NEVER);
    claims.release(claimed.getFirst(), time());
    planner.drain();
    assertThat(claims.take(1_000)).hasSize(10);
  }

  @Test
  void share_whereFewCallsASecondMayBegin_noMoreIsClaimedThanTwoBatches() {
    sharePaced(0.1);
    due(100);
    planner.drain();
    assertThat(claims.take(1_000)).hasSize(20);
  }

  @Test
  void share_whereCallsASecondAreBounded_asMuchIsClaimedAsMayBegin_inATwentiethOfThePeriod() {
    sharePaced(2);
    freeSlots = 100;
    due(1_000);
    planner.drain();
    assertThat(claims.take(1_000)).as("ten batches in 5 s, and one more").hasSize(110);
  }

  private void sharePaced(double callsPerSecond) {
    planner = new Planner();
    planner.callsPerSecond = callsPerSecond;
    share();
  }

  /** Makes things that have their due times themselves. */
  private List<Thing> dueIn(String prefix, int count, long delay) {
    List<Thing> things = planner.live(prefix, count);
    things.forEach(thing -> planner.schedule().file(thing.ownTime(time() + delay), time()));
    return things;
  }

  @Test
  void S6_whatIsClaimed_isToppedUpWithOwnThingsThatAreDueWithinATenthOfThePeriod() {
    List<Thing> due = dueIn("due-", 3, 0);
    dueIn("foreign-", 5, PERIOD / 20).forEach(thing -> thing.own = false);
    List<Thing> soon = dueIn("soon-", 4, PERIOD / 10);
    dueIn("later-", 5, PERIOD / 10 + 1);
    planner.drain();
    List<Claimed<Thing>> claimed = claims.take(1_000);
    assertThat(claimed).extracting(Claimed::thing).containsSubsequence(due).containsSubsequence(soon).hasSize(7);
    grant(claimed);
    planner.answers = false;
    assertThat(planner.drain()).extracting(turn -> turn.things().size()).containsExactly(7);
    assertThat(planner.takeOpen()).extracting(Call::isToppedUp).containsExactly(true);
  }

  @Test
  void S6_whatWasClaimedBeforeItWasDue_andHasALaterDueTimeNow_isNotCalled() {
    dueIn("due-", 1, 0);
    List<Thing> soon = dueIn("soon-", 2, PERIOD / 20);
    planner.drain();
    grant(claims.take(10));
    soon.getFirst().ownTime(time() + PERIOD);
    assertThat(planner.drain()).extracting(turn -> turn.things().size()).containsExactly(2);
  }

  @Test
  void S6_whereNothingIsDue_nothingIsClaimed() {
    dueIn("soon-", 5, PERIOD / 20);
    planner.drain();
    assertThat(claims.isWaiting()).isFalse();
  }

  @Test
  void share_whereNothingMoreIsToBeClaimed_requestedThingsAndSuspectsGoAhead() {
    freeSlots = 0;
    Thing suspect = planner.live("suspect", 1).getFirst();
    due(30);
    planner.drain();
    Thing requested = planner.create("new-", 1).getFirst();
    requested.requested = true;
    assertThat(Planner.things(planner.drain())).containsExactly(requested);
    assertThat(suspect.live).isTrue();
  }

  @Test
  void share_ofALaneThatIsPaused_theGrantedIsGivenBack() {
    planner.groups = true;
    due(20);
    planner.drain();
    grant(claims.take(20));
    planner.answers = false;
    planner.next();
    planner.throttle(planner.takeOpen().getFirst(), 10 * SECOND);
    assertThat(givenBack).hasSize(10);
    assertThat(claims.isEmpty()).isTrue();
    assertThat(planner.drain()).isEmpty();
  }

  @Test
  void share_whatIsGrantedToALaneThatIsPausedMeanwhile_isGivenBack() {
    due(20);
    planner.drain();
    List<Claimed<Thing>> claimed = claims.take(20);
    grant(claimed.subList(0, 10));
    planner.answers = false;
    planner.next();
    planner.throttle(planner.takeOpen().getFirst(), 10 * SECOND);
    grant(claimed.subList(10, 20));
    assertThat(givenBack).hasSize(10);
    assertThat(planner.drain()).isEmpty();
  }

  @Test
  void share_whatIsClaimedAnew_isClaimedOnce() {
    due(1);
    planner.drain();
    Claimed<Thing> claimed = claims.take(1).getFirst();
    assertThat(claimed.isAgain()).isFalse();
    claims.again(claimed, time());
    assertThat(claims.take(5)).singleElement().matches(Claimed::isAgain);
    assertThat(claims.isEmpty()).isFalse();
  }

  @Test
  void R9_withSpread_thingsAreClaimedAtThePaceAtWhichTheyWouldBeCalled() {
    Planner spreading = new Planner();
    spreading.batchSize = 10;
    spreading.spread = true;
    Claims<Thing> paced = spreading.schedule().share(() -> 16, thing -> { });
    paced.begin();
    spreading.live("due-", 100).forEach(thing -> spreading.postpone(thing, SECOND));
    spreading.begin(Extent.PERIOD);
    spreading.runUntil(SECOND + MILLI);
    assertThat(paced.take(1_000)).hasSize(10);
    spreading.runUntil(SECOND + PERIOD * 9 / 100 + MILLI);
    assertThat(paced.take(1_000)).hasSize(10);
  }

  @Test
  void S1_onDemand_allIsHandedOutWhenNothingIsClaimedAnyMore() {
    due(10);
    planner.begin(Extent.DEMAND);
    planner.drain();
    assertThat(planner.schedule().isHandedOut()).isFalse();
    grant(claims.take(10));
    planner.drain();
    assertThat(planner.schedule().isHandedOut()).isTrue();
  }

  @Test
  void L2_afterTheClose_nothingIsGranted() {
    due(10);
    planner.drain();
    List<Claimed<Thing>> claimed = claims.take(10);
    planner.begin(Extent.CLOSE);
    grant(claimed);
    claims.again(claimed.getFirst(), time());
    claims.begin();
    assertThat(planner.drain()).isEmpty();
    assertThat(claims.isOn() || claims.isWaiting()).isFalse();
  }
}
