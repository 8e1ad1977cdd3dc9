package io.autorefresh.share;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ZERO;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.autorefresh.share.Exchange.Answer;
import io.autorefresh.share.Exchange.Answer.Ask;
import io.autorefresh.share.Exchange.Answer.Take;
import io.autorefresh.share.Exchange.Answer.Wait;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import io.autorefresh.share.Exchange.Receiver;
import io.autorefresh.share.Exchange.Want;
import io.autorefresh.testing.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** To the millisecond, in time that is moved by hand: leases, ages, times to live, and what is passed on. */
class MemoryExchangeTest {

  private static final Duration LEASE = ofMillis(100);
  private static final Duration TIME_TO_LIVE = ofMillis(1_000);

  private final ManualTicker ticker = new ManualTicker();
  private final MemoryExchange store = new MemoryExchange(ticker);
  private final Node a = new Node();
  private final Node b = new Node();

  private final class Node implements Receiver {

    final Exchange exchange = store.connect();
    final List<Entry> received = new ArrayList<>();
    int interruptions;

    Node() {
      try {
        exchange.subscribe(this);
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }

    Answer claim(long maxAge) throws Exception {
      return exchange.claim(List.of(new Want("x", ofMillis(maxAge))), LEASE, ZERO).answers().getFirst();
    }

    Entry publish(Kind kind, long asOf, long version, @Nullable String value, @Nullable Duration retryAfter)
        throws Exception {
      Entry entry = new Entry("x", kind, asOf, version, value == null ? null : value.getBytes(UTF_8), retryAfter);
      exchange.publish(List.of(entry), TIME_TO_LIVE, ZERO);
      return entry;
    }

    @Override
    public void received(List<Entry> entries) { received.addAll(entries); }

    @Override
    public void interrupted() { interruptions++; }
  }

  private long now() throws Exception { return a.exchange.claim(List.of(), LEASE, ZERO).now(); }

  private void pass(long millis) { ticker.advance(ofMillis(millis)); }

  private static void assertTaken(Answer answer, long asOf, long version, String value) {
    Entry entry = ((Take) answer).entry();
    assertThat(List.of(entry.id(), entry.kind(), entry.asOf(), entry.version(), new String(entry.value(), UTF_8)))
        .containsExactly("x", Kind.UPDATED, asOf, version, value);
  }

  @Test
  void lease_lastsToTheMillisecond() throws Exception {
    assertThat(a.claim(0)).isEqualTo(new Ask());
    pass(99);
    assertThat(b.claim(0)).isEqualTo(new Wait(ofMillis(1)));
    pass(1);
    assertThat(b.claim(0)).isEqualTo(new Ask());
    assertThat(a.claim(0)).isEqualTo(new Wait(LEASE));
  }

  @Test
  void lease_claimedAgainByItsHolder_isProlonged() throws Exception {
    a.claim(0);
    pass(60);
    assertThat(a.claim(0)).isEqualTo(new Ask());
    assertThat(b.claim(0)).isEqualTo(new Wait(LEASE));
  }

  @Test
  void entry_youngEnough_isTakenEvenThoughAnotherHasTheLease() throws Exception {
    a.publish(Kind.UPDATED, now(), now(), "v", null);
    pass(50);
    assertThat(a.claim(50)).isEqualTo(new Ask());
    assertTaken(b.claim(51), 1, 1, "v");
    assertThat(b.claim(50)).isEqualTo(new Wait(LEASE));
  }

  @Test
  void maxAgeOfZero_isNeverTaken() throws Exception {
    a.publish(Kind.UPDATED, now(), now(), "v", null);
    assertThat(b.claim(0)).isEqualTo(new Ask());
  }

  @Test
  void olderEntry_isNeitherStoredNorPassedOn() throws Exception {
    pass(10);
    a.publish(Kind.UPDATED, 11, 11, "new", null);
    b.publish(Kind.UPDATED, 10, 10, "old", null);
    assertThat(a.received).isEmpty();
    assertTaken(b.claim(100), 11, 11, "new");
  }

