package io.autorefresh.share;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.Outcome;
import io.autorefresh.RefreshFailedException;
import io.autorefresh.RemovalCause;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.Gate;
import io.autorefresh.kit.Remote;
import io.autorefresh.kit.Told;
import io.autorefresh.kit.Worker;
import io.autorefresh.share.Exchange.Kind;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What comes from other caches counts as a refresh as of its time, never backwards. */
@Timeout(60)
class ArrivalTest extends SharedCache {

  private static final Duration MILLI = ofMillis(1);

  @Test
  void value_newer_isTheItemsValueAsOfItsTime() {
    start();
    pass(2_000);
    others.tell(others.value("a", 7, others.now() - 500));
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(age()).isBetween(ofMillis(500), ofMillis(501));
    pass(0);
    assertThat(events).containsExactly(Told.created("a", 1), Told.updated("a", 1, 7));
  }

  @Test
  void value_fromTheFuture_isNotYoungerThanNow() {
    start();
    pass(2_000);
    others.tell(others.value("a", 7, others.now() + 5_000));
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(age()).isLessThanOrEqualTo(MILLI);
  }

  @Test
  void P6_valueOlderThanTheLastConfirmation_isIgnored() {
    start();
    pass(2_000);
    others.tellValue("a", 7);
    long confirmed = others.now();
    pass(1_000);
    others.tell(others.value("a", 6, confirmed - 1_000));
    others.tell(others.value("a", 6, confirmed));
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(age()).isBetween(ofSeconds(1), ofSeconds(1).plus(MILLI));
  }

  @Test
  void P6_newerTimeWithAnOlderVersion_isIgnored() {
    start();
    pass(2_000);
    others.tellValue("a", 7);
    pass(1_000);
    long version = (others.now() - 1_500) * 1_000;
    others.tell(new Exchange.Entry("a", Kind.UPDATED, others.now(), version, Others.bytes(6), null));
    others.tell(others.unchanged("a", others.now(), version));
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(age()).isGreaterThanOrEqualTo(ofSeconds(1));
  }

  @Test
  void unchanged_ofTheItemsVersion_confirmsIt() {
    start();
    long version = others.takePublished().getLast().version();
    pass(2_000);
    others.tell(others.unchanged("a", others.now(), version));
    assertThat(age()).isLessThanOrEqualTo(MILLI);
    assertThat(cache.get("a")).isEqualTo(1);
    assertThat(events).containsExactly(Told.created("a", 1));
  }

  @Test
  void unchanged_ofAVersionThatIsNotHere_isIgnored() {
    start();
    pass(2_000);
    others.tell(others.unchanged("a", others.now(), others.now() * 1_000));
    assertThat(age()).isEqualTo(ofSeconds(2));
  }

  @Test
  void R3_equalValue_keepsTheInstanceAndHasNoEvent() {
    start();
    Integer big = 100_000;
    pass(1_000);
    others.tellValue("a", big);
    pass(1_000);
    Integer before = cache.get("a");
    others.tellValue("a", big);
    pass(0);
    assertThat(cache.get("a")).isSameAs(before);
    assertThat(age()).isLessThanOrEqualTo(MILLI);
    assertThat(events).hasSize(2);
  }

  @Test
  void terminalValue_makesTheItemTerminal_whichIgnoresWhatComes() {
    start();
    pass(1_000);
    others.tellValue("a", 100);
    pass(1_000);
    others.tellValue("a", 7);
    pass(PERIOD.toMillis() * 3);
    assertThat(cache.get("a")).isEqualTo(100);
    assertThat(state().terminal()).isTrue();
    assertThat(events).containsExactly(
        Told.created("a", 1), Told.updated("a", 1, 100), Told.becameTerminal("a", 100));
    assertThat(remote.refreshes("a")).isOne();
  }

