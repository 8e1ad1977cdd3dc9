package io.autorefresh.share;

import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.kit.LogCapture;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever comes from outside costs its own item at most, is counted, and logged once. */
@Timeout(60)
class BadEntryTest extends SharedCache {

  /** Sends what is wrong twice, with a good entry behind it each time. */
  private void assertRefused(String cause, Entry... bad) {
    try (LogCapture log = LogCapture.open()) {
      for (int i = 1; i <= 2; i++) {
        pass(1_000);
        List<Entry> entries = new ArrayList<>(Arrays.asList(bad));
        entries.add(others.value("good", 10 + i, others.now()));
        others.receiver().received(entries);
        assertThat(cache.get("good")).isEqualTo(10 + i);
      }
      assertThat(cache.get("a")).isEqualTo(1);
      assertThat(cache.stats().entriesRefused()).isEqualTo(2L * bad.length);
      assertThat(log.entries()).filteredOn(line -> line.contains(cause)).hasSize(1);
    }
  }

  private void startWithTwo(Codec<String, Integer> codec) {
    start(builder().share(others, codec));
    cache.getOrCreate("good", 1);
    pass(0);
  }

  @Test
  void bytesThatAreNoValue() {
    startWithTwo(new Others.Numbers());
    long now = others.now() + 1_000;
    assertRefused("the codec failed for a", new Entry("a", Kind.UPDATED, now, now * 1_000, new byte[] {-1, 0}, null));
  }

  @Test
  void codecThatReturnsNull() {
    startWithTwo(new Others.Numbers() {
      @Override
      public Integer decode(byte[] bytes) { return bytes.length == 1 ? null : super.decode(bytes); }

      @Override
      public String id(String text) { return text.equals("a") ? null : text; }
    });
    long now = others.now() + 1_000;
    assertRefused("the codec failed for a", new Entry("a", Kind.UPDATED, now, now * 1_000, Others.bytes(7), null));
  }

  @Test
  void textThatIsNoId() {
    startWithTwo(new Others.Numbers() {
      @Override
      public String id(String text) {
        if (text.startsWith("\n")) {
          throw new IllegalArgumentException("of the test");
        }
        return text;
      }
    });
    assertRefused("the codec failed for \\u000aforged", others.value("\nforged", 7, others.now()));
  }

  @Test
  void nullsInTheList() {
    startWithTwo(new Others.Numbers());
    assertRefused("the exchange failed for an entry", (Entry) null);
  }

  @Test
  void entryOfNulls() {
    startWithTwo(new Others.Numbers());
    assertRefused("the exchange failed for an entry", new Entry(null, null, 0, 0, null, null));
    assertThat(cache.stats().entriesReceived()).isEqualTo(4);
  }

  @Test
  void kindThatIsNull() {
    startWithTwo(new Others.Numbers());
    assertRefused("the exchange failed for a", new Entry("a", null, others.now(), 0, null, null));
  }

  @Test
  void timesOfTheFarFuture() {
    startWithTwo(new Others.Numbers());
    long now = others.now() + 1_000;
    assertRefused("the exchange failed for a",
        new Entry("a", Kind.UPDATED, Long.MAX_VALUE, now * 1_000, Others.bytes(7), null),
        new Entry("a", Kind.UPDATED, now, Long.MAX_VALUE, Others.bytes(7), null));
  }

  @Test
  void negativeTimes_areOld() {
    startWithTwo(new Others.Numbers());
    pass(1_000);
    others.tell(new Entry("a", Kind.UPDATED, Long.MIN_VALUE, Long.MIN_VALUE, Others.bytes(7), null),
        new Entry("a", Kind.UPDATED, -1, -1, Others.bytes(7), null),
        others.without("a", Kind.DELETED, Long.MIN_VALUE, null));
    assertThat(cache.get("a")).isEqualTo(1);
    assertThat(cache.stats().entriesRefused()).isZero();
  }

  @Test
  void delaysOutOfBounds_areCut() {
    start();
    remote.forget();
    pass(1_000);
    others.tell(others.without("a", Kind.FAILED, others.now(), Duration.ofSeconds(Long.MIN_VALUE)),
        others.without("a", Kind.FAILED, others.now(), null));
    pass(9_000);
    assertThat(remote.refreshes("a")).isOne();
    others.tell(others.without("a", Kind.PAUSED, others.now(), Duration.ofSeconds(Long.MAX_VALUE)));
    pass(Duration.ofMinutes(59).toMillis());
    assertThat(remote.refreshes("a")).isOne();
    pass(Duration.ofMinutes(2).toMillis());
    assertThat(remote.refreshes("a")).isGreaterThan(1);
  }

  @Test
  void updatedWithoutAValue_isIgnored() {
    start();
    pass(1_000);
    others.tell(new Entry("a", Kind.UPDATED, others.now(), others.now() * 1_000, null, null));
    assertThat(cache.get("a")).isEqualTo(1);
    assertThat(age()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void doubles_countOnce() {
    start();
    pass(1_000);
    Entry entry = others.value("a", 7, others.now());
    others.tell(entry, entry);
    others.tell(entry);
    pass(0);
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(events).hasSize(2);
  }

  @Test
  void listThatThrows() {
    start();
    others.receiver().received(new AbstractList<>() {
      @Override
      public Entry get(int index) { throw new IllegalStateException("of the test"); }

      @Override
      public int size() { return 1; }
    });
    others.receiver().received(null);
    assertThat(cache.stats().entriesRefused()).isEqualTo(2);
  }

  @Test
  void userCodeThatThrowsForAValue_costsThatEntryAlone() {
    start(builder().unchangedWhen((before, now) -> {
      throw new IllegalStateException("of the test");
    }));
    cache.getOrCreate("good", 1);
    pass(1_000);
    try (LogCapture log = LogCapture.open()) {
      others.tellValue("a", 7);
      assertThat(cache.get("a")).isEqualTo(1);
      assertThat(log.entries()).filteredOn(line -> line.contains("the comparison of values failed for a")).hasSize(1);
      assertThat(cache.stats().entriesRefused()).isOne();
    }
  }

  @Test
  void terminalPredicateThatThrowsForAValue_takesItForLive() {
    start(builder().terminal(value -> {
      if (value == 7) {
        throw new IllegalStateException("of the test");
      }
      return false;
    }));
    pass(1_000);
    others.tellValue("a", 7);
    assertThat(cache.get("a")).isEqualTo(7);
    assertThat(cache.stats().callbackFailures()).isOne();
  }
}
