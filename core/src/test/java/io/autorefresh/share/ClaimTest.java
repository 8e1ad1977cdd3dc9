package io.autorefresh.share;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.autorefresh.AutoRefresh;
import io.autorefresh.AutoRefreshBuilder;
import io.autorefresh.Outcome;
import io.autorefresh.share.Exchange.Answer;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import io.autorefresh.share.Exchange.Want;
import io.autorefresh.testing.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Items are claimed before the remote is asked, and no answer of the exchange holds them up for long. */
@Timeout(60)
class ClaimTest {

  private static final Duration PERIOD = ofSeconds(10);
  /** A twentieth of the period. */
  private static final Duration DEADLINE = ofMillis(500);

  private final ManualTicker ticker = new ManualTicker();
  private final Script exchange = new Script(ticker);
  /** The ids of each call, in the order of the calls. */
  private final List<List<String>> calls = new CopyOnWriteArrayList<>();
  private AutoRefresh<String, Integer> cache;

  private AutoRefreshBuilder<String, Integer> builder() {
    return AutoRefresh.<String, Integer>builder().name("claims").refreshEvery(PERIOD).ticker(ticker)
        .refreshBatch(this::answer).share(exchange, new Others.Numbers());
  }

  private Map<String, Outcome<Integer>> answer(Map<String, Integer> asked) {
    calls.add(asked.keySet().stream().sorted().toList());
    Map<String, Outcome<Integer>> answer = new HashMap<>();
    asked.forEach((id, value) -> answer.put(id, Outcome.unchanged()));
    return answer;
  }

  private void start() {
    cache = builder().start();
    pass(0);
  }

  private void create(String... ids) {
    for (String id : ids) {
      cache.getOrCreate(id, 1);
    }
    pass(0);
  }

  private void pass(long millis) {
    ticker.advance(ofMillis(millis));
  }

  private List<List<String>> takeCalls() {
    List<List<String>> taken = List.copyOf(calls);
    calls.clear();
    return taken;
  }

  @AfterEach
  void close() {
    if (cache != null) {
      cache.close();
    }
  }

  @Test
  void start_asksTheTime_afterItHasSubscribed() {
    exchange.onClaim = () -> exchange.receiver.getClass();
    start();
    assertThat(exchange.claims).singleElement().extracting(Script.Asked::wants).isEqualTo(List.of());
    assertThat(cache.stats().callbackFailures()).isZero();
  }

  @Test
  void newItem_isClaimedAndThenCalled() {
    start();
    exchange.onClaim = () -> {
      assertThat(calls).isEmpty();
      return null;
    };
    create("a");
    Script.Asked asked = exchange.takeClaims().getFirst();
    assertThat(asked.wants()).containsExactly(new Want("a", PERIOD));
    assertThat(asked.deadline()).isEqualTo(DEADLINE);
    assertThat(asked.lease()).isGreaterThanOrEqualTo(PERIOD.dividedBy(5));
    assertThat(takeCalls()).containsExactly(List.of("a"));
    assertThat(cache.stats().callbackFailures()).isZero();
  }

  @Test
  void dueItem_isClaimedOnceAPeriod() {
    start();
    create("a");
    exchange.takeClaims();
    takeCalls();
    pass(30_500);
    assertThat(exchange.takeClaims()).extracting(Script.Asked::ids)
        .containsExactly(List.of("a"), List.of("a"), List.of("a"));
    assertThat(takeCalls()).hasSize(3);
  }

  @Test
  void batch_isCutFromWhatWasGranted() {
    cache = builder().batchSize(10).build();
    exchange.answers = want -> want.id().endsWith("0") ? new Answer.Ask() : new Answer.Wait(ofSeconds(2));
    for (int i = 0; i < 100; i++) {
      cache.getOrCreate("item-" + i, 1);
    }
    cache.start();
    pass(0);
    assertThat(takeCalls()).extracting(List::size).containsExactly(10);
  }

  @Test
  void wait_makesTheItemDueWhenTheLeaseEnds() {
    start();
    exchange.answers = want -> new Answer.Wait(ofSeconds(2));
    create("a");
    exchange.answers = want -> new Answer.Ask();
    pass(1_990);
    assertThat(takeCalls()).isEmpty();
    pass(200);
    assertThat(takeCalls()).containsExactly(List.of("a"));
  }

  @Test
  void wait_isCutToTheLongestBackoffOfThisCache() {
    start();
    exchange.answers = want -> new Answer.Wait(Duration.ofDays(9));
    create("a");
    exchange.answers = want -> new Answer.Ask();
    pass(PERIOD.toMillis() * 2 + 500);
    assertThat(takeCalls()).containsExactly(List.of("a"));
  }