  @Test
  void D2_markedItem_ignoresWhatComes() {
    start();
    pass(1_000);
    cache.deleteDelayed("a");
    others.tellValue("a", 7);
    others.tell(others.without("a", Kind.DELETED, others.now(), null));
    assertThat(cache.get("a")).isEqualTo(1);
  }

  @Test
  void absentId_isIgnored() {
    start();
    cache.forget("a");
    others.tellValue("a", 7);
    others.tellValue("never seen", 7);
    assertThat(cache.size()).isZero();
    assertThat(cache.stats().entriesReceived()).isEqualTo(2);
    assertThat(cache.stats().entriesRefused()).isZero();
  }

  @Test
  void newItem_takesWhatWasFoundOutBeforeItsCreation() {
    remote.answers(items -> {
      throw new IOException("of the test");
    });
    start();
    pass(1_000);
    others.tell(others.value("a", 7, others.now() - 3_000));
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(state().confirmed()).isTrue();
    assertThat(age()).isBetween(ofSeconds(3), ofSeconds(3).plus(MILLI));
  }

  @Test
  void D4_itemCreatedAnew_ignoresWhatWasFoundOutBeforeItsCreation() {
    start();
    pass(1_000);
    long before = others.now();
    pass(100);
    cache.forget("a");
    remote.answers(items -> {
      throw new IOException("of the test");
    });
    cache.getOrCreate("a", 2);
    others.tell(others.value("a", 7, before));
    assertThat(cache.get("a")).isEqualTo(2);
    pass(100);
    others.tellValue("a", 8);
    assertThat(cache.get("a")).isEqualTo(8);
  }

  @Test
  void deleted_removesTheItemAsByTheRemote_andCallsNoDeleter() {
    start();
    pass(1_000);
    others.tell(others.without("a", Kind.DELETED, others.now(), null));
    pass(PERIOD.toMillis() * 2);
    assertThat(cache.get("a")).isNull();
    assertThat(events).contains(Told.removed("a", 1, RemovalCause.DELETED_BY_REMOTE));
    assertThat(remote.deletions()).isEmpty();
    assertThat(cache.stats().deletedByRemote()).isOne();
  }

  @Test
  void deleted_olderOrOfAnUnconfirmedItem_isIgnored() {
    start();
    others.tell(others.without("a", Kind.DELETED, others.now() - 500, null));
    assertThat(cache.get("a")).isEqualTo(1);
    remote.answers(items -> {
      throw new IOException("of the test");
    });
    cache.getOrCreate("b", 1);
    pass(1_000);
    others.tell(others.without("b", Kind.DELETED, others.now(), null));
    assertThat(cache.get("b")).isEqualTo(1);
  }

  @Test
  void confirmation_makesTheItemDueAnEighthToAQuarterLaterThanItsPeriod() {
    start();
    remote.forget();
    pass(4_000);
    others.tell(others.unchanged("a", others.now(), others.lastVersion()));
    assertThat(state().dueIn()).isBetween(ofMillis(11_249), ofMillis(13_510));
    pass(11_200);
    assertThat(remote.refreshes("a")).isZero();
    pass(2_400);
    assertThat(remote.refreshes("a")).isOne();
  }

  @Test
  void confirmation_withATimeThatTheRemoteNamed_isDueThen() {
    start();
    remote.forget();
    pass(4_000);
    others.tell(new Exchange.Entry(
        "a", Kind.UNCHANGED, others.now(), others.lastVersion(), null, Duration.ofMinutes(10)));
    pass(660_000);
    assertThat(remote.refreshes("a")).isZero();
    pass(100_000);
    assertThat(remote.refreshes("a")).isPositive();
  }

  @Test
  void failed_postponesTheItemWithoutMakingItFail() {
    start();
    remote.forget();
    pass(4_000);
    others.tell(others.without("a", Kind.FAILED, others.now(), ofSeconds(15)));
    assertThat(state().failures()).isZero();
    pass(16_870);
    assertThat(remote.refreshes("a")).isZero();
    pass(2_000);
    assertThat(remote.refreshes("a")).isOne();
  }