  @Test
  void entryOfTheFuture_isRefused() throws Exception {
    a.publish(Kind.UPDATED, now() + 1, now() + 1, "v", null);
    assertThat(b.received).isEmpty();
    assertThat(b.claim(1_000)).isEqualTo(new Ask());
  }

  @Test
  void unchanged_keepsTheValue_andEndsTheLease() throws Exception {
    a.publish(Kind.UPDATED, 1, 1, "v", null);
    pass(500);
    b.claim(0);
    Entry unchanged = b.publish(Kind.UNCHANGED, 501, 1, null, null);
    assertTaken(a.claim(1), 501, 1, "v");
    assertThat(a.received).containsExactly(unchanged);
    assertThat(a.claim(0)).isEqualTo(new Ask());
  }

  @Test
  void unchanged_whoseValueIsNotStored_tellsItsPublisher() throws Exception {
    a.publish(Kind.UPDATED, 1, 1, "v", null);
    store.clear();
    Entry unchanged = a.publish(Kind.UNCHANGED, 1, 1, null, null);
    assertThat(a.interruptions).isOne();
    assertThat(b.interruptions).isZero();
    assertThat(b.received).contains(unchanged);
    assertThat(b.claim(1_000)).isEqualTo(new Ask());
  }

  @Test
  void deleted_removesTheValue_andNoOlderOneComesBack() throws Exception {
    pass(10);
    a.publish(Kind.UPDATED, 9, 9, "v", null);
    a.publish(Kind.DELETED, 11, 9, null, null);
    b.publish(Kind.UPDATED, 10, 10, "old", null);
    assertThat(b.claim(1_000)).isEqualTo(new Ask());
    assertThat(b.received).extracting(Entry::kind).containsExactly(Kind.UPDATED, Kind.DELETED);
    assertThat(a.received).isEmpty();
  }

  @Test
  void failed_leavesTheEntry_andTheLeaseLastsForItsDelay() throws Exception {
    a.publish(Kind.UPDATED, 1, 1, "v", null);
    pass(10);
    a.claim(0);
    a.publish(Kind.FAILED, 11, 1, null, ofMillis(700));
    pass(600);
    assertTaken(b.claim(1_000), 1, 1, "v");
    assertThat(b.claim(1)).isEqualTo(new Wait(ofMillis(100)));
    b.publish(Kind.PAUSED, 611, 1, null, ofHours(1));
    assertThat(b.claim(1)).isEqualTo(new Wait(ofMillis(100)));
    assertThat(a.claim(1)).isEqualTo(new Ask());
  }

  @Test
  void entry_isForgottenAfterItsTimeToLive() throws Exception {
    a.publish(Kind.UPDATED, 1, 1, "v", null);
    pass(999);
    assertTaken(b.claim(10_000), 1, 1, "v");
    pass(1);
    assertThat(b.claim(10_000)).isEqualTo(new Ask());
  }

  @Test
  void forgottenIds_leaveNothing() throws Exception {
    for (int i = 0; i < 20_000; i++) {
      a.exchange.publish(List.of(new Entry("x" + i, Kind.UPDATED, 1, 1, new byte[1], null)), TIME_TO_LIVE, ZERO);
      pass(i % 10 == 0 ? 10 : 0);
      assertThat(store.size()).isLessThan(4_000);
    }
  }

  @Test
  void delays_ofAnyLength_doNotOverflow() throws Exception {
    a.publish(Kind.PAUSED, 1, 1, null, Duration.ofSeconds(Long.MAX_VALUE));
    assertThat(b.claim(0)).isInstanceOf(Wait.class);
    assertThat(a.exchange.claim(List.of(new Want("x", Duration.ofSeconds(Long.MAX_VALUE))), LEASE, ZERO).answers())
        .containsExactly(new Ask());
  }

  @Test
  void closed_refusesAndReceivesNothing() throws Exception {
    b.exchange.close();
    b.exchange.close();
    a.publish(Kind.UPDATED, 1, 1, "v", null);
    assertThat(b.received).isEmpty();
    assertThatIllegalStateException().isThrownBy(() -> b.claim(0));
    assertThatIllegalStateException().isThrownBy(() -> b.publish(Kind.UPDATED, 1, 1, "v", null));
  }
}