  @Test
  void take_isTheAnswer_andTheRemoteIsNotAsked() {
    start();
    exchange.answers = want -> new Answer.Take(
        new Entry("a", Kind.UPDATED, exchange.now() - 100, (exchange.now() - 100) * 1_000, Others.bytes(7), null));
    create("a");
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(cache.inspect("a").orElseThrow().confirmed()).isTrue();
    pass(9_000);
    assertThat(takeCalls()).isEmpty();
  }

  @Test
  void take_ofAnEntryThatIsOfNoUse_isClaimedOnceMore_andThenCalled() {
    start();
    exchange.answers = want -> new Answer.Take(
        new Entry("a", Kind.UPDATED, exchange.now(), exchange.now() * 1_000, new byte[] {'x'}, null));
    create("a");
    assertThat(exchange.takeClaims()).extracting(Script.Asked::wants)
        .containsExactly(List.of(new Want("a", PERIOD)), List.of(new Want("a", Duration.ZERO)));
    assertThat(takeCalls()).containsExactly(List.of("a"));
  }

  @Test
  void take_thatIsOfNoUse_forAnItemThatWasClaimedBeforeItWasDue_isClaimedOnceMore() {
    cache = builder().batchSize(10).start();
    create("a");
    pass(500);
    create("b");
    takeCalls();
    exchange.takeClaims();
    exchange.answers = want -> want.id().equals("a") || want.maxAge().isZero() ? new Answer.Ask()
        : new Answer.Take(new Entry("b", Kind.UPDATED, exchange.now(), exchange.now() * 1_000, new byte[] {'x'}, null));
    pass(PERIOD.toMillis() - 490);
    assertThat(exchange.takeClaims()).extracting(Script.Asked::ids).containsExactly(List.of("a", "b"), List.of("b"));
    assertThat(takeCalls()).containsExactly(List.of("a", "b"));
  }

  @Test
  void S6_itemThatAnotherCacheHasConfirmed_isNotClaimedBeforeItIsDue() {
    cache = builder().batchSize(10).start();
    create("b");
    pass(1_000);
    exchange.receiver.received(List.of(
        new Entry("b", Kind.UPDATED, exchange.now(), (exchange.now() + 1) * 1_000, Others.bytes(7), null)));
    assertThat(cache.get("b")).isEqualTo(7);
    pass(cache.inspect("b").orElseThrow().dueIn().minus(PERIOD).toMillis() - 500);
    create("a");
    exchange.takeClaims();
    pass(PERIOD.toMillis() + 10);
    assertThat(exchange.takeClaims()).extracting(Script.Asked::ids).containsExactly(List.of("a"));
  }

  @Test
  void requestedItem_isNotClaimed() throws Exception {
    start();
    create("a");
    exchange.takeClaims();
    takeCalls();
    cache.refreshNow("a", ofSeconds(5));
    assertThat(takeCalls()).containsExactly(List.of("a"));
    assertThat(exchange.takeClaims()).isEmpty();
  }

  // The breaker

  /** While the breaker is open items are called without a claim; the first ping that is answered closes it. */
  private void assertThatItWorksAlone() {
    takeCalls();
    exchange.takeClaims();
    create("alone");
    assertThat(takeCalls()).containsExactly(List.of("alone"));
    assertThat(exchange.takeClaims()).isEmpty();
    exchange.onClaim = () -> null;
    exchange.missing = 0;
    pass(PERIOD.toMillis() / 8 + 10);
    takeCalls();
    create("together");
    assertThat(exchange.takeClaims()).extracting(Script.Asked::ids).contains(List.of("together"));
  }

  @Test
  void failedClaim_grantsAllAtOnce_andOpensTheBreaker() {
    start();
    exchange.onClaim = () -> {
      throw new IOException("no exchange");
    };
    create("a");
    assertThat(takeCalls()).containsExactly(List.of("a"));
    assertThatItWorksAlone();
  }

  @Test
  void hangingClaim_costsOneDeadline_andIsInterrupted() {
    start();
    exchange.onClaim = () -> {
      ticker.sleep(Duration.ofDays(1));
      return null;
    };
    create("a");
    assertThat(takeCalls()).isEmpty();
    pass(DEADLINE.toMillis());
    assertThat(takeCalls()).containsExactly(List.of("a"));
    assertThatItWorksAlone();
  }

  @Test
  void lateClaim_isDiscarded() {
    start();
    exchange.onClaim = () -> {
      try {
        ticker.sleep(Duration.ofDays(1));
      } catch (InterruptedException e) {
        // The answer comes all the same.
      }
      return null;
    };
    create("a");
    pass(DEADLINE.toMillis() + 100);
    assertThat(takeCalls()).containsExactly(List.of("a"));
  }