  @Test
  void failed_neverMakesTheItemDueSooner_norLaterThanItsOwnLongestBackOff() {
    start();
    remote.forget();
    pass(1_000);
    others.tell(others.without("a", Kind.FAILED, others.now(), ofSeconds(1)));
    pass(8_900);
    assertThat(remote.refreshes("a")).isZero();
    others.tell(others.without("a", Kind.FAILED, others.now(), Duration.ofDays(3)));
    pass(25_100);
    assertThat(remote.refreshes("a")).isOne();
  }

  @Test
  void M1_paused_pausesTheGroupHereToo() {
    start();
    remote.forget();
    pass(1_000);
    others.tell(others.without("a", Kind.PAUSED, others.now(), ofSeconds(60)));
    pass(0);
    assertThat(cache.stats().groupsPaused()).isOne();
    assertThatThrownBy(() -> cache.refreshNow("a", ofSeconds(1))).isInstanceOf(RefreshFailedException.class)
        .hasCauseInstanceOf(RetryAfterException.class);
    pass(59_900);
    assertThat(remote.refreshes()).isEmpty();
    pass(10_000);
    assertThat(remote.refreshes("a")).isOne();
  }

  @Test
  void W1_await_returnsAValueThatAnotherCacheFound() throws Exception {
    start();
    Worker<Integer> waiting = Worker.start(() -> cache.await("a", value -> value == 7, ofSeconds(100)));
    waiting.awaitWaiting();
    pass(1_000);
    others.tellValue("a", 7);
    assertThat(waiting.result()).isEqualTo(7);
  }

  @Test
  void R6_confirmation_endsTheFailuresOfAnItem() {
    start();
    remote.answersAll(Outcome.failed(new IOException("of the test")));
    pass(10_000);
    assertThat(state().failures()).isOne();
    others.tellValue("a", 7);
    pass(0);
    assertThat(state().failures()).isZero();
    assertThat(cache.stats().failing()).isZero();
    assertThat(events).endsWith(Told.recovered("a", 7, 1), Told.updated("a", 1, 7));
  }

  @Test
  void P6_lateOutcomeOfAnOwnCall_neverReplacesWhatIsNewer() throws Exception {
    start();
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.all(items, Outcome.updated(2));
    });
    pass(10_000);
    gate.awaitArrived(1);
    others.takePublished();
    ticker.jump(ofSeconds(5));
    others.tellValue("a", 7);
    assertThat(cache.get("a")).isEqualTo(7);
    gate.open();
    pass(0);
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(cache.stats().staleOutcomes()).isOne();
    assertThat(others.takePublished()).isEmpty();
    assertThat(age()).isLessThanOrEqualTo(MILLI);
  }

  @Test
  void inFlight_ignoresWhatIsOlderThanItsCall() throws Exception {
    start();
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.all(items, Outcome.updated(2));
    });
    pass(10_000);
    gate.awaitArrived(1);
    others.tell(others.value("a", 7, others.now() - 100));
    assertThat(cache.get("a")).isEqualTo(1);
    gate.open();
    pass(0);
    assertThat(cache.get("a")).isEqualTo(2);
  }

  @Test
  void W2_refreshNow_waitsForItsOwnRefresh() throws Exception {
    start();
    Gate gate = new Gate(ticker);
    remote.answers(items -> {
      gate.pass();
      return Remote.all(items, Outcome.updated(2));
    });
    Worker<Integer> waiting = Worker.start(() -> cache.refreshNow("a", ofSeconds(100)));
    gate.awaitArrived(1);
    ticker.jump(ofSeconds(1));
    others.tellValue("a", 7);
    gate.open();
    assertThat(waiting.result()).isEqualTo(2);
  }

  @Test
  void L3_afterTheClose_nothingComesInAnyMore() {
    start();
    cache.close();
    others.tellValue("a", 7);
    assertThat(cache.get("a")).isEqualTo(1);
  }
}
