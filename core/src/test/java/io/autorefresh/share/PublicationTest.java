package io.autorefresh.share;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;

import io.autorefresh.Outcome;
import io.autorefresh.RetryAfterException;
import io.autorefresh.kit.LogCapture;
import io.autorefresh.kit.Remote;
import io.autorefresh.share.Exchange.Entry;
import io.autorefresh.share.Exchange.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a cache tells the others of its own calls. */
@Timeout(60)
class PublicationTest extends SharedCache {

  private Entry published() {
    List<Entry> entries = others.takePublished();
    assertThat(entries).hasSize(1);
    return entries.getFirst();
  }

  private void passPeriod() {
    pass(PERIOD.toMillis());
  }

  @Test
  void firstConfirmation_carriesTheValueThatWasCreatedHere() {
    start();
    Entry entry = published();
    assertThat(entry.id()).isEqualTo("a");
    assertThat(entry.kind()).isEqualTo(Kind.UPDATED);
    assertThat(entry.value()).isEqualTo(Others.bytes(1));
    assertThat(entry.asOf()).isEqualTo(others.now());
    assertThat(entry.version() / 1_000).isEqualTo(entry.asOf());
    assertThat(entry.retryAfter()).isNull();
  }

  @Test
  void P9_confirmationWithoutAChange_carriesNoValue() {
    start();
    long version = published().version();
    passPeriod();
    Entry entry = published();
    assertThat(entry.kind()).isEqualTo(Kind.UNCHANGED);
    assertThat(entry.value()).isNull();
    assertThat(entry.version()).isEqualTo(version);
    assertThat(entry.asOf()).isEqualTo(others.now());
  }

  @Test
  void change_carriesTheValueAndItsOwnVersion() {
    start();
    long version = published().version();
    remote.answersAll(Outcome.updated(2));
    passPeriod();
    Entry entry = published();
    assertThat(entry.kind()).isEqualTo(Kind.UPDATED);
    assertThat(entry.value()).isEqualTo(Others.bytes(2));
    assertThat(entry.version()).isGreaterThan(version).isEqualTo(entry.asOf() * 1_000 + version % 1_000);
  }

  @Test
  void afterLostEntries_theNextConfirmationCarriesTheValue_andTheOneAfterDoesNot() {
    start();
    published();
    others.receiver().interrupted();
    passPeriod();
    assertThat(published().value()).isEqualTo(Others.bytes(1));
    passPeriod();
    assertThat(published().value()).isNull();
  }

  @Test
  void valueThatCameFromOutside_isConfirmedWithItsVersion() {
    start();
    pass(2_000);
    others.tellValue("a", 7);
    others.takePublished();
    pass(13_000);
    Entry entry = published();
    assertThat(entry.kind()).isEqualTo(Kind.UNCHANGED);
    assertThat(entry.version()).isEqualTo(3_000_000);
  }

  @Test
  void asOf_isTheTimeOfTheCallAndNotOfItsAnswer_andCountsTheAgeOfTheAnswer() {
    start();
    published();
    remote.answers(items -> {
      ticker.sleep(ofMillis(300));
      return Remote.all(items, Outcome.<Integer>updated(2).aged(ofSeconds(4)));
    });
    passPeriod();
    pass(300);
    assertThat(published().asOf()).isEqualTo(others.now() - 4_300);
    assertThat(age()).isEqualTo(ofMillis(4_300));
  }

  @Test
  void answerOlderThanTheLastConfirmation_confirmsNothing() {
    start();
    long before = published().asOf();
    remote.answersAll(Outcome.<Integer>updated(2).aged(ofSeconds(60)));
    passPeriod();
    assertThat(cache.get("a")).isEqualTo(1);
    assertThat(age()).isEqualTo(PERIOD);
    assertThat(published().asOf()).isEqualTo(before);
  }