  @Test
  void claimWithTooFewAnswers_opensTheBreaker() {
    start();
    exchange.missing = 1;
    create("a");
    assertThat(takeCalls()).containsExactly(List.of("a"));
    assertThatItWorksAlone();
  }

  @Test
  void failedPublication_opensTheBreaker() {
    start();
    exchange.onPublish = () -> {
      throw new IOException("full");
    };
    create("a");
    takeCalls();
    exchange.onPublish = () -> null;
    assertThatItWorksAlone();
  }

  @Test
  void failedSubscription_leavesTheCacheAlone() {
    exchange.onSubscribe = () -> {
      throw new IOException("never");
    };
    start();
    create("a");
    assertThat(takeCalls()).containsExactly(List.of("a"));
    assertThat(exchange.takeClaims()).isEmpty();
  }

  @Test
  void P4_whileTheExchangeHangs_everyItemKeepsItsPeriod() {
    // Unspread, since items that were created together are spread only little by little.
    cache = builder().spread(false).start();
    pass(0);
    exchange.onClaim = () -> {
      ticker.sleep(Duration.ofDays(1));
      return null;
    };
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      ids.add("item-" + i);
    }
    create(ids.toArray(String[]::new));
    pass(600);
    for (int i = 0; i < 50; i++) {
      pass(1_000);
      assertThat(cache.freshness().max()).isLessThanOrEqualTo(PERIOD.multipliedBy(13).dividedBy(10));
    }
  }

  @Test
  void P2_slowRemote_itemIsDueOnePeriodAfterItWasClaimed() {
    cache = builder().refreshBatch(asked -> {
      ticker.sleep(ofSeconds(3));
      return answer(asked);
    }).start();
    create("a");
    long claimedAt = exchange.takeClaims().getFirst().at();
    pass(PERIOD.toMillis() + 10);
    assertThat(exchange.takeClaims()).singleElement().extracting(Script.Asked::at).isEqualTo(claimedAt + 10_000);
  }

  @Test
  void slowRemote_whatWaitsForASlotIsNotClaimed() {
    cache = builder().batchSize(10).maxConcurrency(2).refreshBatch(asked -> {
      ticker.sleep(ofSeconds(3));
      return answer(asked);
    }).build();
    for (int i = 0; i < 200; i++) {
      cache.getOrCreate("item-" + i, 1);
    }
    cache.start();
    pass(0);
    assertThat(exchange.takeClaims().stream().mapToInt(asked -> asked.wants().size()).sum()).isLessThanOrEqualTo(50);
  }

  // The end

  @Test
  void L2_close_closesTheExchange() {
    start();
    cache.close();
    assertThat(exchange.closed).isTrue();
  }

  @Test
  void L2_closeOfACacheThatWasNeverStarted_closesTheExchange() {
    cache = builder().build();
    cache.close();
    assertThat(exchange.closed).isTrue();
    assertThat(exchange.receiver).isNull();
  }

  @Test
  void L2_closeWithAnExchangeThatHangs_isBounded() {
    cache = AutoRefresh.<String, Integer>builder().name("claims").refreshEvery(PERIOD)
        .refreshBatch(this::answer).closeTimeout(ofMillis(200)).share(exchange, new Others.Numbers()).start();
    exchange.onClose = () -> {
      Thread.sleep(Duration.ofDays(1));
      return null;
    };
    cache.close();
    assertThat(exchange.closed).isTrue();
    assertThatThrownBy(() -> cache.getOrCreate("a", 1)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void L4_threadsOfTheExchange_inheritNothing() {
    InheritableThreadLocal<String> user = new InheritableThreadLocal<>();
    List<String> seen = new CopyOnWriteArrayList<>();
    exchange.onClaim = () -> seen.add(Thread.currentThread().getName() + user.get());
    exchange.onPublish = () -> seen.add(Thread.currentThread().getName() + user.get());
    exchange.onClose = () -> seen.add(Thread.currentThread().getName() + user.get());
    user.set("alice");
    start();
    create("a");
    cache.close();
    assertThat(seen).contains("claims/claimsnull", "claims/entriesnull", "claims/exchangenull")
        .allMatch(each -> each.endsWith("null"));
  }

  @Test
  void sync_beforeTheStart_asksTheRemoteWithoutTheExchange() throws Exception {
    cache = builder().build();
    cache.getOrCreate("a", 1);
    cache.sync();
    assertThat(takeCalls()).containsExactly(List.of("a"));
    assertThat(exchange.claims).isEmpty();
  }
}