  @Test
  void nextIn_isToldToTheOthers() {
    start();
    published();
    remote.answersAll(Outcome.<Integer>unchanged().nextIn(Duration.ofMinutes(5)));
    passPeriod();
    assertThat(published().retryAfter()).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void failedOutcome_tellsWhenItIsTriedAgain() {
    start();
    published();
    remote.answersAll(Outcome.failed(new IOException("of the test")));
    passPeriod();
    Entry entry = published();
    assertThat(entry.kind()).isEqualTo(Kind.FAILED);
    assertThat(entry.retryAfter()).isEqualTo(state().dueIn());
  }

  @Test
  void callThatThrows_tellsSoOfEachItem() {
    start();
    cache.getOrCreate("b", 1);
    pass(0);
    others.takePublished();
    remote.answers(items -> {
      throw new IOException("of the test");
    });
    pass(15_000);
    assertThat(others.takePublished()).extracting(Entry::kind).contains(Kind.FAILED).containsOnly(Kind.FAILED);
  }

  @Test
  void M1_retryAfter_isToldAsAPauseOfTheGroup_fromTheTimeOfTheCallOn() {
    start();
    published();
    remote.answers(items -> {
      ticker.sleep(ofMillis(300));
      throw new RetryAfterException(ofSeconds(40));
    });
    passPeriod();
    pass(300);
    Entry entry = published();
    assertThat(entry.kind()).isEqualTo(Kind.PAUSED);
    assertThat(entry.asOf()).isEqualTo(others.now() - 300);
    assertThat(entry.retryAfter()).isEqualTo(ofMillis(40_300));
  }

  @Test
  void deleted_isTold_andADeletionOfThisCacheIsNot() {
    start();
    cache.getOrCreate("b", 1);
    pass(0);
    others.takePublished();
    cache.deleteDelayed("b");
    remote.answers(items -> Map.of("a", Outcome.deleted()));
    pass(PERIOD.toMillis() * 2);
    assertThat(remote.deletions()).containsExactly("b");
    assertThat(published()).returns("a", Entry::id).returns(Kind.DELETED, Entry::kind);
  }

  @Test
  void valueThatCannotBeEncoded_isNotShared_andTriedAgain() {
    Others.Numbers codec = new Others.Numbers() {
      @Override
      public byte[] encode(Integer value) {
        if (value == 2) {
          throw new IllegalStateException("of the test");
        }
        return super.encode(value);
      }
    };
    try (LogCapture log = LogCapture.open()) {
      start(builder().share(others, codec));
      published();
      remote.answersAll(Outcome.updated(2));
      passPeriod();
      passPeriod();
      assertThat(cache.get("a")).isEqualTo(2);
      assertThat(others.takePublished()).isEmpty();
      assertThat(cache.stats().callbackFailures()).isEqualTo(2);
      assertThat(log.entries()).filteredOn(line -> line.contains("the codec failed for a")).hasSize(1);
      remote.answersAll(Outcome.updated(3));
      passPeriod();
      assertThat(published().value()).isEqualTo(Others.bytes(3));
    }
  }

  @Test
  void idWithoutAText_isRefreshedByThisCacheAlone() {
    Others.Numbers codec = new Others.Numbers() {
      @Override
      public String text(String id) {
        throw new IllegalStateException("of the test");
      }
    };
    try (LogCapture log = LogCapture.open()) {
      start(builder().share(others, codec));
      passPeriod();
      passPeriod();
      assertThat(remote.refreshes("a")).isEqualTo(3);
      assertThat(others.takePublished()).isEmpty();
      assertThat(log.entries()).filteredOn(line -> line.contains("the codec failed for a")).hasSize(1);
    }
  }

  @Test
  void unansweredItem_isAskedForAgainAPeriodLater() {
    start();
    published();
    remote.answers(items -> Map.of());
    pass(25_000);
    assertThat(remote.refreshes("a")).isEqualTo(3);
    assertThat(others.takePublished()).isEmpty();
  }
}
